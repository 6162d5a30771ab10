package org.whylm.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * {@code ℓ_quad(f,Φ) = E[-φ_w·f(s) + ½‖Φᵀf(s)‖²]}. By {@code ‖Φᵀf‖² = fᵀ(ΦΦᵀ)f} a state costs {@code d²} once the Gram matrix is
 * known; the {@code n×V} products {@code Φᵀf} are made, in blocks, only where a sample is too small to pay for it.
 */
public record Quad() implements Objective {

    @Override
    public OfProducts potential(NDArray products) {
        return new OfProducts(sum(products.square()) / 2, products);
    }

    @Override
    public Gradients potential(NDArray f, NDArray phi, boolean learned) {
        long n = f.getShape().get(0);
        return gramIsCheaper(n, phi.getShape().get(0), phi.getShape().get(1), learned)
                ? byGram(f, phi, learned)
                : Objective.super.potential(f, phi, learned);
    }

    /** Compares multiplications: the Gram form takes {@code Vd²} for the matrix and again for its gradient in {@code Φ}. */
    static boolean gramIsCheaper(long n, long vocabulary, long d, boolean learned) {
        return learned ? 2 * d * (vocabulary + n) < 3 * n * vocabulary : d * (vocabulary + n) < 2 * n * vocabulary;
    }

    /** Gradients {@code ΦΦᵀf} in {@code f} and {@code (Σ ffᵀ)Φ} in {@code Φ}. */
    static Gradients byGram(NDArray f, NDArray phi, boolean learned) {
        var gramF = f.matMul(phi.transpose().matMul(phi));
        var gradientPhi = learned ? phi.matMul(f.transpose().matMul(f)) : null;
        return new Gradients(sum(gramF.mul(f)) / 2, gramF, gradientPhi);
    }

    private static double sum(NDArray array) {
        return array.toType(DataType.FLOAT64, false).sum().getDouble();
    }
}
