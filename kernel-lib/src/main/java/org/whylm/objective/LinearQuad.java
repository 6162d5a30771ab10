package org.whylm.objective;

import java.util.Arrays;
import java.util.function.IntFunction;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.whylm.run.Matrices;

/**
 * Quad for a fixed {@code Φ} and {@code f(s) = Wh(s)}, linear in fixed states {@code h} (paper, T4):
 * {@code ℓ(W) = -tr(WᵀE[φ_w hᵀ]) + ½ tr(Wᵀ(ΦΦᵀ)W E[hhᵀ])}, in double precision.
 */
public final class LinearQuad {

    private final DMatrixRMaj gram;
    private final DMatrixRMaj cross;
    private final DMatrixRMaj moment;

    private LinearQuad(DMatrixRMaj gram, DMatrixRMaj cross, DMatrixRMaj moment) {
        this.gram = gram;
        this.cross = cross;
        this.moment = moment;
    }

    /**
     * Quad on a sample.
     *
     * @param phi {@code Φᵀ}, {@code V×d}
     * @param h the fixed state of each context, {@code n×m}; append a component 1 for a bias
     * @param words the next word of each context, {@code n}
     * @throws IllegalArgumentException if shapes do not match, or a word is outside the vocabulary
     */
    public static LinearQuad of(float[][] phi, float[][] h, int[] words) {
        Moments.requireSample(h.length, words, phi.length);
        return of(phi, h, i -> phi[words[i]]);
    }

    /**
     * Quad where a model's {@code p_f} stands in for the distribution of the next word.
     *
     * @param phi {@code Φᵀ}, {@code V×d}
     * @param h the fixed state of each context, {@code n×m}; append a component 1 for a bias
     * @param conditionalMean {@code Φp_f} of each context, {@code n×d}
     * @throws IllegalArgumentException if shapes do not match
     */
    public static LinearQuad of(float[][] phi, float[][] h, float[][] conditionalMean) {
        if (h.length == 0 || h.length != conditionalMean.length) {
            throw new IllegalArgumentException(h.length + " contexts and " + conditionalMean.length
                    + " conditional means: give one a context, and at least one");
        }
        return of(phi, h, i -> conditionalMean[i]);
    }

    private static LinearQuad of(float[][] phi, float[][] h, IntFunction<float[]> target) {
        IntFunction<float[]> states = i -> h[i];
        var cross = Moments.sum(h.length, target, states);
        var moment = Moments.sum(h.length, states, states);
        CommonOps_DDRM.scale(1.0 / h.length, cross);
        CommonOps_DDRM.scale(1.0 / h.length, moment);
        return new LinearQuad(Moments.sum(phi.length, w -> phi[w], w -> phi[w]), cross, moment);
    }

    /** States with a component 1 appended, {@code n×(m+1)}. */
    public static float[][] withConstant(float[][] h) {
        return Arrays.stream(h)
                .map(row -> {
                    var extended = Arrays.copyOf(row, row.length + 1);
                    extended[row.length] = 1;
                    return extended;
                })
                .toArray(float[][]::new);
    }

    /** {@code W} for {@link #withConstant} states as a map of the states themselves: its last column is the bias. */
    public static AffineMap affine(double[][] w) {
        int m = w[0].length - 1;
        return new AffineMap(
                Arrays.stream(w).map(row -> Arrays.copyOf(row, m)).toArray(double[][]::new),
                Arrays.stream(w).mapToDouble(row -> row[m]).toArray());
    }

    /** {@code (ΦΦᵀ)⁻¹ E[φ_w hᵀ] E[hhᵀ]⁻¹}, {@code d×m}; by pseudo-inverses where {@code Φ} or {@code h} lacks rank. */
    public double[][] minimiser() {
        var left = CommonOps_DDRM.mult(Spectrum.of(gram).power(-1), cross, null);
        return Matrices.rows(CommonOps_DDRM.mult(left, Spectrum.of(moment).power(-1), null));
    }

    /**
     * {@code ℓ(W)}; 0 at {@code W = 0}.
     *
     * @param w {@code d×m}
     */
    public double value(double[][] w) {
        var matrix = Matrices.matrix("W", w);
        if (matrix.numRows != cross.numRows || matrix.numCols != cross.numCols) {
            throw new IllegalArgumentException("W is " + matrix.numRows + "×" + matrix.numCols + ", expected "
                    + cross.numRows + "×" + cross.numCols);
        }
        var image = CommonOps_DDRM.mult(CommonOps_DDRM.mult(gram, matrix, null), moment, null);
        return inner(matrix, image) / 2 - inner(matrix, cross);
    }

    /** {@code tr(XᵀY)}. */
    private static double inner(DMatrixRMaj x, DMatrixRMaj y) {
        return CommonOps_DDRM.elementSum(CommonOps_DDRM.elementMult(x, y, null));
    }
}
