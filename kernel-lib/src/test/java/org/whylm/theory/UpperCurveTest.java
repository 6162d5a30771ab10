package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.whylm.theory.UpperCurve.Rate;

/** The tightest curve above points, against other solvers of the same linear programme. */
class UpperCurveTest {

    private static final double[] EXCESS = {0, 0.11, 0.35, 0.8, 1.7, 2.6};
    private static final double[] LOSS = {0.31, 0.42, 0.40, 0.55, 0.52, 0.69};

    /** Oracle: {@code scipy.optimize.linprog} (1.17, HiGHS). */
    @Test
    void agreesWithScipy() {
        var curve = UpperCurve.closestAbove(Rate.SQUARE_ROOT, EXCESS, LOSS);
        assertEquals(0.34338517, curve.a(), 1e-6);
        assertEquals(0.2310024, curve.b(), 1e-6);
        var line = UpperCurve.closestAbove(Rate.LINEAR, EXCESS, LOSS);
        assertEquals(0.48777778, line.a(), 1e-6);
        assertEquals(0.07777778, line.b(), 1e-6);
        assertEquals(0.48777778 + 0.07777778 * 4, line.at(4), 1e-6);
    }

    /** Where the loss falls with ε, {@code b ≥ 0} binds and the curve is constant. */
    @Test
    void aFallingLossGivesAConstant() {
        var curve = UpperCurve.closestAbove(Rate.LINEAR, new double[] {0, 0.5, 1.5}, new double[] {0.7, 0.5, 0.4});
        assertEquals(0.7, curve.a(), 1e-9);
        assertEquals(0, curve.b(), 1e-9);
    }

    /** An optimum lies where two of the constraints bind: all such points, by brute force. */
    @Test
    void noFeasibleVertexIsCloser() {
        var random = new Random(11);
        for (int instance = 0; instance < 300; instance++) {
            int n = 1 + random.nextInt(9);
            var excess = random.doubles(n, 0, 4).toArray();
            var loss = random.doubles(n, 0, 1).toArray();
            excess[0] = instance % 2 == 0 ? 0 : excess[0];
            for (var rate : Rate.values()) {
                var curve = UpperCurve.closestAbove(rate, excess, loss);
                assertTrue(curve.a() >= 0 && curve.b() >= 0, curve.toString());
                for (int i = 0; i < n; i++) {
                    assertTrue(curve.at(excess[i]) >= loss[i] - 1e-9, curve + " below point " + i);
                }
                double least = leastByBruteForce(rate, excess, loss);
                assertEquals(least, sum(curve, excess), 1e-7, curve + " of " + Arrays.toString(excess));
            }
        }
    }

    private static double leastByBruteForce(Rate rate, double[] excess, double[] loss) {
        int n = excess.length;
        var slope = new double[n + 2];
        var left = new double[n + 2];
        var right = new double[n + 2];
        for (int i = 0; i < n; i++) {
            left[i] = 1;
            slope[i] = rate == Rate.LINEAR ? excess[i] : Math.sqrt(excess[i]);
            right[i] = loss[i];
        }
        left[n] = 1;
        slope[n + 1] = 1;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < n + 2; i++) {
            for (int j = 0; j < i; j++) {
                double determinant = left[i] * slope[j] - left[j] * slope[i];
                double a = (right[i] * slope[j] - right[j] * slope[i]) / determinant;
                double b = (left[i] * right[j] - left[j] * right[i]) / determinant;
                boolean feasible = a >= -1e-12 && b >= -1e-12;
                for (int k = 0; k < n; k++) {
                    feasible &= a + b * slope[k] >= loss[k] - 1e-10;
                }
                if (feasible) {
                    least = Math.min(least, sum(new UpperCurve(rate, a, b), excess));
                }
            }
        }
        return least;
    }

    private static double sum(UpperCurve curve, double[] excess) {
        return Arrays.stream(excess).map(curve::at).sum();
    }

    @Test
    void badPointsAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> UpperCurve.closestAbove(Rate.LINEAR, new double[] {1}, new double[2]));
        assertThrows(
                IllegalArgumentException.class,
                () -> UpperCurve.closestAbove(Rate.LINEAR, new double[0], new double[0]));
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> UpperCurve.closestAbove(Rate.LINEAR, new double[] {bad}, new double[] {1}));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> UpperCurve.closestAbove(Rate.LINEAR, new double[] {1}, new double[] {bad}));
        }
    }
}
