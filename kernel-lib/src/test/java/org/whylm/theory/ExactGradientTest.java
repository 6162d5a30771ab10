package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.whylm.objective.CrossEntropy;
import org.whylm.objective.Objective;
import org.whylm.objective.Quad;

/**
 * The gradient that the trainer takes, on a sample in which every word occurs exactly as often as {@code p*} says, is that of the
 * exact expectation (P2, T4).
 */
class ExactGradientTest {

    private static final int CONTEXTS = 5, WORDS = 8, COUNT = 40, D = 3;
    private static final Sampler SAMPLER = new Sampler(9);
    private static final int[][] OCCURRENCES = occurrences();
    private static final FiniteLanguage LANGUAGE = language();
    private static final Embeddings PHI = SAMPLER.embeddings(D, WORDS, 1);
    private static final double[][] F = SAMPLER.gaussian(CONTEXTS, D, 1);

    /** How often each word follows each context, {@code COUNT} in all. */
    private static int[][] occurrences() {
        var occurrences = new int[CONTEXTS][WORDS];
        for (var row : occurrences) {
            for (var i = 0; i < COUNT; i++) {
                row[SAMPLER.integer(0, WORDS - 1)]++;
            }
        }
        return occurrences;
    }

    private static FiniteLanguage language() {
        var pL = new double[CONTEXTS];
        var pStar = new double[CONTEXTS][WORDS];
        for (var s = 0; s < CONTEXTS; s++) {
            pL[s] = 1.0 / CONTEXTS;
            for (var w = 0; w < WORDS; w++) {
                pStar[s][w] = OCCURRENCES[s][w] / (double) COUNT;
            }
        }
        return new FiniteLanguage(pL, pStar);
    }

    private static Objective.Evaluation sampled(Objective objective) {
        var f = new double[CONTEXTS * COUNT][];
        var words = new int[f.length];
        var n = 0;
        for (var s = 0; s < CONTEXTS; s++) {
            for (var w = 0; w < WORDS; w++) {
                for (var i = 0; i < OCCURRENCES[s][w]; i++) {
                    f[n] = F[s];
                    words[n++] = w;
                }
            }
        }
        return objective.evaluate(f, PHI.words(), words);
    }

    /** The gradients of a context's repeats, summed. */
    private static double[] inContext(Objective.Evaluation sampled, int s) {
        var sum = new double[D];
        for (var n = s * COUNT; n < (s + 1) * COUNT; n++) {
            for (var i = 0; i < D; i++) {
                sum[i] += sampled.gradientF()[n][i];
            }
        }
        return sum;
    }

    @Test
    void crossEntropy() {
        var sampled = sampled(new CrossEntropy());
        assertEquals(Statements.crossEntropy(LANGUAGE, PHI, F), sampled.value(), 1e-12);
        var exact = Statements.gradient(LANGUAGE, PHI, F);
        var p = PHI.softmax(F);
        for (var s = 0; s < CONTEXTS; s++) {
            assertEquals(0, Vectors.norm2(Vectors.minus(exact[s], inContext(sampled, s))), 1e-12);
        }
        for (var w = 0; w < WORDS; w++) {
            for (var i = 0; i < D; i++) {
                var expected = 0.0;
                for (var s = 0; s < CONTEXTS; s++) {
                    expected += LANGUAGE.pL()[s] * (p[s][w] - LANGUAGE.pStar()[s][w]) * F[s][i];
                }
                assertEquals(expected, sampled.gradientPhi()[w][i], 1e-12);
            }
        }
    }

    @Test
    void quad() {
        var sampled = sampled(new Quad());
        assertEquals(QuadOptimum.loss(LANGUAGE, PHI, F), sampled.value(), 1e-12);
        for (var s = 0; s < CONTEXTS; s++) {
            var exact = PHI.conditionalMean(Vectors.minus(PHI.transposed(F[s]), LANGUAGE.pStar()[s]));
            assertEquals(
                    0,
                    Vectors.norm2(Vectors.minus(Vectors.scaled(exact, LANGUAGE.pL()[s]), inContext(sampled, s))),
                    1e-12);
        }
    }
}
