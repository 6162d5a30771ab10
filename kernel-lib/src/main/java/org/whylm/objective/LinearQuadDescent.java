package org.whylm.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.ejml.dense.row.CommonOps_DDRM;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;
import org.whylm.run.Progress;

/**
 * Gradient descent on Quad for {@code f = Wh}, to compare with {@link LinearQuad#minimiser()}. Both sides are whitened:
 * {@code W = (ΦΦᵀ)^{-1/2} U E[hhᵀ]^{-1/2}}, so that the Hessian in {@code U} is the identity and the gradient at a context is
 * {@code (Uk - φ̃_w)kᵀ} with {@code k = E[hhᵀ]^{-1/2}h} and {@code φ̃_w = (ΦΦᵀ)^{-1/2}φ_w}. In the raw coordinates the number of
 * steps grows with the condition number of {@code ΦΦᵀ} times that of {@code E[hhᵀ]}.
 */
public final class LinearQuadDescent {

    private static final int BLOCK = 4096;

    private LinearQuadDescent() {}

    /**
     * Steps of length {@code rate} against the gradient over the whole sample, from {@code W = 0}; each one multiplies the excess
     * by {@code (1-rate)²}.
     *
     * @param phi {@code Φᵀ}, {@code V×d}
     * @param h {@code n×m}
     * @param words the next word of each context, {@code n}
     * @param steps passes over the sample
     * @param rate between 0 and 2
     * @return {@code W}, {@code d×m}
     * @throws IllegalArgumentException if shapes do not match, or a word is outside the vocabulary
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public static double[][] train(float[][] phi, float[][] h, int[] words, int steps, double rate) {
        Moments.requireSample(h.length, words, phi.length);
        var moment = Moments.sum(h.length, i -> h[i], i -> h[i]);
        CommonOps_DDRM.scale(1.0 / h.length, moment);
        var whitenPhi =
                Spectrum.of(Moments.sum(phi.length, w -> phi[w], w -> phi[w])).power(-0.5);
        var whitenH = Spectrum.of(moment).power(-0.5);

        int n = h.length;
        try (var manager = Engine.newManager();
                var progress = Progress.start("Quad by gradients", (long) steps * n, "contexts")) {
            var rootPhi = Engine.array(manager, whitenPhi);
            var rootH = Engine.array(manager, whitenH);
            var u = manager.zeros(new Shape(phi[0].length, h[0].length), DataType.FLOAT64);
            for (int step = 0; step < steps; step++) {
                try (var scope = manager.newSubManager()) {
                    var gradient = scope.zeros(u.getShape(), DataType.FLOAT64);
                    for (int from = 0; from < n; from += BLOCK) {
                        int rows = Math.min(BLOCK, n - from);
                        try (var block = scope.newSubManager()) {
                            var k = Engine.doubles(block, i -> h[i], from, rows).matMul(rootH);
                            var targets = Engine.doubles(block, i -> phi[words[i]], from, rows)
                                    .matMul(rootPhi);
                            var residual = k.matMul(transposed(u, block)).subi(targets);
                            gradient.addi(residual.transpose().matMul(k));
                        }
                        progress.advance(rows);
                    }
                    u.subi(gradient.muli(rate / n));
                }
            }
            var left = CommonOps_DDRM.mult(whitenPhi, Engine.matrix(u), null);
            return Matrices.rows(CommonOps_DDRM.mult(left, whitenH, null));
        }
    }

    private static NDArray transposed(NDArray matrix, NDManager scope) {
        var transposed = matrix.transpose();
        transposed.attach(scope);
        return transposed;
    }
}
