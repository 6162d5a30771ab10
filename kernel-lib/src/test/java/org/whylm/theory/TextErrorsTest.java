package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextErrorsTest {

    private static TextErrors errors(double[] predicted, double[] actual, int[] text) {
        double mean = Arrays.stream(actual).average().orElseThrow();
        var error = new double[actual.length];
        var spread = new double[actual.length];
        Arrays.setAll(error, i -> Math.pow(predicted[i] - actual[i], 2));
        Arrays.setAll(spread, i -> Math.pow(actual[i] - mean, 2));
        return TextErrors.of(error, spread, text);
    }

    /** Values of {@code sklearn.metrics.r2_score([1, 2, 3, 5], [1.5, 1.5, 3, 4])}: 0.828571…. */
    @Test
    void r2IsOneLessTheShareOfTheVarianceLeft() {
        var r2 = errors(new double[] {1.5, 1.5, 3, 4}, new double[] {1, 2, 3, 5}, new int[] {0, 1, 2, 3})
                .r2(1);
        assertEquals(0.8285714285714286, r2.value(), 1e-12);
        assertTrue(r2.low() < r2.value() && r2.value() <= r2.high());
        var exact = new double[] {1, 2, 4, 7};
        assertEquals(1, errors(exact, exact, new int[] {0, 0, 1, 1}).r2(1).low(), 0);
    }

    /** Texts whose contexts are copies say no more than one context of each: the interval must not shrink. */
    @Test
    void r2ResamplesTextsNotContexts() {
        var random = new Random(5);
        int texts = 40, copies = 25;
        var predicted = new double[texts * copies];
        var actual = new double[texts * copies];
        for (int i = 0; i < actual.length; i++) {
            actual[i] = i % copies == 0 ? random.nextGaussian() : actual[i - 1];
            predicted[i] = i % copies == 0 ? actual[i] + 0.5 * random.nextGaussian() : predicted[i - 1];
        }
        var each = IntStream.range(0, actual.length).toArray();
        var byText = Arrays.stream(each).map(i -> i / copies).toArray();
        var grouped = errors(predicted, actual, byText).r2(1);
        var naive = errors(predicted, actual, each).r2(1);
        assertEquals(naive.value(), grouped.value(), 1e-12);
        assertTrue(grouped.high() - grouped.low() > 3 * (naive.high() - naive.low()));
    }
}
