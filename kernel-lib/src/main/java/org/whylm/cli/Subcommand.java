package org.whylm.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands have: {@code --help}, where they print, and how they refuse. */
@Command(mixinStandardHelpOptions = true)
abstract class Subcommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

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

    /** Refuses a folder that cannot be made or written into: before the command computes, not after. */
    final void requireFolder(String option, Path folder) {
        requireNamed(option, folder);
        var there = folder.toAbsolutePath();
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            throw usage(option + ": " + there + " is no folder that can be written to; name another");
        }
    }

    /** The same of a file, with the folder that it is to lie in; null where the option is not given. */
    final void requireFile(String option, Path file) {
        if (file != null) {
            requireNamed(option, file);
            if (Files.isDirectory(file)) {
                throw usage(option + " " + file + " is a folder: name a file");
            }
            requireFolder(option, file.toAbsolutePath().getParent());
        }
    }

    private void requireNamed(String option, Path path) {
        if (path.toString().isBlank()) {
            throw usage(option + " is empty: name a place to write to");
        }
    }
}
