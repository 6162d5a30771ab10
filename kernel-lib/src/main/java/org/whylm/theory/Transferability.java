package org.whylm.theory;

import java.util.stream.IntStream;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.simple.SimpleMatrix;

/**
 * How much of a language model's excess a task can see (D2).
 *
 * @param gamma {@code γ(p_T)}, in {@code [0,1]}
 * @param gammaPhi {@code γ_Φ}, at least {@code γ(p_T)}; infinite if the model's conditional means are exact on the task
 */
public record Transferability(double gamma, double gammaPhi) {

    /**
     * Both coefficients of a softmax model.
     *
     * @param pT {@code S}: the task's contexts
     * @param phi {@code Φ}
     * @param f {@code S×d}: the features at hand
     */
    public static Transferability of(FiniteLanguage language, double[] pT, Embeddings phi, double[][] f) {
        var means = phi.conditionalMean(phi.softmax(f));
        var exact = phi.conditionalMean(language.pStar());
        var errors = Vectors.rows(means.length, s -> Vectors.minus(means[s], exact[s]));
        return new Transferability(gamma(language.pL(), pT), gammaPhi(language.pL(), pT, errors));
    }

    /** {@code γ(p_T) = min over p_T(s) > 0 of p_L(s)/p_T(s)}. */
    public static double gamma(double[] pL, double[] pT) {
        Vectors.requireLength("pT", pT, pL.length);
        return IntStream.range(0, pL.length)
                .filter(s -> pT[s] > 0)
                .mapToDouble(s -> pL[s] / pT[s])
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /**
     * {@code γ_Φ = sup{g : Σ_L ⪰ g Σ_T}} for the second moments {@code Σ_L}, {@code Σ_T} of {@code errors} under {@code pL} and
     * {@code pT}: by a pseudo-inverse of {@code Σ_L^{1/2}}, and 0 if the range of {@code Σ_T} is not within that of
     * {@code Σ_L}.
     *
     * @param pL {@code S}
     * @param pT {@code S}
     * @param errors {@code S×d}: {@code Δ(s) = Φ(p_f(s) - p*(.|s))}
     */
    public static double gammaPhi(double[] pL, double[] pT, double[][] errors) {
        var rootT = weighted(pT, errors);
        var svd = weighted(pL, errors).svd(true);
        var singular = svd.getSingularValues();
        var largest = Math.max(singular[0], rootT.normF());
        if (rootT.normF() == 0) {
            return Double.POSITIVE_INFINITY;
        }
        var rank = Embeddings.rank(singular, largest);
        if (rank == 0) {
            return 0;
        }
        var range = svd.getV().cols(0, rank);
        var inRange = rootT.mult(range);
        if (rootT.minus(inRange.mult(range.transpose())).normF() > 1e-9 * largest) {
            return 0;
        }
        CommonOps_DDRM.divideCols(inRange.getDDRM(), singular);
        var norm = inRange.svd(true).getSingularValues()[0];
        return 1 / (norm * norm);
    }

    /** Rows {@code sqrt(weight(s)) Δ(s)}: a root of the second moment. */
    private static SimpleMatrix weighted(double[] weights, double[][] errors) {
        return new SimpleMatrix(Vectors.rows(errors.length, s -> Vectors.scaled(errors[s], Math.sqrt(weights[s]))));
    }
}
