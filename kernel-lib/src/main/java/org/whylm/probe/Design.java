package org.whylm.probe;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import org.whylm.run.Engine;

/**
 * The design matrix {@code X} ({@code n×d}) of a regression with its columns centred, and a column of ones after them. Parameters
 * are {@code k×(d+1)} row-major, one row a score, the intercept last; scores are {@code n×k} row-major.
 *
 * <p>Centring changes only the intercept, which is not penalised, and keeps the Hessian well conditioned when a feature's
 * mean is far from 0.
 */
final class Design {

    private static final int BLOCK = 1024;
    private static final int ROWS_A_BLOCK = 512;

    private final int n;
    private final int d;
    private final double[] x;
    private final double[] columns;
    private final double[] mean;

    /** @param rows {@code n×d}, {@code n > 0}; taken over and centred in place, so the caller must not use them again */
    Design(double[] rows, int d) {
        this.n = rows.length / d;
        this.d = d;
        this.x = rows;
        this.mean = new double[d];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                mean[j] += rows[i * d + j];
            }
        }
        for (int j = 0; j < d; j++) {
            mean[j] /= n;
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                rows[i * d + j] -= mean[j];
            }
        }
        this.columns = new double[rows.length];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                columns[j * n + i] = rows[i * d + j];
            }
        }
    }

    int rows() {
        return n;
    }

    int columns() {
        return d;
    }

    double mean(int column) {
        return mean[column];
    }

    /**
     * {@code scores = [X 1] Wᵀ} for parameters {@code W} of {@code k} rows. Adds up columns, four at a time, over blocks of rows
     * that stay in the cache: sums down a column run in vector instructions, sums along a row would not.
     */
    void scores(double[] parameters, int k, double[] scores) {
        var block = new double[ROWS_A_BLOCK];
        for (int from = 0; from < n; from += ROWS_A_BLOCK) {
            int rows = Math.min(ROWS_A_BLOCK, n - from);
            for (int m = 0; m < k; m++) {
                int w = m * (d + 1);
                Arrays.fill(block, parameters[w + d]);
                addColumns(parameters, w, from, rows, block);
                for (int i = 0; i < rows; i++) {
                    scores[(from + i) * k + m] = block[i];
                }
            }
        }
    }

    private void addColumns(double[] parameters, int w, int from, int rows, double[] block) {
        int j = 0;
        for (; j + 3 < d; j += 4) {
            int a = j * n + from;
            int b = a + n;
            int c = b + n;
            int e = c + n;
            double wa = parameters[w + j];
            double wb = parameters[w + j + 1];
            double wc = parameters[w + j + 2];
            double we = parameters[w + j + 3];
            for (int i = 0; i < rows; i++) {
                block[i] += wa * columns[a + i] + wb * columns[b + i] + wc * columns[c + i] + we * columns[e + i];
            }
        }
        for (; j < d; j++) {
            int a = j * n + from;
            double wa = parameters[w + j];
            for (int i = 0; i < rows; i++) {
                block[i] += wa * columns[a + i];
            }
        }
    }

    /** {@code out = Rᵀ [X 1]} for {@code R} of {@code n×k}; {@code out} is {@code k×(d+1)}. */
    void transposed(double[] r, int k, double[] out) {
        Arrays.fill(out, 0);
        int i = 0;
        for (; i + 3 < n; i += 4) {
            int a = i * d;
            int b = a + d;
            int c = b + d;
            int e = c + d;
            for (int m = 0; m < k; m++) {
                int w = m * (d + 1);
                double ra = r[i * k + m];
                double rb = r[(i + 1) * k + m];
                double rc = r[(i + 2) * k + m];
                double re = r[(i + 3) * k + m];
                for (int j = 0; j < d; j++) {
                    out[w + j] += ra * x[a + j] + rb * x[b + j] + rc * x[c + j] + re * x[e + j];
                }
                out[w + d] += ra + rb + rc + re;
            }
        }
        for (; i < n; i++) {
            for (int m = 0; m < k; m++) {
                int w = m * (d + 1);
                double ri = r[i * k + m];
                for (int j = 0; j < d; j++) {
                    out[w + j] += ri * x[i * d + j];
                }
                out[w + d] += ri;
            }
        }
    }

    /**
     * {@code [X 1]ᵀ diag(weights) [X 1]}, {@code (d+1)×(d+1)} row-major: the one product of cubic cost, so it runs in DJL's native
     * double precision.
     *
     * @param weights {@code n} weights, not negative
     */
    double[] gram(double[] weights) {
        int width = d + 1;
        try (var manager = Engine.newManager()) {
            var sum = manager.zeros(new Shape(width, width), DataType.FLOAT64);
            var block = DoubleBuffer.allocate(Math.min(BLOCK, n) * width);
            for (int start = 0; start < n; start += BLOCK) {
                int end = Math.min(n, start + BLOCK);
                block.clear();
                for (int i = start; i < end; i++) {
                    double root = Math.sqrt(weights[i]);
                    for (int j = 0; j < d; j++) {
                        block.put(root * x[i * d + j]);
                    }
                    block.put(root);
                }
                block.flip();
                try (var scope = manager.newSubManager()) {
                    var a = scope.create(block, new Shape(end - start, width), DataType.FLOAT64);
                    sum.addi(a.transpose().matMul(a));
                }
            }
            return sum.toDoubleArray();
        }
    }
}
