package org.whylm.train;

import ai.djl.engine.Engine;
import org.whylm.lm.Dropout;

/** Dropout whose draws depend on the seed and the update alone, so that a run can be repeated and resumed. */
final class SeededDropout {

    private SeededDropout() {}

    /**
     * Dropout for one update, to be used before another is asked for.
     *
     * @param rate probability that a component is zeroed
     * @param step the update
     */
    static Dropout of(double rate, long seed, int step) {
        Engine.getInstance().setRandomSeed(Long.hashCode(seed * 1_000_003 + step));
        return rate == 0
                ? Dropout.NONE
                : x -> ai.djl.nn.norm.Dropout.dropout(x, (float) rate, true).singletonOrThrow();
    }
}
