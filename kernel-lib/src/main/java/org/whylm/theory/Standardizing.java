package org.whylm.theory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;

/**
 * Mean and standard deviation of each component.
 *
 * @param mean {@code d}
 * @param deviation {@code d}; 1 for a constant component
 */
record Standardizing(double[] mean, double[] deviation) {

    static Standardizing of(float[][] rows) {
        int n = rows.length, d = rows[0].length;
        var mean = new double[d];
        for (var row : rows) {
            for (int j = 0; j < d; j++) {
                mean[j] += row[j];
            }
        }
        Arrays.setAll(mean, j -> mean[j] / n);
        var deviation = new double[d];
        for (var row : rows) {
            for (int j = 0; j < d; j++) {
                deviation[j] += (row[j] - mean[j]) * (row[j] - mean[j]);
            }
        }
        Arrays.setAll(deviation, j -> deviation[j] == 0 ? 1 : Math.sqrt(deviation[j] / n));
        return new Standardizing(mean, deviation);
    }

    /** {@code n×d}, float64. */
    NDArray standardized(float[][] rows, NDManager manager) {
        return standardized(rows, 0, rows.length, manager);
    }

    /** Rows {@code from … from+count-1}, {@code count×d}, float64. */
    NDArray standardized(float[][] rows, int from, int count, NDManager manager) {
        return Float64.rows(manager, rows, from, count)
                .subi(manager.create(mean))
                .divi(manager.create(deviation));
    }
}
