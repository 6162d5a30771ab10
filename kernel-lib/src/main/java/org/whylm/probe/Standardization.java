package org.whylm.probe;

/**
 * Shift and scale of each feature column.
 *
 * @param mean what is subtracted, {@code d}
 * @param scale what the difference is then divided by, {@code d}, never 0
 */
record Standardization(double[] mean, double[] scale) {

    /** Learns the shift and scale that {@code scaling} asks for from the rows ({@code n×d}) of a training split. */
    static Standardization learn(float[][] rows, Scaling scaling) {
        int n = rows.length;
        int d = rows[0].length;
        var mean = new double[d];
        var scale = new double[d];
        java.util.Arrays.fill(scale, 1);
        if (scaling == Scaling.RAW) {
            return new Standardization(mean, scale);
        }
        for (var row : rows) {
            for (int j = 0; j < d; j++) {
                mean[j] += row[j];
            }
        }
        for (int j = 0; j < d; j++) {
            mean[j] /= n;
        }
        var squares = new double[d];
        for (var row : rows) {
            for (int j = 0; j < d; j++) {
                double difference = row[j] - mean[j];
                squares[j] += difference * difference;
            }
        }
        double epsilon = Math.ulp(1.0);
        for (int j = 0; j < d; j++) {
            double variance = squares[j] / n;
            double rounding = n * epsilon * variance + Math.pow(n * mean[j] * epsilon, 2);
            if (variance > rounding) {
                scale[j] = Math.sqrt(variance);
            }
        }
        return new Standardization(mean, scale);
    }

    double apply(float value, int column) {
        return (value - mean[column]) / scale[column];
    }

    /** The regression on features as given that scores like {@code model} on standardised ones. */
    LogisticRegression undo(LogisticRegression model) {
        var weights = new double[model.weights().length][mean.length];
        var intercepts = model.intercepts().clone();
        for (int m = 0; m < weights.length; m++) {
            for (int j = 0; j < mean.length; j++) {
                weights[m][j] = model.weights()[m][j] / scale[j];
                intercepts[m] -= weights[m][j] * mean[j];
            }
        }
        return new LogisticRegression(weights, intercepts);
    }
}
