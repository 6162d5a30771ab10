package org.whylm.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files, folders and resources read whole; what cannot be read is an {@link IoFailure} that names it. */
public final class Input {

    private Input() {}

    /** A UTF-8 text file. */
    public static String text(Path file) {
        return IoFailure.unless("Cannot read " + file, () -> Files.readString(file));
    }

    /** What a folder holds, in the order of the names; nothing if there is no such folder. */
    public static List<Path> folder(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new IoFailure("Cannot list " + folder, e);
        }
    }

    /** The names of what a folder holds that have an ending, without it. */
    public static List<String> names(Path folder, String ending) {
        return folder(folder).stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(ending))
                .map(name -> name.substring(0, name.length() - ending.length()))
                .toList();
    }

    /** A UTF-8 text that lies beside a class of this library. */
    public static String resource(Class<?> beside, String name) {
        try (var in = beside.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IoFailure("Cannot read " + name + " of the library", e);
        }
    }
}
