package org.whylm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Oracle: {@code twin/train_twin.py}, PyTorch and Hugging Face transformers, on the weights and batches that the same command
 * wrote; its losses are beside it.
 */
class TrainDumpTest {

    private static final Path TWIN = Path.of("src", "test", "resources", "twin");

    @ParameterizedTest
    @CsvSource({
        "xent, --loss=CROSS_ENTROPY",
        "quad, --loss=QUAD",
        "xent-fixed, --loss=CROSS_ENTROPY --fixed-phi",
        "quad-fixed, --loss=QUAD --fixed-phi"
    })
    void lossesAreThoseOfThePyTorchTwin(String name, String options, @TempDir Path folder) throws IOException {
        var arguments = ("train-dump " + options + " " + folder).split(" ");
        assertEquals(0, Whylm.commandLine().execute(arguments));
        var expected = losses(TWIN.resolve(name + ".json"));
        assertEquals(20, expected.length);
        assertArrayEquals(expected, losses(folder.resolve("losses.json")), 1e-4);
        assertTrue(Files.size(folder.resolve("initial.safetensors")) > 0);
    }

    private static double[] losses(Path file) throws IOException {
        return new Gson().fromJson(Files.readString(file), double[].class);
    }

    @Test
    void wrongUsageIsReported(@TempDir Path folder) {
        assertEquals(2, Whylm.commandLine().execute("train-dump", "--loss=HINGE", folder.toString()));
        assertEquals(2, Whylm.commandLine().execute("train-dump"));
        assertEquals(1, Whylm.commandLine().execute("train-dump", "--heads=3", folder.toString()));
    }
}
