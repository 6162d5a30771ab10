package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;

/** D2: γ(p_T) and γ_Φ. */
class TransferabilityTest {

    @Test
    void gammaIsTheWorstRatio() {
        assertEquals(0.5, Transferability.gamma(new double[] {0.2, 0.3, 0.5}, new double[] {0.4, 0.2, 0.4}), 1e-15);
        assertEquals(0, Transferability.gamma(new double[] {0, 1}, new double[] {0.5, 0.5}));
    }

    /** Σ_L = diag(0.5, 2), Σ_T = diag(1, 1): the definition gives min(0.5, 2). */
    @Test
    void gammaPhiOfDiagonalMoments() {
        var errors = new double[][] {{1, 0}, {0, 2}, {1, 0}, {0, 1}};
        assertEquals(
                0.5, Transferability.gammaPhi(new double[] {0.5, 0.5, 0, 0}, new double[] {0, 0, 1, 0}, errors), 1e-12);
        assertEquals(
                2, Transferability.gammaPhi(new double[] {0.5, 0.5, 0, 0}, new double[] {0, 0, 0, 1}, errors), 1e-12);
    }

    /** An error of the task in a direction in which the language has none: no g works. */
    @Test
    void gammaPhiIsZeroOutsideTheRange() {
        var errors = new double[][] {{1, 0}, {1, 1e-3}};
        assertEquals(0, Transferability.gammaPhi(new double[] {1, 0}, new double[] {0.5, 0.5}, errors));
    }

    /** Within the range of a singular Σ_L the pseudo-inverse gives the supremum. */
    @Test
    void gammaPhiOfASingularMoment() {
        var errors = new double[][] {{2, 2}, {1, 1}};
        assertEquals(4, Transferability.gammaPhi(new double[] {1, 0}, new double[] {0, 1}, errors), 1e-12);
    }

    @Test
    void exactConditionalMeansTransferWithoutLoss() {
        var errors = new double[][] {{0, 0}, {1, 0}};
        assertEquals(
                Double.POSITIVE_INFINITY,
                Transferability.gammaPhi(new double[] {0.5, 0.5}, new double[] {1, 0}, errors));
    }

    /** The supremum is one: Σ_L - γ_Φ Σ_T has no negative eigenvalue, Σ_L - 1.001 γ_Φ Σ_T has. */
    @Test
    void gammaPhiIsTheSupremum() {
        var sampler = new Sampler(41);
        for (var i = 0; i < 100; i++) {
            var pL = sampler.dirichlet(8, 1);
            var pT = sampler.dirichlet(8, 1);
            var errors = sampler.gaussian(8, 3, 1);
            var gamma = Transferability.gammaPhi(pL, pT, errors);
            assertTrue(gamma >= Transferability.gamma(pL, pT) - 1e-12);
            assertTrue(leastEigenvalue(pL, pT, errors, gamma) > -1e-9);
            assertTrue(leastEigenvalue(pL, pT, errors, 1.001 * gamma) < 0);
        }
    }

    private static double leastEigenvalue(double[] pL, double[] pT, double[][] errors, double g) {
        var difference = new double[3][3];
        for (var s = 0; s < errors.length; s++) {
            for (var i = 0; i < 3; i++) {
                for (var j = 0; j < 3; j++) {
                    difference[i][j] += (pL[s] - g * pT[s]) * errors[s][i] * errors[s][j];
                }
            }
        }
        return new SimpleMatrix(difference)
                .eig().getEigenvalues().stream()
                        .mapToDouble(value -> value.getReal())
                        .min()
                        .orElseThrow();
    }
}
