package org.whylm.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Where a command is to write: what cannot be written is refused before it computes, not after. */
final class OutputPath {

    private OutputPath() {}

    /**
     * Refuses a folder that cannot be made or written into.
     *
     * @param folder null where the option is not given
     */
    static void requireFolder(CommandSpec command, String option, Path folder) {
        if (folder != null) {
            requireNamed(command, option, folder);
            requireWritable(command, option, folder);
        }
    }

    /** The same of a file, with the folder that it is to lie in. */
    static void requireFile(CommandSpec command, String option, Path file) {
        if (file != null) {
            requireNamed(command, option, file);
            if (Files.isDirectory(file)) {
                throw new ParameterException(command.commandLine(), option + " " + file + " is a folder: name a file");
            }
            requireWritable(command, option, file.toAbsolutePath().getParent());
        }
    }

    private static void requireNamed(CommandSpec command, String option, Path path) {
        if (path.toString().isBlank()) {
            throw new ParameterException(command.commandLine(), option + " is empty: name a place to write to");
        }
    }

    private static void requireWritable(CommandSpec command, String option, Path folder) {
        var there = folder.toAbsolutePath();
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            throw new ParameterException(
                    command.commandLine(),
                    option + ": " + there + " is no folder that can be written to; name another");
        }
    }
}
