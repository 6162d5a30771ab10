package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Ridge regression of vectors on vectors. Oracle: scikit-learn's {@code Ridge(alpha = ridge·n)} behind {@code StandardScaler}. */
class AffineRegressionTest {

    private static final int N = 40;
    private static final float[][] X = new float[N][3];
    private static final float[][] Y = new float[N][3];

    static {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < 3; j++) {
                X[i][j] = (float) (Math.sin(1.7 * i + 2.3 * j + 0.1 * i * j) * (j + 1));
            }
            for (int k = 0; k < 3; k++) {
                Y[i][k] = (float)
                        (Math.cos(X[i][0] + k) + 0.5 * X[i][1] * k - 0.2 * X[i][2] + 0.3 * Math.sin(5.1 * i + k));
            }
        }
    }

    @Test
    void theRidgeOfScikitLearn() {
        var strong = AffineRegression.validated(X, Y, 1);
        assertArrayEquals(
                new double[] {-0.025475732420049826, 0.015500740063373994, -0.10338970090468552}, strong.A()[0], 1e-6);
        assertArrayEquals(
                new double[] {-0.498866435745127, 0.5242169470708056, -0.14053858121479407}, strong.A()[2], 1e-6);
        assertArrayEquals(
                new double[] {0.7606877434641953, 0.41670095129463663, -0.30375658899961944}, strong.b(), 1e-6);
    }

    /** scikit-learn's R² on the last fifth, fitted to the rest: 0.669, 0.647 and 0.241 for ridges of 0.01, 0.1 and 1. */
    @Test
    void theRidgeThatPredictsTheLastFifthBestIsTaken() {
        var chosen = AffineRegression.validated(X, Y, 1, 0.01, 0.1);
        assertArrayEquals(
                new double[] {-0.7367657704839163, 0.4909459701150056, -0.20756759651547158}, chosen.A()[1], 1e-6);
        assertArrayEquals(
                new double[] {0.7589699366993012, 0.41643409202869774, -0.30882446761793647}, chosen.b(), 1e-6);
        assertThrows(IllegalArgumentException.class, () -> AffineRegression.validated(X, Y));
        assertThrows(IllegalArgumentException.class, () -> AffineRegression.validated(X, new float[3][3], 1));
    }
}
