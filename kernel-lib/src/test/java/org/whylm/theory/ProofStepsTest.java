package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Oracle: T1 itself, whose two sides are the ends of the chain. */
class ProofStepsTest {

    @Test
    void eachStepIsLargerAndTheEndsAreThoseOfT1() {
        var sampler = new Sampler(3);
        for (var family : Instance.Family.values()) {
            for (var i = 0; i < 100; i++) {
                var it = Instance.random(sampler, family);
                var bound = Statements.theorem1(it.language(), it.task(), it.model(), it.v());
                var steps = ProofSteps.of(it.language(), it.task(), it.model(), it.v());
                var chain = List.of(
                        steps.difference(),
                        steps.lipschitz(),
                        steps.jensen(),
                        steps.gamma(),
                        steps.holder(),
                        steps.pinsker());
                for (var n = 1; n < chain.size(); n++) {
                    assertTrue(chain.get(n - 1) <= chain.get(n) + 1e-12, family + ": " + steps);
                }
                assertEquals(bound.loss() - bound.tau(), steps.difference());
                assertEquals(bound.transfer(), steps.pinsker());
                var product = steps.factors().values().stream().reduce(1.0, (a, b) -> a * b);
                assertEquals(Math.abs(1 / bound.ratio()), product, 1e-9 * product);
            }
        }
    }

    /** On the tight family nothing is given away. */
    @Test
    void noStepIsLooseOnTheTightFamily() {
        var tight = TightFamily.of(0.002, 100, 0.5);
        var steps = ProofSteps.of(tight.language(), tight.task(), tight.model(), tight.v());
        steps.factors().forEach((step, factor) -> assertEquals(1, factor, 1e-4, step));
    }
}
