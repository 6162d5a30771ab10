package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** T1 and T2 for k classes, and what they say of measured losses. */
class MulticlassTaskTest {

    @ParameterizedTest
    @EnumSource
    void theoremsHold(MulticlassTask.Loss loss) {
        var sampler = new Sampler(71);
        for (var family : Instance.Family.values()) {
            for (var i = 0; i < 50; i++) {
                var it = Instance.random(sampler, family);
                var labels = new int[it.language().contexts()];
                for (var s = 0; s < labels.length; s++) {
                    labels[s] = sampler.integer(0, 2);
                }
                var task = new MulticlassTask(it.task().pT(), labels, loss);
                var lambda = sampler.gaussian(3, it.phi().dimension(), 2);
                var v = new double[][] {
                    it.phi().transposed(lambda[0]),
                    it.phi().transposed(lambda[1]),
                    it.phi().transposed(lambda[2])
                };
                assertTrue(
                        Statements.theorem1(it.language(), task, it.model(), v).holds(1e-9));
                assertTrue(Statements.theorem2(it.language(), task, it.phi(), it.f(), lambda)
                        .holds(1e-9));
            }
        }
    }

    /** Two classes with rows 0 and v are the binary logistic task, B included. */
    @Test
    void twoClassesAreTheBinaryTask() {
        var it = Instance.random(new Sampler(72), Instance.Family.DIRICHLET);
        var binary = new Task(it.task().pT(), it.task().labels(), Loss.LOGISTIC);
        var labels = Arrays.stream(it.task().labels()).map(y -> y > 0 ? 1 : 0).toArray();
        var task = new MulticlassTask(it.task().pT(), labels, MulticlassTask.Loss.SOFTMAX);
        var expected = Statements.theorem1(it.language(), binary, it.model(), it.v());
        var v = new double[][] {new double[it.v().length], it.v()};
        var actual = Statements.theorem1(it.language(), task, it.model(), v);
        assertEquals(expected.loss(), actual.loss(), 1e-14);
        assertEquals(expected.bound(), actual.bound(), 1e-12);
    }

    /** Tight for Crammer-Singer too: the tight family with v split between the two classes. */
    @Test
    void halvingTheConstantIsCaught() {
        var it = TightFamily.of(0.002, 100, 0.5);
        var task = new MulticlassTask(it.task().pT(), new int[] {1, 0, 1}, MulticlassTask.Loss.CRAMMER_SINGER);
        var v = new double[][] {Vectors.scaled(it.v(), -0.5), Vectors.scaled(it.v(), 0.5)};
        var bound = Statements.theorem1(it.language(), task, it.model(), v);
        assertTrue(bound.holds(1e-9) && bound.ratio() > 0.99999);
        assertFalse(new Bound(bound.loss(), bound.tau(), bound.B() / 2, bound.epsilon(), bound.gamma()).holds(1e-9));
    }

    /** The measured bound with half the range of v covers the distance of the losses on p* and on p_f, an intercept included. */
    @Test
    void measuredLossIsWithinTheTransferOfTheTruth() {
        var sampler = new Sampler(73);
        for (var i = 0; i < 100; i++) {
            var it = Instance.random(sampler, Instance.Family.DIRICHLET);
            var shifted = it.v().clone();
            var constant = sampler.uniform(-5, 5);
            for (var w = 0; w < shifted.length; w++) {
                shifted[w] += constant;
            }
            var logistic = new Task(it.task().pT(), it.task().labels(), Loss.LOGISTIC);
            var bound = Statements.theorem1(it.language(), logistic, it.model(), shifted);
            var measured = MeasuredBound.of(bound.loss(), new double[][] {new double[shifted.length], shifted});
            assertTrue(measured.B() <= bound.B() + 1e-12);
            var transfer = measured.transfer(bound.epsilon() / bound.gamma());
            assertTrue(Math.abs(bound.loss() - bound.tau()) <= transfer + 1e-9);
        }
    }

    @Test
    void boundIsVacuousFromItsLimitOn() {
        var measured = MeasuredBound.of(0.4, new double[][] {{0, 0}, {3, -1}});
        assertEquals(2, measured.B(), 1e-15);
        assertEquals(Math.log(2), measured.transfer(measured.vacuousFrom()), 1e-15);
        assertTrue(measured.vacuous(measured.vacuousFrom() * 1.01));
        assertFalse(measured.vacuous(measured.vacuousFrom() * 0.99));
    }
}
