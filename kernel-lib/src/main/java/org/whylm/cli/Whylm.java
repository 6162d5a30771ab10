package org.whylm.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. Exit code 0; 1 for a failure, with one line that says what failed; 2 for wrong usage. */
@Command(
        name = "whylm",
        description = "Why language models help solve downstream tasks, from the command line.",
        mixinStandardHelpOptions = true,
        version = "whylm 0.1.0")
public final class Whylm {

    /** What a user may give for a model. */
    static final String MODEL =
            "smollm2 or another name of datasets/models.json, hub:org/name, a GGUF file, or a Hugging Face directory.";

    /** What a user may give for labelled texts. */
    static final String CSV = "Columns label and text (.csv or .csv.gz).";

    private static final List<Class<?>> COMMANDS = List.of(
            Inventory.class,
            Inspect.class,
            Probe.class,
            Fetch.class,
            Theory.class,
            Verify.class,
            Report.class,
            Across.class,
            Pretrain.class,
            TrainDump.class,
            YourTask.class);

    private Whylm() {}

    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        refuseDamaged(arguments);
        System.exit(run(commandLine(arguments), arguments));
    }

    /** Runs a command; what it printed but could not be written is a failure. */
    static int run(CommandLine command, String... arguments) {
        int code;
        try {
            code = command.execute(arguments);
        } catch (OutOfMemoryError | StackOverflowError e) {
            command.getErr()
                    .println("whylm: not enough memory (" + message(e) + "): give Java more, as in"
                            + " WHYLM_MEMORY=8g, or less to read");
            return 1;
        }
        if (code != 0 || !command.getOut().checkError()) {
            return code;
        }
        command.getErr()
                .println("whylm: the output could not be written to its end: is the disk full, or its reader gone?");
        return 1;
    }

    /** A stream as text in UTF-8; of a stream, not a {@code PrintStream}, which keeps its failures to itself. */
    static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(new TerminalText(new OutputStreamWriter(stream, StandardCharsets.UTF_8)), true);
    }

    /** With the command that is named first, else with all: to read what all take costs 30 ms. */
    static CommandLine commandLine(String... arguments) {
        var named = COMMANDS.stream()
                .filter(command -> arguments.length > 0
                        && command.getAnnotation(Command.class).name().equals(arguments[0]))
                .toList();
        var line = new CommandLine(new Whylm());
        (named.isEmpty() ? COMMANDS : named).forEach(line::addSubcommand);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false)
                .setOut(writer(new FileOutputStream(FileDescriptor.out)))
                .setErr(writer(new FileOutputStream(FileDescriptor.err)))
                .setParameterExceptionHandler((failure, given) -> {
                    var command = failure.getCommandLine();
                    command.getErr()
                            .println("whylm: " + wrongUsage(failure, given) + " (see "
                                    + command.getCommandSpec().qualifiedName() + " --help)");
                    return 2;
                })
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("whylm: " + message(failure));
                    return 1;
                });
    }

    /**
     * Java 17 reads arguments in the character set of the locale. Under one that is not UTF-8 every character outside ASCII
     * would silently become another, and so would tokens and numbers.
     */
    private static void refuseDamaged(String[] arguments) {
        var charset = System.getProperty("sun.jnu.encoding", "UTF-8");
        for (var argument : arguments) {
            if (!charset.equalsIgnoreCase("UTF-8") && argument.chars().anyMatch(c -> c > 0x7F)) {
                System.err.println("whylm: the locale's character set is " + charset
                        + ", so the arguments did not arrive as typed: set LC_ALL=C.UTF-8 and run again");
                System.exit(2);
            }
        }
    }

    private static String wrongUsage(ParameterException failure, String[] arguments) {
        var command = failure.getCommandLine();
        var unknown = unknownOptions(command, arguments);
        if (!unknown.isEmpty()) {
            return unknown(command, unknown);
        }
        var commands = String.join(", ", command.getSubcommands().keySet());
        if (commands.isEmpty()) {
            return failure.getMessage();
        }
        return failure instanceof UnmatchedArgumentException other
                ? "There is no command " + other.getUnmatched().get(0) + "; there are " + commands
                : "Name one of " + commands;
    }

    /** What looks like an option of a command and is none; what follows {@code --} or an option that takes a value is a value. */
    private static List<String> unknownOptions(CommandLine command, String[] arguments) {
        var options = command.getCommandSpec().optionsMap();
        var unknown = new ArrayList<String>();
        for (int i = 0; i < arguments.length && !arguments[i].equals("--"); i++) {
            var name = arguments[i].split("=", 2)[0];
            var option = options.get(name);
            if (option != null) {
                i += arguments[i].contains("=") || option.arity().max() == 0 ? 0 : 1;
            } else if (name.matches("--?[A-Za-z].*")) {
                unknown.add(name);
            }
        }
        return unknown;
    }

    private static String unknown(CommandLine command, List<String> unknown) {
        var takesTexts = !command.getCommandSpec().positionalParameters().isEmpty();
        var known = new TreeSet<>(command.getCommandSpec().optionsMap().keySet());
        return "Unknown option " + String.join(", ", unknown) + "; there are " + String.join(", ", known)
                + (takesTexts ? "; a text that begins with - goes behind --" : "");
    }

    private static String message(Throwable failure) {
        var message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return message.replaceAll("\\s*\\R\\s*", "; ");
    }
}
