package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import org.hipparchus.optim.linear.LinearConstraint;
import org.hipparchus.optim.linear.LinearConstraintSet;
import org.hipparchus.optim.linear.LinearObjectiveFunction;
import org.hipparchus.optim.linear.NonNegativeConstraint;
import org.hipparchus.optim.linear.Relationship;
import org.hipparchus.optim.linear.SimplexSolver;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** D1: τ and the best v under a bound on ‖v‖_∞. */
class NaturalnessTest {

    private static final double GAP = 1e-8;

    @ParameterizedTest
    @EnumSource
    void minimumIsCertifiedAndBelowEveryFeasiblePoint(Loss loss) {
        var sampler = new Sampler(21);
        for (var i = 0; i < 100; i++) {
            var language = sampler.dirichletLanguage(8, 6, 0.5);
            var drawn = sampler.gaussian(1, 6, 3)[0];
            var task = sampler.noisyTask(language, drawn, loss, 0.2);
            var B = Vectors.normInfinity(drawn);
            var best = Statements.definition1(language, task, B);
            assertTrue(best.gap() >= -1e-12 && best.gap() <= GAP, "gap " + best.gap());
            assertTrue(best.B() <= B);
            assertEquals(task.loss(language.pStar(), best.v()), best.tau(), 0);
            assertTrue(best.tau() <= task.loss(language.pStar(), drawn) + GAP, "the task is natural by construction");
            for (var trial = 0; trial < 20; trial++) {
                var v = new double[6];
                for (var w = 0; w < 6; w++) {
                    v[w] = sampler.uniform(-B, B);
                }
                assertTrue(task.loss(language.pStar(), v) >= best.tau() - best.gap());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void minimumWithRespectToEmbeddingsIsInTheirRowSpan(Loss loss) {
        var sampler = new Sampler(22);
        for (var i = 0; i < 100; i++) {
            var phi = sampler.embeddings(3, 9, 1);
            var language = sampler.dirichletLanguage(12, 9, 1);
            var v = phi.transposed(sampler.gaussian(1, 3, 2)[0]);
            var task = sampler.noisyTask(language, v, loss, 0.1);
            var best = Statements.definition1(language, task, phi, Vectors.normInfinity(v));
            assertTrue(best.gap() <= GAP && best.tau() <= task.loss(language.pStar(), v) + GAP);
            assertEquals(0, Vectors.norm2(Vectors.minus(phi.transposed(phi.coefficients(best.v())), best.v())), 1e-9);
            var anywhere = Statements.definition1(language, task, Vectors.normInfinity(v));
            assertTrue(anywhere.tau() <= best.tau() + GAP, "a restriction cannot lower τ");
        }
    }

    /** Of the size and the bound of notebook 07, with and without a {@code Φ} of rank 16. */
    @ParameterizedTest
    @EnumSource
    void minimumIsCertifiedToTenDigits(Loss loss) {
        var sampler = new Sampler(24);
        var language = sampler.dirichletLanguage(200, 40, 0.2);
        var phi = sampler.embeddings(16, 40, 1);
        var task = sampler.noisyTask(language, phi.transposed(sampler.gaussian(1, 16, 3)[0]), loss, 0.1);
        assertTrue(Math.abs(Naturalness.of(task, language.pStar(), 30).gap()) <= 1e-10);
        assertTrue(Math.abs(Naturalness.of(task, phi, language.pStar(), 30).gap()) <= 1e-10);
    }

    /** With a bound of 10⁸ and words that are certain the barrier breaks down on its way: a centre before that is the answer. */
    @Test
    void barrierThatBreaksDownGivesItsBestCentre() {
        var sampler = new Sampler(25);
        for (var i = 0; i < 20; i++) {
            var pStar = new double[30][12];
            var labels = new int[30];
            for (var s = 0; s < 30; s++) {
                pStar[s][(int) sampler.uniform(0, 12)] = 1;
                labels[s] = sampler.uniform(0, 1) < 0.5 ? -1 : 1;
            }
            var task = new Task(Distributions.uniform(30), labels, Loss.HINGE);
            var best = Naturalness.of(task, pStar, 1e8);
            assertTrue(best.gap() <= 1e-5 && best.tau() <= 1, best.tau() + ", gap " + best.gap());
        }
    }

    /** Peer: the hinge problem is a linear programme, which Hipparchus' simplex method solves. */
    @Test
    void hingeMinimumIsThatOfTheSimplexMethod() {
        var sampler = new Sampler(23);
        for (var i = 0; i < 100; i++) {
            var phi = sampler.embeddings(3, 7, 1);
            var language = sampler.dirichletLanguage(10, 7, 1);
            var task = sampler.noisyTask(language, phi.transposed(sampler.gaussian(1, 3, 2)[0]), Loss.HINGE, 0.3);
            var B = sampler.logUniform(0.5, 30);
            assertEquals(
                    simplex(task, phi, language.pStar(), B),
                    Statements.definition1(language, task, phi, B).tau(),
                    GAP);
        }
    }

    /** min Σ p_T ξ with ξ_s ≥ 1 - y λ·Φp_s, ξ ≥ 0, -B ≤ Φᵀλ ≤ B. */
    private static double simplex(Task task, Embeddings phi, double[][] p, double B) {
        var d = phi.dimension();
        var S = task.contexts();
        var objective = new double[d + S];
        System.arraycopy(task.pT(), 0, objective, d, S);
        var constraints = new ArrayList<LinearConstraint>();
        for (var s = 0; s < S; s++) {
            var row = new double[d + S];
            System.arraycopy(Vectors.scaled(phi.conditionalMean(p[s]), task.labels()[s]), 0, row, 0, d);
            row[d + s] = 1;
            constraints.add(new LinearConstraint(row, Relationship.GEQ, 1));
            var slack = new double[d + S];
            slack[d + s] = 1;
            constraints.add(new LinearConstraint(slack, Relationship.GEQ, 0));
        }
        for (var w = 0; w < phi.vocabulary(); w++) {
            var row = new double[d + S];
            for (var i = 0; i < d; i++) {
                row[i] = phi.phi()[i][w];
            }
            constraints.add(new LinearConstraint(row, Relationship.LEQ, B));
            constraints.add(new LinearConstraint(row, Relationship.GEQ, -B));
        }
        return new SimplexSolver()
                .optimize(
                        new LinearObjectiveFunction(objective, 0),
                        new LinearConstraintSet(constraints),
                        GoalType.MINIMIZE,
                        new NonNegativeConstraint(false))
                .getValue();
    }

    /** Two contexts, v = (b,-b): the logistic optimum is at the bound, with a loss in closed form. */
    @Test
    void logisticMinimumInClosedForm() {
        var p = new double[][] {{0.8, 0.2}, {0.2, 0.8}};
        var task = new Task(new double[] {0.5, 0.5}, new int[] {1, -1}, Loss.LOGISTIC);
        var best = Naturalness.of(task, p, 3);
        assertEquals(Math.log1p(Math.exp(-0.6 * 3)), best.tau(), GAP);
        assertEquals(3, best.B(), 1e-6);
    }

    @ParameterizedTest
    @EnumSource
    void independentLabelsAreNotNatural(Loss loss) {
        var sampler = new Sampler(24);
        for (var i = 0; i < 20; i++) {
            var unnatural = sampler.unnaturalTask(sampler.dirichletLanguage(5, 6, 1), loss);
            for (var B : new double[] {1, 10, 1000}) {
                var best = Statements.definition1(unnatural.language(), unnatural.task(), B);
                assertEquals(loss.chance(), best.tau(), GAP);
            }
        }
    }

    @Test
    void boundMustBePositive() {
        var task = new Task(new double[] {1}, new int[] {1}, Loss.HINGE);
        assertThrows(IllegalArgumentException.class, () -> Naturalness.of(task, new double[][] {{0.5, 0.5}}, 0));
    }

    /** From an excess of 1/8 on, the best {@code τ} within {@code B} and the bound's root together are above chance, whatever {@code B}. */
    @Test
    void noClassifierHasABoundBelowChanceFromAnEighthOn() {
        var sampler = new Sampler(21);
        var saysSomething = false;
        for (var i = 0; i < 20; i++) {
            var language = sampler.dirichletLanguage(6, 8, 0.3);
            var labels = new int[] {1, -1, 1, -1, 1, -1};
            var pT = new double[6];
            Arrays.fill(pT, 1.0 / 6);
            var task = new Task(pT, labels, Loss.LOGISTIC);
            for (var B : new double[] {0.01, 0.1, 0.5, 1, 3, 10}) {
                var tau = Naturalness.of(task, language.pStar(), B).tau();
                var bound = new Bound(tau, tau, B, MeasuredBound.HOPELESS_FROM, 1);
                assertTrue(bound.bound() >= Math.log(2), () -> bound.toString());
                saysSomething |= tau + B * Math.sqrt(2 * 0.01) < Math.log(2);
            }
        }
        assertTrue(saysSomething, "a small enough excess is not hopeless");
    }
}
