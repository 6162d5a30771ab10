package org.whylm.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.stream.LongStream;

/** {@code ℓ_xent(f,Φ) = E[-φ_w·f(s) + log Z_{f(s)}]}, in nats. The gradient of {@code log Z} in the logits is {@code p_f} (P2). */
public record CrossEntropy() implements Objective {

    /** Logits taken at a time: what is made of them on the way to {@code p_f} stays in the processor's cache. */
    private static final int LOGITS = 1 << 18;

    private static final NDIndex ALL = new NDIndex(":");
    private static final NDIndex A_WORD = new NDIndex(":, 0");

    @Override
    public OfProducts potential(NDArray logits) {
        long n = logits.getShape().get(0),
                states = Math.max(2, LOGITS / logits.getShape().get(1));
        // Never one state alone: its sum would be taken in another order than among others.
        var cuts = LongStream.iterate(states, at -> at < n - 1, at -> at + states);
        double sum = 0;
        for (var block : logits.split(cuts.toArray())) {
            sum += replaceByProbabilities(block);
        }
        return new OfProducts(sum, logits);
    }

    /** @return {@code log Z_f = φ_w·f - log p_f(w)}, the same for every word, summed over the states */
    private static double replaceByProbabilities(NDArray logits) {
        var logProbabilities = logits.logSoftmax(-1);
        var logPartition = logits.get(A_WORD).sub(logProbabilities.get(A_WORD));
        logits.set(ALL, logProbabilities.exp());
        return logPartition.toType(DataType.FLOAT64, false).sum().getDouble();
    }
}
