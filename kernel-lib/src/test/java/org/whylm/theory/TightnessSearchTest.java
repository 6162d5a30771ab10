package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How tight the bounds can be made: never beyond 1, and close to it. */
class TightnessSearchTest {

    @ParameterizedTest
    @EnumSource(names = {"T1", "T2", "T2_GAMMA_PHI", "T4"})
    void searchComesCloseToTightAndNeverBeyond(Theorem theorem) {
        var search = new TightnessSearch(3, 3, theorem == Theorem.T1 ? 0 : 1, Loss.HINGE);
        var found = search.maximize(it -> theorem.of(it).ratio(), 200, 4000, 1);
        assertTrue(found.ratio() > 0.9, () -> theorem + " reaches only " + found.ratio());
        assertTrue(found.ratio() <= 1 + 1e-6, () -> theorem + " is violated: " + found);
        assertTrue(found.ratio() > found.random(), "the local search improves on the random one");
        assertEquals(found.ratio(), theorem.of(found.instance()).ratio(), 0);
    }

    @Test
    void sameSeedFindsTheSame() {
        var search = new TightnessSearch(3, 2, 0, Loss.LOGISTIC);
        var first = search.maximize(it -> Theorem.T1.of(it).ratio(), 50, 500, 7);
        var second = search.maximize(it -> Theorem.T1.of(it).ratio(), 50, 500, 7);
        assertEquals(first.ratio(), second.ratio(), 0);
    }

    /** On the tight family v is the best for p*, and no v helps the uniform model: the infima are as tight. */
    @Test
    void infimaAreTightOnTheFamily() {
        var it = TightFamily.of(0.002, 200, 0.5);
        assertTrue(Theorem.T1.ofBest(it).ratio() > 0.99999);
        assertTrue(Theorem.T2.ofBest(it).ratio() > 0.99999);
        assertTrue(Theorem.T1.ofBest(it).holds(1e-9));
        assertThrows(IllegalArgumentException.class, () -> Theorem.T4.ofBest(it));
    }

    /** With its own classifier on each side a bound is the weaker statement: its loss is the smaller one. */
    @ParameterizedTest
    @EnumSource
    void infimaHoldOnRandomInstances(Instance.Family family) {
        var sampler = new Sampler(61);
        for (var i = 0; i < 20; i++) {
            var it = Instance.random(sampler, family);
            for (var theorem : new Theorem[] {Theorem.T1, Theorem.T2, Theorem.T2_GAMMA_PHI}) {
                var best = theorem.ofBest(it);
                assertTrue(best.holds(1e-8));
                assertTrue(best.loss() <= theorem.of(it).loss() + 1e-8);
                assertTrue(best.tau() <= theorem.of(it).tau() + 1e-8);
            }
        }
    }

    /** Along a segment the loss moves in proportion to t and the excess to t²: the exponent of T1. */
    @Test
    void exponentOfTheExcessIsOneHalf() {
        var sampler = new Sampler(62);
        for (var i = 0; i < 20; i++) {
            var it = Instance.random(sampler, Instance.Family.DIRICHLET);
            var path = Interpolation.path(it.language(), it.task(), it.model(), it.v(), 1e-5, 1e-4, 1e-3);
            assertTrue(path.stream().allMatch(bound -> bound.holds(1e-9)));
            var logistic = new Task(it.task().pT(), it.task().labels(), Loss.LOGISTIC);
            var smooth = Interpolation.path(it.language(), logistic, it.model(), it.v(), 1e-5, 1e-4, 1e-3);
            assertEquals(0.5, Interpolation.exponent(smooth), 0.02);
        }
    }
}
