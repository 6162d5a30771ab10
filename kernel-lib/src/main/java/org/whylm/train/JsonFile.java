package org.whylm.train;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** JSON files that are whole or as they were. */
final class JsonFile {

    private JsonFile() {}

    /** Writes under a temporary name and moves. */
    static void write(Path file, Object value) {
        try {
            var folder = Files.createDirectories(file.toAbsolutePath().getParent());
            var partial = Files.createTempFile(folder, file.getFileName().toString(), ".partial");
            Files.writeString(partial, new Gson().toJson(value) + "\n");
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }
}
