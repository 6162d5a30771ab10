package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.States;

/** Models made of a model: cut after a block, with an affine map behind the norm, with noise. */
class CutModelTest {

    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures");

    /** What transformers makes of the states behind each block, at the last token and over the text. */
    record After(float[] state, float[] f, double meanCrossEntropy) {}

    record Blocks(int[] ids, List<After> after) {}

    private static LanguageModel load(String name) {
        return LanguageModels.load(FIXTURES.resolve(name).toString());
    }

    private static Blocks blocks(String name) throws IOException {
        return new Gson().fromJson(Files.readString(FIXTURES.resolve(name).resolve("blocks.json")), Blocks.class);
    }

    /** Oracle: {@code output_hidden_states} of Hugging Face transformers, its norm and output embeddings on each of them. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-gpt2", "tiny-llama-tied"})
    void statesAndFBehindEachBlockAgreeWithTransformers(String name) throws IOException {
        var expected = blocks(name);
        try (var model = load(name)) {
            assertEquals(model.blocks() + 1, expected.after().size());
            var every = IntStream.rangeClosed(0, model.blocks()).boxed().toList();
            var reading = List.of(Reading.everywhere(expected.ids()));
            var states = model.statesAfter(every, reading);
            int last = expected.ids().length - 1;
            for (int block : every) {
                var oracle = expected.after().get(block);
                assertArrayEquals(oracle.state(), states.get(block).get(0)[last], 1e-4f);
                try (var cut = model.cutAfter(block)) {
                    assertEquals(block, cut.blocks());
                    var f = cut.f(states.get(block).get(0));
                    assertArrayEquals(oracle.f(), f[last], 1e-4f);
                    assertArrayEquals(oracle.f(), cut.hiddenStates(reading).get(0)[last], 1e-4f);
                    assertEquals(oracle.meanCrossEntropy(), meanCrossEntropy(cut, f, expected.ids()), 1e-4);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-gpt2", "tiny-llama-tied"})
    void aModelCutBehindItsLastBlockIsTheModel(String name) throws IOException {
        var reading = List.of(Reading.everywhere(blocks(name).ids()));
        try (var model = load(name);
                var cut = model.cutAfter(model.blocks())) {
            assertArrayEquals(
                    model.hiddenStates(reading).get(0),
                    cut.hiddenStates(reading).get(0));
            assertNotEquals(model.sha256(), cut.sha256());
        }
    }

    /** Blocks may be asked for in any order, and twice; a reading's positions are those that are returned. */
    @Test
    void statesComeInTheOrderAskedFor() throws IOException {
        var ids = blocks("tiny-gpt2").ids();
        try (var model = load("tiny-gpt2")) {
            var readings = List.of(Reading.atLast(Arrays.copyOf(ids, 5)), new Reading(ids, new int[] {4, 0}));
            var states = model.statesAfter(List.of(3, 1, 3), readings);
            assertArrayEquals(states.get(0).get(1), states.get(2).get(1));
            for (int i = 0; i < 2; i++) {
                var whole = States.before(model, i == 0 ? 3 : 1, List.of(ids)).get(0);
                assertArrayEquals(whole[4], states.get(i).get(0)[0], 1e-5f);
                assertArrayEquals(whole[4], states.get(i).get(1)[0], 1e-5f);
                assertArrayEquals(whole[0], states.get(i).get(1)[1], 1e-5f);
            }
            assertEquals(List.of(List.of(), List.of()), model.statesAfter(List.of(0, 2), List.of()));
            assertThrows(IllegalArgumentException.class, () -> model.statesAfter(List.of(4), readings));
            assertThrows(IllegalArgumentException.class, () -> model.cutAfter(4));
            assertThrows(IllegalArgumentException.class, () -> model.cutAfter(-1));
            assertThrows(IllegalArgumentException.class, () -> model.f(new float[][] {new float[7]}));
        }
    }

    /** {@code V(Wf + b) + c}, computed here in double precision. */
    @Test
    void affineMapsFollowOneAnother() throws IOException {
        var reading = List.of(Reading.everywhere(blocks("tiny-gpt2").ids()));
        var random = new Random(4);
        try (var model = load("tiny-gpt2")) {
            int d = model.dimension();
            double[][] w = matrix(random, d), v = matrix(random, d);
            double[] b = vector(random, d), c = vector(random, d);
            try (var once = model.followedBy(w, b);
                    var twice = once.followedBy(v, c)) {
                var f = model.hiddenStates(reading).get(0);
                var mapped = twice.hiddenStates(reading).get(0);
                for (int row = 0; row < f.length; row++) {
                    var expected = apply(v, c, apply(w, b, doubles(f[row])));
                    for (int i = 0; i < d; i++) {
                        assertEquals(expected[i], mapped[row][i], 1e-3);
                    }
                }
                assertNotEquals(once.sha256(), twice.sha256());
            }
            assertThrows(IllegalArgumentException.class, () -> model.followedBy(w, new double[d - 1]));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-gpt2", "tiny-llama-tied"})
    void noiseHasTheSizeAskedForAndIsOnMatricesOnly(String name) {
        try (var model = load(name);
                var noisy = model.withNoise(0.1, 7);
                var noisier = model.withNoise(0.2, 7);
                var other = model.withNoise(0.1, 8)) {
            var before = parameters(model);
            var one = parameters(noisy);
            var two = parameters(noisier);
            var another = parameters(other);
            assertEquals(before.keySet(), one.keySet());
            int matrices = 0;
            for (var parameter : before.keySet()) {
                var values = before.get(parameter);
                if (isMatrix(parameter)) {
                    var noise = minus(one.get(parameter), values);
                    var twice = minus(two.get(parameter), values);
                    assertEquals(0.1, rms(noise) / rms(values), 0.005, parameter);
                    assertEquals(0, rms(minus(twice, plus(noise, noise))) / rms(twice), 1e-5, parameter);
                    assertTrue(rms(minus(another.get(parameter), one.get(parameter))) > 0.1 * rms(values), parameter);
                    matrices++;
                } else {
                    assertArrayEquals(values, one.get(parameter), parameter);
                }
            }
            assertEquals(4 * model.blocks(), matrices);
            assertNotEquals(noisy.sha256(), noisier.sha256());
            assertThrows(IllegalArgumentException.class, () -> model.withNoise(-0.1, 7));
            assertThrows(IllegalArgumentException.class, () -> model.withNoise(Double.NaN, 7));
        }
    }

    @Test
    void noNoiseIsTheModelAndTheSameSeedTheSameNoise() throws IOException {
        var reading = List.of(Reading.everywhere(blocks("tiny-llama-tied").ids()));
        try (var model = load("tiny-llama-tied");
                var still = model.withNoise(0, 7);
                var noisy = model.withNoise(0.3, 7);
                var again = model.withNoise(0.3, 7)) {
            var f = model.hiddenStates(reading).get(0);
            assertArrayEquals(f, still.hiddenStates(reading).get(0));
            var changed = noisy.hiddenStates(reading).get(0);
            assertArrayEquals(changed, again.hiddenStates(reading).get(0));
            assertTrue(rms(minus(changed[3], f[3])) > 1e-3);
            assertEquals(noisy.sha256(), again.sha256());
        }
    }

    private static boolean isMatrix(String parameter) {
        return parameter.endsWith("weight") && !parameter.contains("norm") && !parameter.contains("ln_");
    }

    private static Map<String, float[]> parameters(LanguageModel model) {
        var parameters = new LinkedHashMap<String, float[]>();
        var network = model.network();
        network.architecture()
                .upper(0, model.blocks())
                .forEach(each -> parameters.put(
                        each.name(), network.tensors().get(each.name()).toFloatArray()));
        return parameters;
    }

    private static double meanCrossEntropy(LanguageModel model, float[][] f, int[] ids) {
        var next = Arrays.copyOfRange(ids, 1, ids.length);
        var log = model.outputEmbeddings().logProbabilities(Arrays.copyOf(f, next.length), next);
        return -IntStream.range(0, next.length)
                .mapToDouble(i -> log[i])
                .average()
                .orElseThrow();
    }

    private static double[][] matrix(Random random, int d) {
        return IntStream.range(0, d).mapToObj(row -> vector(random, d)).toArray(double[][]::new);
    }

    private static double[] vector(Random random, int d) {
        return random.doubles(d, -0.2, 0.2).toArray();
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static double[] apply(double[][] w, double[] b, double[] x) {
        return IntStream.range(0, b.length)
                .mapToDouble(i -> b[i]
                        + IntStream.range(0, x.length)
                                .mapToDouble(j -> w[i][j] * x[j])
                                .sum())
                .toArray();
    }

    private static float[] minus(float[] x, float[] y) {
        var difference = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            difference[i] = x[i] - y[i];
        }
        return difference;
    }

    private static float[] plus(float[] x, float[] y) {
        var sum = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            sum[i] = x[i] + y[i];
        }
        return sum;
    }

    private static double rms(float[] values) {
        return Math.sqrt(Arrays.stream(doubles(values))
                .map(value -> value * value)
                .average()
                .orElseThrow());
    }
}
