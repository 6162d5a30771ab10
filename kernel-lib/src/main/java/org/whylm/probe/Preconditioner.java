package org.whylm.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.whylm.run.Engine;

/**
 * The inverse {@code TᵀT} of {@code M = C·G + I} (the intercept, last, without {@code I}) for a weighted Gram matrix {@code G}, {@code T} the
 * inverse of the Cholesky factor of {@code M}.
 */
final class Preconditioner implements AutoCloseable {

    /** Pivots below this, of a matrix of unit diagonal, are rounding. */
    private static final double LEAST_PIVOT = 1e-13;

    private static final int SMALL = 48;

    private final double[] gram;
    private final int width;
    private final NDManager manager = Engine.newManager();
    private NDArray inverse;

    /** @param gram {@code width×width}, symmetric and positive semi-definite up to rounding */
    Preconditioner(double[] gram, int width) {
        this.gram = gram;
        this.width = width;
    }

    /** Sets {@code C}. The matrix is scaled to a unit diagonal, so that columns of very different sizes do no harm. */
    void factor(double C) {
        var scale = new double[width];
        for (int j = 0; j < width; j++) {
            double diagonal = C * gram[j * width + j] + (j + 1 < width ? 1 : 0);
            scale[j] = diagonal > 0 ? 1 / Math.sqrt(diagonal) : 1;
        }
        var matrix = new double[width * width];
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < width; j++) {
                matrix[i * width + j] = i == j ? 1 : C * gram[i * width + j] * scale[i] * scale[j];
            }
        }
        if (inverse != null) {
            inverse.close();
        }
        try (var scope = manager.newSubManager()) {
            var root = inverseFactor(Design.matrix(scope, matrix, width)).mul(Design.matrix(scope, scale, width));
            inverse = root.transpose().matMul(root);
            inverse.attach(manager);
        }
    }

    /** {@code L⁻¹} for {@code A = LLᵀ}, by halves: {@code [[P, 0], [-QSP, Q]]}, which makes nearly all of it matrix products. */
    private static NDArray inverseFactor(NDArray a) {
        int n = (int) a.getShape().get(0);
        if (n <= SMALL) {
            return Design.matrix(a.getManager(), inverseFactor(a.toDoubleArray(), n), n);
        }
        int half = n / 2;
        var p = inverseFactor(a.get(":" + half + ", :" + half));
        var s = a.get(half + ":, :" + half).matMul(p.transpose());
        var q = inverseFactor(a.get(half + ":, " + half + ":").sub(s.matMul(s.transpose())));
        var zeros = a.getManager().zeros(new Shape(half, n - half), DataType.FLOAT64);
        return p.concat(zeros, 1).concat(q.matMul(s).matMul(p).neg().concat(q, 1), 0);
    }

    /** The same of a small matrix, in place row by row. */
    private static double[] inverseFactor(double[] a, int n) {
        var factor = new double[n][n];
        var inverse = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double rest = a[i * n + j];
                for (int l = 0; l < j; l++) {
                    rest -= factor[i][l] * factor[j][l];
                }
                factor[i][j] = i == j ? Math.sqrt(Math.max(rest, LEAST_PIVOT)) : rest / factor[j][j];
            }
            for (int j = 0; j <= i; j++) {
                double rest = i == j ? 1 : 0;
                for (int l = j; l < i; l++) {
                    rest -= factor[i][l] * inverse[l * n + j];
                }
                inverse[i * n + j] = rest / factor[i][i];
            }
        }
        return inverse;
    }

    /** {@code V M⁻¹} for {@code V} of {@code k×width}. */
    double[] apply(double[] v) {
        try (var scope = manager.newSubManager()) {
            return Design.matrix(scope, v, width).matMul(inverse).toDoubleArray();
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
