package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The projection by the sign iteration is the one that EJML's eigenvalues give. */
class SemidefiniteMatricesTest {

    /** {@code d×d}, of eigenvalues of both signs and, at odd powers, of very different sizes. */
    private static double[] symmetric(int d, int power, long seed) {
        var random = new Random(seed);
        var matrix = new double[d * d];
        for (int term = 0; term < d; term++) {
            var axis = random.doubles(d, -1, 1).toArray();
            double weight = Math.pow(random.nextGaussian(), power);
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    matrix[i * d + j] += weight * axis[i] * axis[j];
                }
            }
        }
        return matrix;
    }

    private static double norm(double[] matrix) {
        return Math.sqrt(Arrays.stream(matrix).map(v -> v * v).sum());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5, 9})
    void theIterationAgreesWithTheEigenvalues(int power) {
        for (int d : new int[] {1, 2, 7, 60}) {
            var matrix = symmetric(d, power, 31L * d + power);
            var expected = SemidefiniteMatrices.exactlyNearest(matrix, d);
            assertArrayEquals(expected, SemidefiniteMatrices.nearest(matrix, d), 3e-6 * norm(matrix), "d = " + d);
        }
    }

    @Test
    void semidefiniteMatricesStayAndNegativeOnesVanish() {
        var ones = new double[] {2, 2, 2, 2};
        assertArrayEquals(ones, SemidefiniteMatrices.nearest(ones, 2), 1e-5);
        assertArrayEquals(ones, SemidefiniteMatrices.exactlyNearest(ones, 2), 1e-12);
        var negative = new double[] {-3, 1, 1, -2};
        assertArrayEquals(new double[4], SemidefiniteMatrices.nearest(negative, 2), 1e-5);
        assertArrayEquals(new double[4], SemidefiniteMatrices.exactlyNearest(negative, 2), 1e-12);
        assertArrayEquals(new double[9], SemidefiniteMatrices.nearest(new double[9], 3));
    }

    @Test
    void onlyTheSymmetricPartCounts() {
        var nearest = SemidefiniteMatrices.nearest(new double[] {1, 3, -1, -1}, 2);
        assertArrayEquals(SemidefiniteMatrices.nearest(new double[] {1, 1, 1, -1}, 2), nearest, 1e-12);
        assertTrue(nearest[1] == nearest[2]);
    }
}
