package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.SplittableRandom;
import org.whylm.lm.Dropout;

/**
 * Dropout whose draws follow from the seed, the place in the network and that of the example among the update's: a run can be repeated
 * and resumed, and draws the same on any number of threads.
 */
final class DrawnDropout implements Dropout {

    private final double probability;
    private final Batch part;
    private final SplittableRandom places;

    /**
     * That of one pass.
     *
     * @param probability that a component is zeroed
     * @param seed of the update
     * @param part what the pass reads of it
     */
    DrawnDropout(double probability, long seed, Batch part) {
        this.probability = probability;
        this.part = part;
        places = new SplittableRandom(seed);
    }

    /** The engine's own, from one sequence: for one pass an update. */
    static Dropout byEngine(double probability, long seed) {
        ai.djl.engine.Engine.getInstance().setRandomSeed(Long.hashCode(seed));
        return x -> ai.djl.nn.norm.Dropout.dropout(x, (float) probability, true).singletonOrThrow();
    }

    /** @param x the examples one after the other */
    @Override
    public NDArray apply(NDArray x) {
        var place = places.split();
        var factors = x.getManager().create(x.getShape(), DataType.FLOAT32);
        var all = factors.toByteBuffer(true).asFloatBuffer();
        var ofExample = new float[Math.toIntExact(x.size() / part.size())];
        for (int example = 0; example < part.first() + part.size(); example++) {
            var random = place.split();
            if (example >= part.first()) {
                draw(random, ofExample);
                all.put(ofExample);
            }
        }
        return x.mul(factors.toType(x.getDataType(), false));
    }

    private void draw(SplittableRandom random, float[] factors) {
        long zeroed = Math.round(probability * 0x1p32);
        float kept = (float) (1 / (1 - probability));
        for (int i = 0; i < factors.length; i++) {
            factors[i] = Integer.toUnsignedLong(random.nextInt()) < zeroed ? 0 : kept;
        }
    }
}
