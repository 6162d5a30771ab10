package org.whylm.probe;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/** The inverse of {@code C·G + I} (the intercept, last, without {@code I}) for a weighted Gram matrix {@code G}, by Cholesky. */
final class Preconditioner {

    private final LinearSolverDense<DMatrixRMaj> cholesky;
    private final double[] scale;
    private final DMatrixRMaj right;
    private final DMatrixRMaj solution;

    /**
     * Scaled to a unit diagonal first, so that columns of very different sizes do no harm.
     *
     * @param gram {@code width×width}, symmetric and positive semi-definite up to rounding
     */
    Preconditioner(double[] gram, int width, double C) {
        scale = new double[width];
        for (int j = 0; j < width; j++) {
            double diagonal = C * gram[j * width + j] + (j + 1 < width ? 1 : 0);
            scale[j] = diagonal > 0 ? 1 / Math.sqrt(diagonal) : 1;
        }
        right = new DMatrixRMaj(width, 1);
        solution = new DMatrixRMaj(width, 1);
        var solver = LinearSolverFactory_DDRM.chol(width);
        double jitter = 1e-14;
        while (!solver.setA(scaled(gram, width, C, jitter))) {
            jitter *= 10;
        }
        cholesky = solver;
    }

    private DMatrixRMaj scaled(double[] gram, int width, double C, double jitter) {
        var matrix = new DMatrixRMaj(width, width);
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < width; j++) {
                matrix.data[i * width + j] = C * gram[i * width + j] * scale[i] * scale[j];
            }
            matrix.data[i * width + i] = 1 + jitter;
        }
        return matrix;
    }

    /** Solves for the part of {@code in} that starts at {@code offset}, into the same part of {@code out}. */
    void solve(double[] in, double[] out, int offset) {
        for (int j = 0; j < scale.length; j++) {
            right.data[j] = in[offset + j] * scale[j];
        }
        cholesky.solve(right, solution);
        for (int j = 0; j < scale.length; j++) {
            out[offset + j] = solution.data[j] * scale[j];
        }
    }
}
