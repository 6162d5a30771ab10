package org.whylm.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. Exit code 0; 1 for a failure, with one line that says what failed; 2 for wrong usage. */
@Command(
        name = "whylm",
        description = "Why language models help solve downstream tasks, from the command line.",
        mixinStandardHelpOptions = true,
        version = "whylm 0.1.0",
        subcommands = {
            Inspect.class,
            Probe.class,
            Fetch.class,
            Theory.class,
            Verify.class,
            Report.class,
            Pretrain.class,
            TrainDump.class
        })
public final class Whylm {

    private Whylm() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Whylm())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("whylm: " + message(failure));
                    return 1;
                });
    }

    private static String message(Throwable failure) {
        var message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return message.replaceAll("\\s*\\R\\s*", "; ");
    }
}
