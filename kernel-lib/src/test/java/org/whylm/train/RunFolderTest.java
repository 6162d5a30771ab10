package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.run.Engine;

/** A saved run is read as it was saved, or not at all. */
class RunFolderTest {

    private record State(List<Double> losses) {}

    @TempDir
    Path folder;

    @Test
    void aChangedByteOfTheArraysOrOfTheStateIsNoticed() throws IOException {
        var run = new RunFolder(folder);
        var state = new State(List.of(1.5, 1e-7, 0.1));
        try (var manager = Engine.newManager()) {
            run.write(3, state, Map.of("a", manager.create(new float[] {1, 2, 3})));
        }
        assertEquals(state, run.read(State.class));
        for (var name : List.of("training.json", "training-000003.safetensors")) {
            var sound = Files.readAllBytes(folder.resolve(name));
            for (int at = 0; at < sound.length; at += 3) {
                var damaged = sound.clone();
                damaged[at] ^= 1;
                Files.write(folder.resolve(name), damaged);
                if (!new String(damaged).replaceAll("\\s", "").equals(new String(sound).replaceAll("\\s", ""))) {
                    var error = assertThrows(IllegalArgumentException.class, () -> run.read(State.class));
                    assertTrue(error.getMessage().contains("training"), error.getMessage());
                }
            }
            Files.write(folder.resolve(name), sound);
        }
        assertEquals(state, run.read(State.class));
    }

    @Test
    void aStateThatNamesAnotherFileIsRefused() throws IOException {
        var run = new RunFolder(folder);
        for (var name : List.of("/", "", "..", "../training-000003.safetensors", "a\\u0000b", "training.json")) {
            Files.writeString(
                    folder.resolve("training.json"),
                    "{\"arrays\": \"" + name + "\", \"sha256\": \"0\", \"state\": {\"losses\": []}}");
            var error = assertThrows(IllegalArgumentException.class, () -> run.read(State.class), name);
            assertEquals(IllegalArgumentException.class, error.getClass());
            assertTrue(error.getMessage().contains("was changed since it was saved"), error.getMessage());
        }
    }
}
