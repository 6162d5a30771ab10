package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.ejml.simple.SimpleMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.whylm.objective.AffineMap;

/** The paper's statements on random instances of every family: inequalities up to rounding, equalities to 1e-8. */
class StatementsTest {

    private static final double ROUNDING = 1e-9;
    private static final double EQUALITY = 1e-8;
    private static final int INSTANCES = 150;

    private static final Map<Instance.Family, List<Instance>> DRAWN = new EnumMap<>(Instance.Family.class);

    private static List<Instance> instances(Instance.Family family) {
        return DRAWN.computeIfAbsent(family, StatementsTest::draw);
    }

    private static List<Instance> draw(Instance.Family family) {
        var sampler = new Sampler(11 + family.ordinal());
        var instances = new ArrayList<Instance>();
        for (var i = 0; i < INSTANCES; i++) {
            instances.add(Instance.random(sampler, family));
        }
        return instances;
    }

    @ParameterizedTest
    @EnumSource
    void proposition1ExcessIsTheDivergenceFromTheTruth(Instance.Family family) {
        for (var it : instances(family)) {
            var sides = Statements.proposition1(it.language(), it.model());
            assertEquals(sides.left(), sides.right(), EQUALITY);
            assertTrue(sides.right() > 0, "only p* has no excess");
            assertEquals(
                    0,
                    it.language()
                            .divergence(it.language().pStar(), it.language().pStar()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void proposition2OptimumIsStationaryAndItsDivergenceIsTheExcess(Instance.Family family) {
        for (var it : instances(family)) {
            var sides = Statements.proposition2(it.language(), it.phi(), it.f());
            assertTrue(sides.stationarity() <= EQUALITY, "gradient " + sides.stationarity());
            assertEquals(sides.excess().left(), sides.excess().right(), EQUALITY);
        }
    }

    /** The gradient formula of P2 against central differences of the cross-entropy. */
    @ParameterizedTest
    @EnumSource
    void proposition2GradientIsThatOfTheCrossEntropy(Instance.Family family) {
        for (var it : instances(family).subList(0, 20)) {
            var gradient = Statements.gradient(it.language(), it.phi(), it.f());
            var h = 1e-5;
            for (var s = 0; s < gradient.length; s++) {
                for (var i = 0; i < gradient[s].length; i++) {
                    var up = Vectors.copy(it.f());
                    var down = Vectors.copy(it.f());
                    up[s][i] += h;
                    down[s][i] -= h;
                    var difference = Statements.crossEntropy(it.language(), it.phi(), up)
                            - Statements.crossEntropy(it.language(), it.phi(), down);
                    assertEquals(difference / (2 * h), gradient[s][i], 1e-8);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theorem1HoldsForTheSameClassifierAndForTheBest(Instance.Family family) {
        for (var it : instances(family)) {
            assertHolds(Statements.theorem1(it.language(), it.task(), it.model(), it.v()));
            var natural = Statements.definition1(it.language(), it.task(), 5);
            var bound = Statements.theorem1(it.language(), it.task(), it.model(), natural.v());
            assertHolds(bound);
            var best = Naturalness.of(it.task(), it.model(), 5);
            assertTrue(best.tau() <= bound.loss() + EQUALITY, "the infimum is below the loss of the same v");
        }
    }

    @ParameterizedTest
    @EnumSource
    void theorem2HoldsWithBothCoefficients(Instance.Family family) {
        for (var it : instances(family)) {
            var bounds = Statements.theorem2(it.language(), it.task(), it.phi(), it.f(), it.lambda());
            assertHolds(bounds.byGamma());
            assertHolds(bounds.byGammaPhi());
            assertTrue(bounds.byGammaPhi().gamma() >= bounds.byGamma().gamma() * (1 - ROUNDING), "γ_Φ ≥ γ(p_T)");
            assertEquals(it.task().loss(it.model(), it.v()), bounds.byGamma().loss(), ROUNDING);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theorem3HoldsForTheClosestAndForAnyAffineMap(Instance.Family family) {
        var sampler = new Sampler(5);
        for (var it : instances(family)) {
            var d = it.phi().dimension();
            var closest = AffineRegression.leastSquares(
                    it.task().pT(), it.f(), it.phi().conditionalMean(it.model()));
            var any = new AffineMap(sampler.gaussian(d, d, 1), sampler.gaussian(1, d, 1)[0]);
            for (var map : List.of(closest, any)) {
                assertHolds(Statements.theorem3(it.language(), it.task(), it.phi(), it.f(), it.lambda(), map));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theorem4HoldsAndItsProjectionIsOrthogonal(Instance.Family family) {
        var sampler = new Sampler(6);
        for (var it : instances(family)) {
            var optimum = QuadOptimum.of(it.language(), it.phi());
            var features = sampler.perturbed(optimum.f(), sampler.logUniform(1e-3, 1));
            assertHolds(Statements.theorem4(it.language(), it.task(), it.phi(), features, it.lambda()));
            assertHolds(Statements.theorem4(it.language(), it.task(), it.phi(), it.f(), it.lambda()));
            var excess = QuadOptimum.loss(it.language(), it.phi(), features)
                    - QuadOptimum.loss(it.language(), it.phi(), optimum.f());
            assertEquals(excess, optimum.excess(it.language(), it.phi(), features), EQUALITY);
            for (var s = 0; s < it.language().contexts(); s++) {
                var rest = Vectors.minus(it.language().pStar()[s], optimum.projection()[s]);
                assertEquals(
                        0, Vectors.norm2(it.phi().conditionalMean(rest)), EQUALITY, "p* - Φᵀf* is orthogonal to Φ");
            }
        }
    }

    /** T4 and P2 where Φ has a rank below d. */
    @Test
    void statementsHoldForEmbeddingsOfLowRank() {
        var sampler = new Sampler(7);
        for (var i = 0; i < 50; i++) {
            var phi = new Embeddings(new SimpleMatrix(sampler.gaussian(4, 2, 1))
                    .mult(new SimpleMatrix(sampler.gaussian(2, 7, 1)))
                    .toArray2());
            assertEquals(2, phi.rowSpace().getNumRows());
            var language = sampler.dirichletLanguage(6, 7, 1);
            var lambda = sampler.gaussian(1, 4, 1)[0];
            var task = sampler.noisyTask(language, phi.transposed(lambda), sampler.loss(), 0.2);
            var f = sampler.gaussian(6, 4, 0.5);
            assertHolds(Statements.theorem4(language, task, phi, f, lambda));
            assertHolds(Statements.theorem2(language, task, phi, f, lambda).byGammaPhi());
            var sides = Statements.proposition2(language, phi, f);
            assertTrue(sides.stationarity() <= EQUALITY);
            assertEquals(sides.excess().left(), sides.excess().right(), EQUALITY);
        }
    }

    /** T1 with contexts that the language never produces: γ = 0, an infinite bound, even for ε = 0. */
    @Test
    void boundIsInfiniteWithoutCoverage() {
        var language = new FiniteLanguage(new double[] {1, 0}, new double[][] {{0.5, 0.5}, {0.9, 0.1}});
        var task = new Task(new double[] {0.5, 0.5}, new int[] {1, -1}, Loss.LOGISTIC);
        var bound = Statements.theorem1(language, task, language.pStar(), new double[] {1, -1});
        assertEquals(0, bound.epsilon());
        assertEquals(Double.POSITIVE_INFINITY, bound.bound());
    }

    /** L1 on its exact instance; T3's last term vanishes there, and the loss of f is T2's. */
    @ParameterizedTest
    @EnumSource
    void lemma1IsExactOnItsInstance(Loss loss) {
        for (var d = 1; d <= 5; d++) {
            var exact = QuadraticPartition.of(d, 0.7, 1.3);
            assertEquals(0, Statements.lemma1(exact.phi(), exact.f(), exact.gradient()), 1e-14);
            var sampler = new Sampler(d);
            var language = sampler.dirichletLanguage(2 * d, 2 * d, 1);
            var lambda = sampler.gaussian(1, d, 2)[0];
            var task = sampler.noisyTask(language, exact.phi().transposed(lambda), loss, 0);
            var bound = Statements.theorem3(language, task, exact.phi(), exact.f(), lambda, exact.gradient());
            var softmax = Statements.theorem2(language, task, exact.phi(), exact.f(), lambda)
                    .byGamma();
            assertEquals(0, bound.residual(), 1e-14);
            assertEquals(softmax.loss(), bound.loss(), 1e-14);
            assertHolds(bound);
            var moved = Vectors.copy(exact.f());
            moved[0][0] += 0.1;
            assertTrue(Statements.lemma1(exact.phi(), moved, exact.gradient()) > 1e-4, "not exact elsewhere");
        }
    }

    /** Eckart-Young: no drawn Φ of the rank of the principal one has a lower least Quad. */
    @Test
    void principalEmbeddingsAreTheBestForQuad() {
        var sampler = new Sampler(12);
        var language = sampler.topicLanguage(12, 8, 5);
        var best = leastQuad(language, Embeddings.principal(language, 3));
        for (var i = 0; i < 100; i++) {
            assertTrue(leastQuad(language, sampler.embeddings(3, 8, 1)) >= best);
        }
        var complete = Embeddings.principal(language, 5);
        assertEquals(leastQuad(language, sampler.embeddings(8, 8, 1)), leastQuad(language, complete), 1e-12);
    }

    private static double leastQuad(FiniteLanguage language, Embeddings phi) {
        return QuadOptimum.loss(language, phi, QuadOptimum.of(language, phi).f());
    }

    /** The notebook's check of everything, on a few instances: nothing is violated, and each was looked at. */
    @Test
    void checksFindNoViolation() {
        for (var check : StatementCheck.ofEach(10, 1)) {
            assertEquals(40, check.instances());
            assertEquals(0, check.violations(), check.statement());
        }
    }

    /** Least squares recover an affine map from its values, with noise-free data even where a ridge is all but absent. */
    @Test
    void affineMapsAreRecovered() {
        var sampler = new Sampler(10);
        var map = new AffineMap(sampler.gaussian(3, 3, 1), sampler.gaussian(1, 3, 1)[0]);
        var f = sampler.gaussian(20, 3, 1);
        var targets = new double[20][];
        for (var s = 0; s < 20; s++) {
            targets[s] = map.apply(f[s]);
        }
        var found = AffineRegression.leastSquares(sampler.dirichlet(20, 1), f, targets);
        var ridge = AffineRegression.validated(floats(f), floats(targets), 1e-9);
        for (var i = 0; i < 3; i++) {
            assertArrayEquals(map.A()[i], found.A()[i], 1e-10);
            assertArrayEquals(map.A()[i], ridge.A()[i], 1e-5);
        }
        assertArrayEquals(map.b(), found.b(), 1e-10);
        for (var residual : map.residuals(floats(f), floats(targets), new double[] {1, -2, 3})) {
            assertEquals(0, residual, 1e-5);
        }
    }

    private static float[][] floats(double[][] values) {
        var floats = new float[values.length][values[0].length];
        for (var i = 0; i < values.length; i++) {
            for (var j = 0; j < values[i].length; j++) {
                floats[i][j] = (float) values[i][j];
            }
        }
        return floats;
    }

    private static void assertHolds(Bound bound) {
        assertTrue(bound.holds(ROUNDING), () -> bound + " is violated by " + -bound.slack());
        assertFalse(Double.isNaN(bound.loss()));
    }
}
