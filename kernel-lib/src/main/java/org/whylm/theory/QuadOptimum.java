package org.whylm.theory;

/**
 * The optimum of Quad over all features for fixed {@code Φ} (T4).
 *
 * @param f {@code S×d}: {@code f*(s) = (ΦΦᵀ)⁺ Φp*(.|s)}
 * @param projection {@code S×V}: {@code Φᵀf*(s)}, the projection of {@code p*(.|s)} on the row span of {@code Φ}; its elements
 *     may be negative
 */
public record QuadOptimum(double[][] f, double[][] projection) {

    /** Solves every context. A pseudo-inverse stands in where {@code Φ} has a rank below {@code d}. */
    public static QuadOptimum of(FiniteLanguage language, Embeddings phi) {
        // (ΦΦᵀ)⁺Φ = (Φᵀ)⁺, whose condition number is the root of that of the Gram matrix.
        var inverse = phi.pseudoInverse().transpose();
        var f = Vectors.rows(
                language.contexts(), s -> Vectors.elements(inverse.mult(Vectors.column(language.pStar()[s]))));
        return new QuadOptimum(f, Vectors.rows(f.length, s -> phi.transposed(f[s])));
    }

    /** {@code ℓ_quad(f,Φ) = E_{s~p_L} E_{w~p*} [-φ_w·f(s) + ½‖Φᵀf(s)‖²]} of {@code S×d} features. */
    public static double loss(FiniteLanguage language, Embeddings phi, double[][] f) {
        return Distributions.mean(language.pL(), s -> {
            var scores = phi.transposed(f[s]);
            return Vectors.dot(scores, scores) / 2 - Vectors.dot(scores, language.pStar()[s]);
        });
    }

    /** The excess {@code ½ E_{s~p_L} ‖Φᵀ(f(s) - f*(s))‖²} of {@code S×d} features. */
    public double excess(FiniteLanguage language, Embeddings phi, double[][] features) {
        Vectors.requireShape("features", features, f.length, phi.dimension());
        return Distributions.mean(
                language.pL(), s -> Vectors.squaredDistance(phi.transposed(features[s]), projection[s]) / 2);
    }
}
