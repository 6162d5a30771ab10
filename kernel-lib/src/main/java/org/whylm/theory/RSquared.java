package org.whylm.theory;

import java.util.Arrays;

/**
 * R² of vectors predicted by vectors: {@code 1 - Σ (predicted - true)² / Σ (true - mean)²}; negative if the mean would do better.
 *
 * @param byComponent {@code d}; NaN where the true component is constant
 * @param overall of all components together, each with its own mean
 */
public record RSquared(double[] byComponent, double overall) {

    /**
     * @param predicted {@code n×d}
     * @param actual {@code n×d}
     */
    static RSquared of(double[][] predicted, float[][] actual) {
        int n = actual.length, d = actual[0].length;
        var byComponent = new double[d];
        double allError = 0, allSpread = 0;
        var predictedColumn = new double[n];
        var actualColumn = new float[n];
        for (int j = 0; j < d; j++) {
            for (int i = 0; i < n; i++) {
                predictedColumn[i] = predicted[i][j];
                actualColumn[i] = actual[i][j];
            }
            double error = error(predictedColumn, actualColumn), spread = spread(actualColumn);
            byComponent[j] = spread == 0 ? Double.NaN : 1 - error / spread;
            allError += error;
            allSpread += spread;
        }
        return new RSquared(byComponent, 1 - allError / allSpread);
    }

    /** R² of scalars. */
    static double of(double[] predicted, float[] actual) {
        return 1 - error(predicted, actual) / spread(actual);
    }

    /** The component in the middle when they are ordered by R²; constant ones are left out. */
    public double median() {
        var ordered = Arrays.stream(byComponent)
                .filter(value -> !Double.isNaN(value))
                .sorted()
                .toArray();
        return ordered[ordered.length / 2];
    }

    private static double error(double[] predicted, float[] actual) {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            sum += (predicted[i] - actual[i]) * (predicted[i] - actual[i]);
        }
        return sum;
    }

    private static double spread(float[] values) {
        double mean = 0, sum = 0;
        for (float value : values) {
            mean += value;
        }
        mean /= values.length;
        for (float value : values) {
            sum += (value - mean) * (value - mean);
        }
        return sum;
    }
}
