package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.whylm.statistics.Accuracy;

/** Zero-shot classification on probabilities made for the purpose. */
class ZeroShotTest {

    @Test
    void calibrationTakesThePreferenceForAWordAway() {
        double[][] given = {{0.08, 0.02}, {0.06, 0.04}, {0.09, 0.01}, {0.05, 0.05}};
        var zeroShot = ZeroShot.of(given, given, new int[] {0, 1, 0, 1});
        assertArrayEquals(new double[] {0.8, 0.2}, zeroShot.probabilities()[0], 1e-12);
        assertArrayEquals(new double[] {0.7, 0.3}, zeroShot.prior(), 1e-12);
        assertEquals(new Accuracy(2, 4), zeroShot.accuracy());
        assertEquals(new Accuracy(4, 4), zeroShot.calibrated().accuracy());
        double first = 0.6 / 0.7, second = 0.4 / 0.3;
        assertEquals(first / (first + second), zeroShot.calibrated().probabilities()[1][0], 1e-12);
    }

    /** Two bins: confidences 0.6 and 0.7, one right of two; 0.9 and 0.95, both right. */
    @Test
    void calibrationErrorIsTheMeanDistanceOfConfidenceAndAccuracy() {
        double[][] given = {{0.6, 0.4}, {0.3, 0.7}, {0.9, 0.1}, {0.05, 0.95}};
        var zeroShot = ZeroShot.of(given, given, new int[] {0, 0, 0, 1});
        var bins = zeroShot.reliability(4);
        assertEquals(2, bins.size());
        assertEquals(0.65, bins.get(0).confidence(), 1e-12);
        assertEquals(new Accuracy(2, 2), bins.get(1).accuracy());
        assertEquals(0.5 * 0.15 + 0.5 * 0.075, zeroShot.calibrationError(4), 1e-12);
    }

    /** Labels drawn with the probabilities themselves: a model that knows how sure it may be. */
    @Test
    void aCalibratedModelHasNearlyNoError() {
        var random = new Random(3);
        int n = 20_000;
        var probabilities = new double[n][];
        var labels = new int[n];
        for (int i = 0; i < n; i++) {
            double first = random.nextDouble();
            probabilities[i] = new double[] {first, 1 - first};
            labels[i] = random.nextDouble() < first ? 0 : 1;
        }
        var zeroShot = ZeroShot.of(probabilities, probabilities, labels);
        assertTrue(zeroShot.calibrationError(10) < 0.02);
        assertEquals(0.75, zeroShot.accuracy().value(), 0.02);
    }
}
