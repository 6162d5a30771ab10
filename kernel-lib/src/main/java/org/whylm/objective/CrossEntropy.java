package org.whylm.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** {@code ℓ_xent(f,Φ) = E[-φ_w·f(s) + log Z_{f(s)}]}, in nats. The gradient of {@code log Z} in the logits is {@code p_f} (P2). */
public record CrossEntropy() implements Objective {

    @Override
    public OfProducts potential(NDArray logits) {
        var greatest = logits.max(new int[] {-1}, true);
        var probabilities = logits.subi(greatest).exp();
        var partition = probabilities.sum(new int[] {-1}, true);
        probabilities.divi(partition);
        double logPartition = partition
                .log()
                .addi(greatest)
                .toType(DataType.FLOAT64, false)
                .sum()
                .getDouble();
        return new OfProducts(logPartition, probabilities);
    }
}
