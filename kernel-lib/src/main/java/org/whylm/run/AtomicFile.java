package org.whylm.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that are whole or not there: they are written under another name in the same folder and then moved. */
public final class AtomicFile {

    private AtomicFile() {}

    /**
     * Writes a UTF-8 text file, creating its folder.
     *
     * @throws UncheckedIOException if it cannot be written; the file is then as it was before
     */
    public static void write(Path file, String text) {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes a file, creating its folder.
     *
     * @throws UncheckedIOException if it cannot be written; the file is then as it was before
     */
    public static void write(Path file, byte[] bytes) {
        var folder = file.toAbsolutePath().getParent();
        var temporary = folder.resolve(
                "." + file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            Files.createDirectories(folder);
            try {
                Files.write(temporary, bytes);
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new IoFailure("Cannot write " + file, e);
        }
    }
}
