package org.whylm.objective;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;

/**
 * {@code x ↦ Ax + b}: what L1 and T3 take for the conditional mean {@code Φp_θ}, the gradient of the log-partition function; and the
 * way from what a network learns to {@code f} and back.
 *
 * @param A {@code d×m}; symmetric if it is to be the gradient of {@code ½θᵀAθ + b·θ}
 * @param b {@code d}
 */
public record AffineMap(double[][] A, double[] b) {

    private static final int BLOCK = 4096;

    /** @throws IllegalArgumentException if the shapes disagree */
    public AffineMap {
        if (A.length != b.length) {
            throw new IllegalArgumentException("A has " + A.length + " rows, b " + b.length + " elements");
        }
        A = Matrices.rows(Matrices.matrix("A", A));
        b = b.clone();
    }

    private DMatrixRMaj matrix() {
        return Matrices.matrix("A", A);
    }

    /** {@code Ax + b}. */
    public double[] apply(double[] x) {
        var image = CommonOps_DDRM.mult(matrix(), DMatrixRMaj.wrap(x.length, 1, x), null);
        CommonOps_DDRM.addEquals(image, DMatrixRMaj.wrap(b.length, 1, b));
        return image.data;
    }

    /**
     * {@code Ax + b} of many vectors.
     *
     * @param x {@code n×m}
     * @return {@code n×d}
     */
    public double[][] apply(float[][] x) {
        var images = new double[x.length][];
        try (var manager = Engine.newManager()) {
            var transposed = Engine.array(manager, matrix()).transpose();
            var intercept = manager.create(b);
            for (var from = 0; from < x.length; from += BLOCK) {
                var rows = Math.min(BLOCK, x.length - from);
                try (var scope = manager.newSubManager()) {
                    var values = Engine.doubles(scope, i -> x[i], from, rows)
                            .matMul(transposed)
                            .addi(intercept);
                    System.arraycopy(Engine.rows(values), 0, images, from, rows);
                }
            }
        }
        return images;
    }

    /** The map that applies another one first. */
    public AffineMap after(AffineMap first) {
        return new AffineMap(Matrices.rows(CommonOps_DDRM.mult(matrix(), first.matrix(), null)), apply(first.b));
    }

    /** {@code x ↦ factor·(Ax + b)}. */
    public AffineMap scaled(double factor) {
        var scaled = matrix();
        CommonOps_DDRM.scale(factor, scaled);
        return new AffineMap(
                Matrices.rows(scaled),
                Arrays.stream(b).map(each -> factor * each).toArray());
    }

    /** {@code Aᵀλ}: with the {@link #intercept} the classifier on {@code x} that equals {@code λ} on {@code Ax + b}. */
    public double[] pullback(double[] lambda) {
        return CommonOps_DDRM.multTransA(matrix(), DMatrixRMaj.wrap(lambda.length, 1, lambda), null).data;
    }

    /** {@code λ·b}. */
    public double intercept(double[] lambda) {
        return CommonOps_DDRM.dot(DMatrixRMaj.wrap(b.length, 1, b), DMatrixRMaj.wrap(lambda.length, 1, lambda));
    }

    /**
     * {@code |λ·(target - Ax - b)|} of each example, {@code n}: T3's last term before its mean.
     *
     * @param x {@code n×m}: {@code f}
     * @param targets {@code n×d}: {@code Φp_f}
     * @param lambda {@code d}
     */
    public double[] residuals(float[][] x, float[][] targets, double[] lambda) {
        var images = apply(x);
        var residuals = new double[x.length];
        for (var s = 0; s < x.length; s++) {
            for (var i = 0; i < lambda.length; i++) {
                residuals[s] += lambda[i] * (targets[s][i] - images[s][i]);
            }
            residuals[s] = Math.abs(residuals[s]);
        }
        return residuals;
    }
}
