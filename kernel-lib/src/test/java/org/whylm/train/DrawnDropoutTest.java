package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.whylm.run.Engine;

/** The definition (Srivastava et al., 2014, section 10): a component is zero with the probability, else scaled so that its mean stays. */
class DrawnDropoutTest {

    private static final int EXAMPLES = 8;
    private static final int COMPONENTS = 10_000;
    private static final TokenStream DATA = new TokenStream(new int[EXAMPLES * 2 + 1], 2);

    private static List<Batch> parts(int number) {
        return Batch.parts(DATA, IntStream.range(0, EXAMPLES).toArray(), number);
    }

    /** Of ones, at two places of the network one after the other. */
    private static float[][] draws(double probability, long seed, Batch part) {
        return draws(probability, seed, part, DataType.FLOAT32);
    }

    private static float[][] draws(double probability, long seed, Batch part, DataType type) {
        var dropout = new DrawnDropout(probability, seed, part);
        try (var manager = Engine.newManager()) {
            var x = manager.ones(new Shape(part.size(), COMPONENTS), type);
            return IntStream.range(0, 2)
                    .mapToObj(place ->
                            dropout.apply(x).toType(DataType.FLOAT32, false).toFloatArray())
                    .toArray(float[][]::new);
        }
    }

    private static double zeros(float[] values) {
        double zeros = 0;
        for (float value : values) {
            zeros += value == 0 ? 1 : 0;
        }
        return zeros / values.length;
    }

    @Test
    void componentsAreZeroWithTheProbabilityAndElseScaled() {
        for (double probability : new double[] {0.1, 0.5, 0.9}) {
            var drawn = draws(probability, 3, parts(1).get(0))[0];
            double deviation = Math.sqrt(probability * (1 - probability) / drawn.length);
            assertEquals(probability, zeros(drawn), 4 * deviation);
            for (float value : drawn) {
                assertEquals(value == 0 ? 0 : 1 / (1 - probability), value, 1e-5);
            }
        }
    }

    @Test
    void drawsAreTheSameInPartsAndInDoublePrecision() {
        var whole = draws(0.3, 5, parts(1).get(0));
        for (int number : new int[] {2, 3, 8}) {
            var parts = parts(number);
            assertEquals(number, parts.size());
            for (var part : parts) {
                var drawn = draws(0.3, 5, part);
                for (int place = 0; place < 2; place++) {
                    int from = part.first() * COMPONENTS;
                    assertArrayEquals(
                            Arrays.copyOfRange(whole[place], from, from + part.size() * COMPONENTS), drawn[place]);
                }
            }
        }
        var part = parts(1).get(0);
        var inDouble = draws(0.3, 5, part, DataType.FLOAT64);
        assertArrayEquals(whole[0], inDouble[0], 1e-6f);
    }

    /** Draws that have nothing to do with each other are both zero with probability 0.09. */
    @Test
    void placesExamplesAndUpdatesDrawOnTheirOwn() {
        var part = parts(1).get(0);
        var one = draws(0.3, 5, part);
        independent(one[0], one[1]);
        independent(one[0], draws(0.3, 6, part)[0]);
        independent(one[0], draws(0.3, 5 + 1_000_003, part)[0]);
        int half = one[0].length / 2;
        independent(Arrays.copyOf(one[0], half), Arrays.copyOfRange(one[0], half, 2 * half));
    }

    private static void independent(float[] a, float[] b) {
        var products = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            products[i] = a[i] + b[i];
        }
        assertEquals(0.09, zeros(products), 4 * Math.sqrt(0.09 * 0.91 / a.length));
    }
}
