package org.whylm.theory;

import java.util.Arrays;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.simple.SimpleMatrix;

/**
 * Output word embeddings {@code Φ}, one column {@code φ_w} a word, and the softmax models over them. The array is copied in
 * and must not be written to afterwards.
 *
 * @param phi {@code d×V}
 */
public record Embeddings(double[][] phi) {

    /** Singular values below this share of the largest count as zero. */
    static final double RANK_TOLERANCE = 1e-11;

    /** @throws IllegalArgumentException if {@code phi} is empty, ragged or not finite */
    public Embeddings {
        if (phi.length == 0 || phi[0].length == 0) {
            throw new IllegalArgumentException("phi is empty");
        }
        Vectors.requireShape("phi", phi, phi.length, phi[0].length);
        for (var row : phi) {
            for (var value : row) {
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException("phi holds " + value);
                }
            }
        }
        phi = Vectors.copy(phi);
    }

    /**
     * The embeddings whose row span keeps most of a language's {@code p*}: the leading {@code d} right singular vectors of the
     * rows {@code sqrt(p_L(s)) p*(.|s)}, scaled to a mean square of 1. No other rank-{@code d} {@code Φ} has a lower least Quad.
     *
     * @param d at most {@code min(S, V)}
     */
    public static Embeddings principal(FiniteLanguage language, int d) {
        var rows = Vectors.rows(
                language.contexts(), s -> Vectors.scaled(language.pStar()[s], Math.sqrt(language.pL()[s])));
        var vectors = new SimpleMatrix(rows).svd(true).getV();
        var leading = vectors.cols(0, d).transpose();
        return new Embeddings(leading.scale(Math.sqrt(language.vocabulary())).toArray2());
    }

    /** {@code d}. */
    public int dimension() {
        return phi.length;
    }

    /** {@code V}. */
    public int vocabulary() {
        return phi[0].length;
    }

    /** {@code Φᵀθ}, of length {@code V}: logits for features {@code θ}, or the word weights {@code v = Φᵀλ} of a classifier. */
    public double[] transposed(double[] theta) {
        Vectors.requireLength("theta", theta, dimension());
        return Vectors.combination(theta, phi);
    }

    /** {@code V×d}: {@code φ_w} in row {@code w}. */
    double[][] words() {
        return new SimpleMatrix(phi).transpose().toArray2();
    }

    /** {@code φ_w - mean} of some words, a column each. */
    SimpleMatrix centred(double[] mean, int... words) {
        var centred = new SimpleMatrix(dimension(), words.length);
        for (var i = 0; i < mean.length; i++) {
            for (var j = 0; j < words.length; j++) {
                centred.set(i, j, phi[i][words[j]] - mean[i]);
            }
        }
        return centred;
    }

    /** {@code log Z_θ}, in nats. */
    public double logPartition(double[] theta) {
        return logSumExp(transposed(theta));
    }

    /** {@code p_θ = softmax(Φᵀθ)}, of length {@code V}. */
    public double[] softmax(double[] theta) {
        return normalized(transposed(theta));
    }

    /** {@code exp(logit - log Σ exp(logit))} of each. */
    static double[] normalized(double[] logits) {
        var logZ = logSumExp(logits);
        return Arrays.stream(logits).map(logit -> Math.exp(logit - logZ)).toArray();
    }

    /** {@code log p_θ = Φᵀθ - log Z_θ}, of length {@code V}: finite where {@code p_θ} itself is too small for a double. */
    double[] logSoftmax(double[] theta) {
        var logits = transposed(theta);
        var logZ = logSumExp(logits);
        return Arrays.stream(logits).map(logit -> logit - logZ).toArray();
    }

    /** {@code p_f}: {@code S×V} next-word distributions of {@code S×d} features. */
    public double[][] softmax(double[][] f) {
        return Vectors.rows(f.length, s -> softmax(f[s]));
    }

    /** {@code Φp = Σ_w p(w) φ_w}, of length {@code d}: the conditional mean features of one context. */
    public double[] conditionalMean(double[] p) {
        Vectors.requireLength("p", p, vocabulary());
        return Arrays.stream(phi).mapToDouble(row -> Vectors.dot(row, p)).toArray();
    }

    /** {@code Φp(.|s)} of every context: {@code S×d} from {@code S×V}. */
    public double[][] conditionalMean(double[][] p) {
        return Vectors.rows(p.length, s -> conditionalMean(p[s]));
    }

    /** The least-norm {@code λ} for which {@code Φᵀλ} comes closest to {@code v}: exact for {@code v} in the row span. */
    public double[] coefficients(double[] v) {
        Vectors.requireLength("v", v, vocabulary());
        return Vectors.elements(pseudoInverse().transpose().mult(Vectors.column(v)));
    }

    /** {@code rank×V}: an orthonormal basis of the row span, as rows. */
    SimpleMatrix rowSpace() {
        var svd = new SimpleMatrix(phi).svd(true);
        var rank = rank(svd.getSingularValues());
        return svd.getV().cols(0, rank).transpose();
    }

    /** {@code V×d}: the Moore-Penrose inverse {@code Φ⁺}. */
    SimpleMatrix pseudoInverse() {
        return pseudoInverse(new SimpleMatrix(phi));
    }

    static SimpleMatrix pseudoInverse(SimpleMatrix a) {
        var svd = a.svd(true);
        var singular = svd.getSingularValues();
        var rank = rank(singular);
        if (rank == 0) {
            return new SimpleMatrix(a.getNumCols(), a.getNumRows());
        }
        var scaled = svd.getV().cols(0, rank);
        CommonOps_DDRM.divideCols(scaled.getDDRM(), singular);
        return scaled.mult(svd.getU().cols(0, rank).transpose());
    }

    static int rank(double[] singular) {
        return rank(singular, singular.length == 0 ? 0 : singular[0]);
    }

    /** How many singular values are not negligible beside a scale. */
    static int rank(double[] singular, double scale) {
        var rank = 0;
        while (rank < singular.length && singular[rank] > RANK_TOLERANCE * scale) {
            rank++;
        }
        return rank;
    }

    static double logSumExp(double[] logits) {
        var largest = Arrays.stream(logits).max().orElse(Double.NEGATIVE_INFINITY);
        var sum = 0.0;
        for (var logit : logits) {
            sum += Math.exp(logit - largest);
        }
        return largest + Math.log(sum);
    }
}
