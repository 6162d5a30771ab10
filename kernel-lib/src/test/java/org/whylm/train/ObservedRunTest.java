package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.TrainableModel;
import org.whylm.run.Engine;
import org.whylm.run.Interruption;

/** Oracle: {@link Trainer}, which looks at the same model by another way. */
class ObservedRunTest {

    private static final int V = 20, D = 8, LENGTH = 6;
    private static final TrainableModel MODEL = TrainableModel.gpt2(new Gpt2Config(V, D, 1, 1, LENGTH));
    private static final List<Integer> UPDATES = List.of(2, 6, 10);

    private static TokenStream data() {
        var random = new Random(1);
        var words = new int[10 * 4 * LENGTH + 1];
        for (int at = 1; at < words.length; at++) {
            words[at] = random.nextInt(4) == 0 ? random.nextInt(V) : (words[at - 1] + 1) % V;
        }
        return new TokenStream(words, LENGTH);
    }

    /** What each position of the first eight examples has read, in the order of the positions. */
    private static List<int[]> contexts() {
        var contexts = new ArrayList<int[]>();
        for (int at = 0; at < 8 * LENGTH; at++) {
            contexts.add(Arrays.copyOfRange(data().tokens(), at / LENGTH * LENGTH, at + 1));
        }
        return contexts;
    }

    static Stream<Arguments> runs() {
        var random = new Random(2);
        var phi = new float[V][D];
        for (var row : phi) {
            for (int i = 0; i < D; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return Stream.of(
                Arguments.of(PretrainingLoss.CROSS_ENTROPY, new OutputLayer.Learned()),
                Arguments.of(PretrainingLoss.QUAD, OutputLayer.Learned.forQuad(MODEL, 7, data())),
                Arguments.of(PretrainingLoss.QUAD, new OutputLayer.Fixed(phi)));
    }

    private static TrainingConfig config(PretrainingLoss loss) {
        return new TrainingConfig(loss, 10, 4, 3e-2, 2, 0.1, 1, 0, 7);
    }

    private static ObservedRun run(Path folder, PretrainingLoss loss, OutputLayer output) {
        return new ObservedRun(folder, MODEL, output, config(loss), data(), contexts(), UPDATES);
    }

    @ParameterizedTest
    @MethodSource("runs")
    void theObjectiveOfWhatIsSeenIsTheTrainers(PretrainingLoss loss, OutputLayer output, @TempDir Path folder) {
        var seen = run(folder, loss, output).observe();
        assertEquals(
                UPDATES, seen.stream().map(ObservedRun.Observation::updates).toList());
        try (var trainer = Trainer.start(MODEL, output, config(loss), data())) {
            for (var each : seen) {
                trainer.run(each.updates());
                var first = new TokenStream(Arrays.copyOf(data().tokens(), 8 * LENGTH + 1), LENGTH);
                var words = Arrays.copyOfRange(data().tokens(), 1, 8 * LENGTH + 1);
                var value = loss.objective()
                        .evaluate(doubles(each.f()), doubles(each.phi()), words)
                        .value();
                assertEquals(trainer.loss(first), value, 1e-5 * Math.max(1, Math.abs(value)));
            }
        }
    }

    /** The oracle of a run in double precision is the run in single precision, which has the losses of the PyTorch twin. */
    @ParameterizedTest
    @MethodSource("runs")
    void runsAreMadeInDoublePrecision(PretrainingLoss loss, OutputLayer output, @TempDir Path folder) {
        var last = run(folder, loss, output).observe().get(UPDATES.size() - 1);
        try (var single = Trainer.start(MODEL, output, config(loss), data());
                var twice = Trainer.start(MODEL, output, config(loss), data(), DataType.FLOAT64)) {
            Engine.onOneThread(() -> {
                single.run();
                twice.run();
                return twice;
            });
            for (int step = 0; step < single.step(); step++) {
                double expected = single.losses().get(step);
                assertEquals(expected, twice.losses().get(step), 1e-5 * Math.max(1, Math.abs(expected)));
            }
            assertNotEquals(single.losses(), twice.losses());
            var phi = twice.parameters().get(TrainableModel.OUTPUT_EMBEDDINGS);
            assertArrayEquals(phi, NextWordHead.rowMajor(last.phi(), D));
        }
    }

    private static double[][] doubles(float[][] rows) {
        return Arrays.stream(rows)
                .map(row -> {
                    var values = new double[row.length];
                    Arrays.setAll(values, i -> row[i]);
                    return values;
                })
                .toArray(double[][]::new);
    }

    @ParameterizedTest
    @MethodSource("runs")
    void interruptedRunEndsAtTheSameBits(PretrainingLoss loss, OutputLayer output, @TempDir Path folder)
            throws IOException {
        var straight = run(folder.resolve("straight"), loss, output).observe();
        var broken = folder.resolve("broken");
        // After two updates towards the second look, which is four updates away.
        var lines = new AtomicInteger();
        Interruption.of(
                () -> run(broken, loss, output).observe(), line -> line.contains("/4") && lines.incrementAndGet() == 2);
        assertEquals(1, observations(broken));
        assertSame(straight, run(broken, loss, output).observe());
        assertEquals(3, observations(broken));
        assertSame(straight, run(broken, loss, output).observe());
    }

    private static long observations(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("observed-"))
                    .count();
        }
    }

    private static void assertSame(List<ObservedRun.Observation> expected, List<ObservedRun.Observation> actual) {
        for (int i = 0; i < expected.size(); i++) {
            for (int w = 0; w < V; w++) {
                assertArrayEquals(expected.get(i).phi()[w], actual.get(i).phi()[w]);
            }
            for (int s = 0; s < expected.get(i).f().length; s++) {
                assertArrayEquals(expected.get(i).f()[s], actual.get(i).f()[s]);
            }
        }
    }

    @Test
    void whatARunDependsOnHasAFolderOfItsOwn(@TempDir Path folder) throws IOException {
        var output = new OutputLayer.Learned();
        run(folder, PretrainingLoss.CROSS_ENTROPY, output).observe();
        var fewer = contexts().subList(0, 5);
        new ObservedRun(folder, MODEL, output, config(PretrainingLoss.CROSS_ENTROPY), data(), fewer, UPDATES).observe();
        new ObservedRun(folder, MODEL, output, config(PretrainingLoss.CROSS_ENTROPY), data(), contexts(), List.of(10))
                .observe();
        new ObservedRun(
                        folder,
                        MODEL,
                        new OutputLayer.Learned(2),
                        config(PretrainingLoss.QUAD),
                        data(),
                        contexts(),
                        UPDATES)
                .observe();
        try (var folders = Files.list(folder)) {
            var all = folders.toList();
            assertEquals(4, all.size());
            for (var each : all) {
                assertTrue(Files.notExists(each.resolve("training.json")), "a complete run keeps no state");
            }
        }
    }
}
