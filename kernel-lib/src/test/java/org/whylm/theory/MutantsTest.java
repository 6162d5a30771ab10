package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.objective.AffineMap;

/** The checks of the statements can fail: on the tight family the statements hold and every mutant of them is caught. */
class MutantsTest {

    private static final double ROUNDING = 1e-9;

    private static Bound theorem1(Instance it) {
        return Statements.theorem1(it.language(), it.task(), it.model(), it.v());
    }

    private static Bound theorem2(Instance it) {
        return Statements.theorem2(it.language(), it.task(), it.phi(), it.f(), it.lambda())
                .byGamma();
    }

    private static Bound theorem4(Instance it) {
        return Statements.theorem4(it.language(), it.task(), it.phi(), it.f(), it.lambda());
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.9, 0.5, 0.01})
    void boundsAreTightOnTheFamily(double gamma) {
        var it = TightFamily.of(0.002, 100, gamma);
        for (var bound : new Bound[] {theorem1(it), theorem2(it)}) {
            assertTrue(bound.holds(ROUNDING));
            assertTrue(bound.ratio() > 0.99999, "ratio " + bound.ratio());
            assertEquals(gamma, bound.gamma(), 1e-15);
            assertEquals(2 * 0.002 * 100, bound.loss() - bound.tau(), 1e-12);
        }
        assertTrue(theorem4(it).holds(ROUNDING));
        assertEquals(1, theorem4(it).ratio(), 1e-9);
    }

    /** γ_Φ = γ(p_T) here: the third context has no error. */
    @Test
    void sharperCoefficientIsTightToo() {
        var it = TightFamily.of(0.002, 100, 0.3);
        var bound = Statements.theorem2(it.language(), it.task(), it.phi(), it.f(), it.lambda())
                .byGammaPhi();
        assertEquals(0.3, bound.gamma(), 1e-12);
        assertTrue(bound.holds(ROUNDING) && bound.ratio() > 0.99999);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.9, 0.5, 0.01})
    void droppingGammaIsCaught(double gamma) {
        var it = TightFamily.of(0.002, 100, gamma);
        for (var bound : new Bound[] {theorem1(it), theorem2(it), theorem4(it)}) {
            var mutant = new Bound(bound.loss(), bound.tau(), bound.B(), bound.epsilon(), 1);
            assertFalse(mutant.holds(ROUNDING));
        }
    }

    @Test
    void halvingTheConstantIsCaught() {
        var it = TightFamily.of(0.002, 100, 0.5);
        for (var bound : new Bound[] {theorem1(it), theorem2(it), theorem4(it)}) {
            var mutant = new Bound(bound.loss(), bound.tau(), bound.B(), bound.epsilon() / 2, bound.gamma());
            assertFalse(mutant.holds(ROUNDING));
        }
    }

    /** T2 with the word weights, and so B, of other embeddings than the model's. */
    @Test
    void wrongEmbeddingsAreCaught() {
        var it = TightFamily.of(0.002, 100, 0.5);
        var wrong = new Embeddings(new double[][] {{0.5, -0.5}});
        var bound = theorem2(it);
        var B = Vectors.normInfinity(wrong.transposed(it.lambda()));
        assertFalse(new Bound(bound.loss(), bound.tau(), B, bound.epsilon(), bound.gamma()).holds(ROUNDING));
        var tau = it.task().loss(it.language().pStar(), Vectors.scaled(wrong.transposed(it.lambda()), -1));
        assertTrue(tau > bound.tau(), "τ of other weights is another τ");
    }

    @Test
    void maximumNormInTheorem4IsCaught() {
        var it = TightFamily.of(0.002, 100, 0.5);
        var bound = theorem4(it);
        var mutant = new Bound(bound.loss(), bound.tau(), Vectors.normInfinity(it.v()), bound.epsilon(), bound.gamma());
        assertFalse(mutant.holds(ROUNDING));
    }

    /** T3 without its last term: features that the affine map gets wrong break it even at ε = 0. */
    @Test
    void droppingTheResidualIsCaught() {
        var sampler = new Sampler(3);
        var phi = sampler.embeddings(2, 6, 1);
        var language = sampler.lowRankLanguage(5, phi, 1);
        var lambda = new double[] {2, -1};
        var task = sampler.noisyTask(language, phi.transposed(lambda), Loss.HINGE, 0);
        var f = SoftmaxOptimum.of(language, phi).f();
        var wrong = new AffineMap(new double[][] {{-1, 0}, {0, -1}}, new double[2]);
        var bound = Statements.theorem3(language, task, phi, f, lambda, wrong);
        assertTrue(bound.holds(ROUNDING));
        assertFalse(new Bound(bound.loss(), bound.tau(), bound.B(), bound.epsilon(), bound.gamma()).holds(ROUNDING));
    }
}
