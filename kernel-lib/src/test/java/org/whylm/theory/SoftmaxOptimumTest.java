package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** P2: the optimum for fixed Φ, and its limit where no minimiser exists. */
class SoftmaxOptimumTest {

    /** A square with its centre: rows x and y. */
    private static final Embeddings SQUARE = new Embeddings(new double[][] {{-1, 1, 1, -1, 0}, {-1, -1, 1, 1, 0}});

    private static SoftmaxOptimum square(double... pStar) {
        return SoftmaxOptimum.of(new FiniteLanguage(new double[] {1}, new double[][] {pStar}), SQUARE);
    }

    @Test
    void realizableLanguageIsRecovered() {
        var sampler = new Sampler(31);
        for (var i = 0; i < 100; i++) {
            var phi = sampler.embeddings(3, 9, 1);
            var language = sampler.lowRankLanguage(6, phi, 2);
            var optimum = SoftmaxOptimum.of(language, phi);
            for (var s = 0; s < 6; s++) {
                assertTrue(optimum.attained()[s]);
                assertArrayEquals(language.pStar()[s], optimum.p()[s], 1e-9);
                assertArrayEquals(optimum.p()[s], phi.softmax(optimum.f()[s]), 1e-12);
            }
        }
    }

    /** Opposite corners of the square have the centre as their mean: zeros in p*, yet an interior point. */
    @Test
    void zerosWithAnInteriorMeanHaveAMinimiser() {
        var optimum = square(0.5, 0, 0.5, 0, 0);
        assertTrue(optimum.attained()[0]);
        assertArrayEquals(new double[] {0, 0}, optimum.f()[0], 1e-12);
        assertArrayEquals(new double[] {0.2, 0.2, 0.2, 0.2, 0.2}, optimum.p()[0], 1e-12);
    }

    @Test
    void meanOnAnEdgeHasTheLimitOnThatEdge() {
        var optimum = square(0.3, 0.7, 0, 0, 0);
        assertFalse(optimum.attained()[0]);
        assertArrayEquals(new double[] {0.3, 0.7, 0, 0, 0}, optimum.p()[0], 1e-12);
    }

    @Test
    void meanAtACornerHasTheLimitAtThatCorner() {
        var optimum = square(0, 0, 1, 0, 0);
        assertFalse(optimum.attained()[0]);
        assertArrayEquals(new double[] {0, 0, 1, 0, 0}, optimum.p()[0], 1e-12);
    }

    /** A word far from the others and all but certain, as "n't" after "ca": the first Newton steps overshoot into certainty. */
    @Test
    void meanNearAFarCornerIsReached() {
        for (var seed = 0; seed < 20; seed++) {
            var phi = new Sampler(seed).embeddings(6, 60, 1).phi();
            for (var row : phi) {
                row[0] *= 10;
            }
            var pStar = new double[60];
            Arrays.fill(pStar, 0.01 / 59);
            pStar[0] = 0.99;
            var far = new Embeddings(phi);
            var optimum = SoftmaxOptimum.of(new FiniteLanguage(new double[] {1}, new double[][] {pStar}), far);
            assertTrue(optimum.attained()[0]);
            assertArrayEquals(far.conditionalMean(pStar), far.conditionalMean(far.softmax(optimum.f()[0])), 1e-8);
        }
    }

    /** Two words with the same embedding share the limit, although p* uses one of them only. */
    @Test
    void equalEmbeddingsShareTheLimit() {
        var phi = new Embeddings(new double[][] {{0, 1, 1, 0.5}});
        var language = new FiniteLanguage(new double[] {1}, new double[][] {{0, 1, 0, 0}});
        assertArrayEquals(
                new double[] {0, 0.5, 0.5, 0}, SoftmaxOptimum.of(language, phi).p()[0], 1e-12);
    }

    /** The infimum that the limit distribution gives is approached by features far out, and by none undercut. */
    @Test
    void infimumIsApproachedNotUndercut() {
        var language = new FiniteLanguage(new double[] {1}, new double[][] {{0.3, 0.7, 0, 0, 0}});
        var optimum = SoftmaxOptimum.of(language, SQUARE);
        var previous = Double.POSITIVE_INFINITY;
        for (var far = 1.0; far < 32; far *= 2) {
            var f = new double[][] {{optimum.f()[0][0], -far}};
            var sides = Statements.proposition2(language, SQUARE, f).excess();
            assertEquals(sides.left(), sides.right(), 1e-12);
            assertTrue(sides.right() > 0 && sides.right() < previous);
            previous = sides.right();
        }
        assertTrue(previous < 1e-6);
    }

    /** A constant added to all embeddings changes nothing; directions without effect are left at 0. */
    @Test
    void directionsWithoutEffectDoNotMatter() {
        var sampler = new Sampler(32);
        var phi = sampler.embeddings(2, 6, 1);
        var wider = new Embeddings(new double[][] {phi.phi()[0], phi.phi()[1], {3, 3, 3, 3, 3, 3}});
        var language = sampler.dirichletLanguage(5, 6, 1);
        var plain = SoftmaxOptimum.of(language, phi);
        var shifted = SoftmaxOptimum.of(language, wider);
        for (var s = 0; s < 5; s++) {
            assertArrayEquals(plain.p()[s], shifted.p()[s], 1e-9);
            assertEquals(0, shifted.f()[s][2], 1e-9);
        }
    }
}
