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

    private final int n;
    private final int d;
    private final double[] x;
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

    /** {@code scores = [X 1] Wᵀ} for parameters {@code W} of {@code k} rows. Four rows at a time, to overlap the sums. */
    void scores(double[] parameters, int k, double[] scores) {
        int i = 0;
        for (; i + 3 < n; i += 4) {
            int a = i * d;
            int b = a + d;
            int c = b + d;
            int e = c + d;
            for (int m = 0; m < k; m++) {
                int w = m * (d + 1);
                double sa = 0;
                double sb = 0;
                double sc = 0;
                double se = 0;
                for (int j = 0; j < d; j++) {
                    double weight = parameters[w + j];
                    sa += weight * x[a + j];
                    sb += weight * x[b + j];
                    sc += weight * x[c + j];
                    se += weight * x[e + j];
                }
                double intercept = parameters[w + d];
                scores[i * k + m] = sa + intercept;
                scores[(i + 1) * k + m] = sb + intercept;
                scores[(i + 2) * k + m] = sc + intercept;
                scores[(i + 3) * k + m] = se + intercept;
            }
        }
        for (; i < n; i++) {
            for (int m = 0; m < k; m++) {
                int w = m * (d + 1);
                double sum = parameters[w + d];
                for (int j = 0; j < d; j++) {
                    sum += parameters[w + j] * x[i * d + j];
                }
                scores[i * k + m] = sum;
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
