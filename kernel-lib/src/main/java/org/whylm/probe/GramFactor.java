package org.whylm.probe;

import java.util.ArrayList;
import java.util.stream.IntStream;
import org.whylm.run.Matrices;

/**
 * A Gram matrix {@code K = LLᵀ} by Cholesky with diagonal pivoting, which stops at the numerical rank. The rows of {@code L} are coordinates
 * of the examples in an orthonormal basis of their span.
 *
 * @param rows {@code L}, {@code n×rank} row-major
 * @param rank how many pivots there were
 * @param pivots the examples taken as pivots, in order; their rows of {@code L} form a lower triangle
 */
record GramFactor(double[] rows, int rank, int[] pivots) {

    /** What is left of the diagonal, relative to its largest entry, where the factorisation stops. */
    private static final double TOLERANCE = 1e-12;

    /** @throws IllegalArgumentException if {@code gram} is not symmetric and positive semi-definite */
    static GramFactor of(double[][] gram) {
        int n = gram.length;
        var rest = IntStream.range(0, n).mapToDouble(i -> gram[i][i]).toArray();
        double largest = Math.max(0, rest[Matrices.largest(rest)]);
        checkSymmetric(gram, largest);
        var lower = new double[n][n];
        var pivots = new ArrayList<Integer>();
        for (int k = 0; k < n; k++) {
            int pivot = Matrices.largest(rest);
            if (rest[pivot] <= TOLERANCE * largest) {
                break;
            }
            double root = Math.sqrt(rest[pivot]);
            var pivotRow = lower[pivot];
            for (int i = 0; i < n; i++) {
                if (i != pivot && rest[i] != Double.NEGATIVE_INFINITY) {
                    double entry = (gram[i][pivot] - dot(lower[i], pivotRow, k)) / root;
                    lower[i][k] = entry;
                    rest[i] -= entry * entry;
                    if (rest[i] < -1e-8 * largest) {
                        throw new IllegalArgumentException("The inner products are not those of any rows: row " + i
                                + " contradicts rows " + pivots + " and " + pivot);
                    }
                }
            }
            pivotRow[k] = root;
            rest[pivot] = Double.NEGATIVE_INFINITY;
            pivots.add(pivot);
        }
        int rank = Math.max(1, pivots.size());
        var rows = new double[n * rank];
        for (int i = 0; i < n; i++) {
            System.arraycopy(lower[i], 0, rows, i * rank, rank);
        }
        return new GramFactor(rows, rank, pivots.stream().mapToInt(p -> p).toArray());
    }

    private static void checkSymmetric(double[][] gram, double largest) {
        for (int i = 0; i < gram.length; i++) {
            if (gram[i][i] < 0) {
                throw new IllegalArgumentException(
                        "Row " + i + " has the inner product " + gram[i][i] + " with itself");
            }
            for (int j = 0; j < i; j++) {
                if (!(Math.abs(gram[i][j] - gram[j][i]) <= 1e-9 * largest)) {
                    throw new IllegalArgumentException("The inner products of rows " + i + " and " + j + " are "
                            + gram[i][j] + " and " + gram[j][i] + "; they must be equal and finite");
                }
            }
        }
    }

    private static double dot(double[] a, double[] b, int length) {
        double even = 0;
        double odd = 0;
        int j = 0;
        for (; j + 1 < length; j += 2) {
            even += a[j] * b[j];
            odd += a[j + 1] * b[j + 1];
        }
        return even + odd + (j < length ? a[j] * b[j] : 0);
    }

    /**
     * Coordinates of other rows, projected on the span, {@code m×rank} row-major, by their inner products with the rows that were factored,
     * {@code m×n}.
     */
    double[] coordinates(double[][] cross) {
        var out = new double[cross.length * rank];
        for (int i = 0; i < cross.length; i++) {
            for (int k = 0; k < pivots.length; k++) {
                double sum = cross[i][pivots[k]];
                for (int m = 0; m < k; m++) {
                    sum -= out[i * rank + m] * rows[pivots[k] * rank + m];
                }
                out[i * rank + k] = sum / rows[pivots[k] * rank + k];
            }
        }
        return out;
    }

    /**
     * The regression in terms of inner products with the {@code n} rows. At the optimum its weights are {@code α = c(y - p)}; what {@code αL}
     * then lacks of the coordinate weights, for they are only nearly optimal, is added at the pivots.
     *
     * @param costs {@code c}: what the loss of each row was multiplied by, {@code n}
     */
    LogisticRegression dual(LogisticRegression model, int[] labels, double[] costs) {
        int n = labels.length;
        int k = model.intercepts().length;
        var alpha = new double[k][n];
        var lacking = new double[k][];
        for (int m = 0; m < k; m++) {
            lacking[m] = model.weights()[m].clone();
        }
        for (int i = 0; i < n; i++) {
            var p = LogisticRegression.probabilities(model.scores(rows, i * rank));
            for (int m = 0; m < k; m++) {
                int label = k == 1 ? 1 : m;
                alpha[m][i] = costs[i] * ((labels[i] == label ? 1 : 0) - p[label]);
                for (int j = 0; j < rank; j++) {
                    lacking[m][j] -= alpha[m][i] * rows[i * rank + j];
                }
            }
        }
        for (int m = 0; m < k; m++) {
            for (int j = pivots.length - 1; j >= 0; j--) {
                double share = lacking[m][j] / rows[pivots[j] * rank + j];
                alpha[m][pivots[j]] += share;
                for (int l = 0; l < j; l++) {
                    lacking[m][l] -= share * rows[pivots[j] * rank + l];
                }
            }
        }
        return new LogisticRegression(alpha, model.intercepts().clone());
    }
}
