package org.whylm.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * {@code ℓ_xent(f,Φ) = E[-φ_w·f(s) + log Z_{f(s)}]}, in nats. Logits are made and spent a block of tokens at a time, so memory does
 * not grow with {@code n·V}: the gradient of {@code log Z} is {@code Φp_f} in {@code f} and {@code f p_fᵀ} in {@code Φ} (P2).
 */
public record CrossEntropy() implements Objective {

    @Override
    public Potential potential(NDArray f, NDArray phi, boolean learned) {
        var gradientF = f.zerosLike();
        var gradientPhi = learned ? phi.zerosLike() : null;
        double sum = 0;
        for (var block : TokenBlocks.of(f, phi)) {
            try (var scope = f.getManager().newSubManager()) {
                var states = block.of(f, scope);
                var logits = states.matMul(phi.transpose());
                var greatest = logits.max(new int[] {-1}, true);
                var probabilities = logits.subi(greatest).exp();
                var partition = probabilities.sum(new int[] {-1}, true);
                probabilities.divi(partition);
                sum += partition
                        .log()
                        .addi(greatest)
                        .toType(DataType.FLOAT64, false)
                        .sum()
                        .getDouble();
                gradientF.set(block.index(), probabilities.matMul(phi));
                if (learned) {
                    gradientPhi.addi(probabilities.transpose().matMul(states));
                }
            }
        }
        return new Potential(sum, gradientF, gradientPhi);
    }
}
