package org.whylm.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.lm.LanguageModels;
import org.whylm.probe.LogisticRegression;

/** Each benchmark does one round on a tiny case, and gives what the library gives; nothing is said of time. */
class BenchmarkSmokeTest {

    private static final String MODEL =
            Path.of("src/test/resources/fixtures/tiny-llama-gguf").toAbsolutePath() + "";

    @TempDir
    private Path folder;

    @Test
    void modelsRead() throws IOException {
        var gguf = gguf();
        try (var model = LanguageModels.load(gguf)) {
            var texts = Files.write(folder.resolve("texts"), List.of("hello there", "a"));
            var tokens = round("measure=tokens", "model=" + gguf, "texts=" + texts, "prompt=\\ is");
            int length = (int) tokens[1];
            var ids = Arrays.stream(tokens, 2, 2 + length)
                    .mapToInt(id -> (int) id)
                    .toArray();
            assertArrayEquals(model.tokenizer().encode("hello there"), ids);

            var f = Arguments.head(model.f("hello there"));
            assertArrayEquals(
                    f, round("measure=forward", "model=" + gguf, "ids=" + ints(ids), "length=" + length), 1e-5);
            var extracted = round("measure=extraction", "model=" + gguf, "texts=" + texts, "prompt=\\ is");
            assertArrayEquals(f, Arrays.copyOf(extracted, 8), 1e-5);
        }
    }

    @Test
    void productsAreMade() throws IOException {
        assertEquals(0, round("measure=products", "repeat=2", "times=3", "products=3,4,5 2,3,4,5").length);
    }

    /** With one word, {@code Φp = φ} and {@code log Z = φ·θ}. */
    @Test
    void statesAreReadOut() throws IOException {
        var answer = round("measure=read-out", "d=2", "phi=" + floats(3, 4), "states=" + floats(0.5f, 2));
        assertArrayEquals(new double[] {9.5, 4}, answer, 1e-6);
    }

    @Test
    void aRegressionIsChosen() throws IOException {
        var random = new Random(1);
        var x = new float[40][3];
        var labels = IntStream.range(0, 40).map(i -> i % 2).toArray();
        for (int i = 0; i < 40; i++) {
            for (int j = 0; j < 3; j++) {
                x[i][j] = (float) (random.nextGaussian() + labels[i]);
            }
        }
        var flat = new float[120];
        for (int i = 0; i < 120; i++) {
            flat[i] = x[i / 3][i % 3];
        }
        var answer = round("measure=regression", "d=3", "classes=2", "x=" + floats(flat), "labels=" + ints(labels));
        var model = LogisticRegression.fit(x, labels, 2, answer[0]);
        assertArrayEquals(model.weights()[0], Arrays.copyOfRange(answer, 1, 4), 1e-5);
        assertEquals(model.intercepts()[0], answer[4], 1e-5);
    }

    @Test
    void bothLossesAreTrained() throws IOException {
        for (var loss : List.of("CROSS_ENTROPY", "QUAD")) {
            var answer = round(
                    "measure=training",
                    "loss=" + loss,
                    "vocabulary=50",
                    "d=8",
                    "blocks=1",
                    "heads=2",
                    "length=8",
                    "batch=2",
                    "steps=2");
            assertTrue(Double.isFinite(answer[0]));
        }
    }

    @Test
    void whatIsMissingIsNamed() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> round("measure=products"))
                .getMessage()
                .contains("times"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> round("measure=speed"))
                .getMessage()
                .contains("speed"));
    }

    private double[] round(String... arguments) throws IOException {
        try (var rounds = new Rounds()) {
            assertEquals(0, rounds.answer(Files.write(folder.resolve("arguments"), List.of(arguments)) + "").length);
            return rounds.answer("");
        }
    }

    private static String gguf() throws IOException {
        try (var files = Files.list(Path.of(MODEL))) {
            return files.filter(file -> file.toString().endsWith(".gguf"))
                            .findFirst()
                            .orElseThrow() + "";
        }
    }

    private Path floats(float... values) throws IOException {
        var bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return Files.write(Files.createTempFile(folder, "floats", ""), bytes.array());
    }

    private Path ints(int... values) throws IOException {
        var bytes = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return Files.write(Files.createTempFile(folder, "ints", ""), bytes.array());
    }
}
