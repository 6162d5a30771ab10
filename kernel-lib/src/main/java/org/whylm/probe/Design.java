package org.whylm.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.DoubleBuffer;
import org.whylm.run.Engine;

/**
 * The design matrix {@code [X 1]} ({@code n×(d+1)}) of regressions, its columns centred but for the last of ones, and products with it
 * in DJL's native double precision. Parameters have one row a score, the intercept last ({@code k×(d+1)} row-major); scores and residuals
 * have one row a score, too ({@code k×n}); {@code k} may be that of several regressions together, which costs little more than one.
 *
 * <p>Centring changes only the intercept, which is not penalised, and keeps the Hessian well conditioned when a feature's
 * mean is far from 0.
 */
final class Design implements AutoCloseable {

    private static final int BLOCK = 4096;

    private final int n;
    private final int width;
    private final double[] mean;
    private final NDManager manager = Engine.newManager();
    private final NDArray x;

    /** @param rows {@code n×d}, {@code n > 0} */
    Design(double[] rows, int d) {
        n = rows.length / d;
        width = d + 1;
        mean = new double[d];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                mean[j] += rows[i * d + j] / n;
            }
        }
        var centred = DoubleBuffer.allocate(n * width);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                centred.put(rows[i * d + j] - mean[j]);
            }
            centred.put(1);
        }
        x = matrix(manager, centred.array(), width);
    }

    int rows() {
        return n;
    }

    /** {@code d+1} */
    int width() {
        return width;
    }

    double mean(int column) {
        return mean[column];
    }

    /** {@code scores = W [X 1]ᵀ} */
    double[] scores(double[] parameters) {
        try (var scope = manager.newSubManager()) {
            return matrix(scope, parameters, width).matMul(x.transpose()).toDoubleArray();
        }
    }

    /** {@code R [X 1]} */
    double[] transposed(double[] residuals) {
        try (var scope = manager.newSubManager()) {
            return matrix(scope, residuals, n).matMul(x).toDoubleArray();
        }
    }

    /** {@code [X 1]ᵀ diag(weights) [X 1]}, {@code (d+1)×(d+1)} row-major, for {@code n} weights, not negative. */
    double[] gram(double[] weights) {
        try (var scope = manager.newSubManager()) {
            var roots = matrix(scope, weights, 1).sqrt();
            var sum = scope.zeros(new Shape(width, width), DataType.FLOAT64);
            for (int from = 0; from < n; from += BLOCK) {
                try (var inner = scope.newSubManager()) {
                    inner.tempAttachAll(x, roots);
                    var rows = from + ":" + Math.min(n, from + BLOCK);
                    var weighted = x.get(rows).mul(roots.get(rows));
                    sum.addi(weighted.transpose().matMul(weighted));
                }
            }
            return sum.toDoubleArray();
        }
    }

    static NDArray matrix(NDManager manager, double[] values, int columns) {
        return manager.create(DoubleBuffer.wrap(values), new Shape(values.length / columns, columns), DataType.FLOAT64);
    }

    @Override
    public void close() {
        manager.close();
    }
}
