package org.whylm.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands have: {@code --help}, where they print, and how they refuse. */
@Command(mixinStandardHelpOptions = true)
abstract class Subcommand implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Says what a user must know of what is printed. */
    final void note(String what) {
        err().println("note: " + what);
    }

    /** That the command was not given what it needs. */
    final ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
