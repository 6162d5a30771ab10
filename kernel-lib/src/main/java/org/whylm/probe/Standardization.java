package org.whylm.probe;

import java.util.Arrays;

/**
 * Shift and scale of each feature column.
 *
 * @param mean what is subtracted, {@code d}
 * @param scale what the difference is then divided by, {@code d}, never 0
 */
public record Standardization(double[] mean, double[] scale) {

    /**
     * Learns shift and scale from the rows ({@code n×d}) of a training split. {@link Scaling#RAW} columns are shifted too, for the
     * sake of rounding: as the intercept is not penalised, that changes no regression.
     */
    static Standardization learn(float[][] rows, Scaling scaling) {
        int n = rows.length;
        int d = rows[0].length;
        var mean = new double[d];
        var scale = new double[d];
        Arrays.fill(scale, 1);
        for (var row : rows) {
            for (int j = 0; j < d; j++) {
                mean[j] += row[j];
            }
        }
        for (int j = 0; j < d; j++) {
            mean[j] /= n;
        }
        if (scaling == Scaling.RAW) {
            return new Standardization(mean, scale);
        }
        var squares = new double[d];
        for (var row : rows) {
            for (int j = 0; j < d; j++) {
                double difference = row[j] - mean[j];
                squares[j] += difference * difference;
            }
        }
        for (int j = 0; j < d; j++) {
            if (squares[j] > 0) {
                scale[j] = Math.sqrt(squares[j] / n);
            }
        }
        return new Standardization(mean, scale);
    }

    /** That of all columns to mean 0 and variance 1. */
    public static Standardization of(float[][] rows) {
        return learn(rows, Scaling.STANDARDIZED);
    }

    /** Rows {@code from … from+count-1}, standardised, row-major. */
    public double[] rows(float[][] rows, int from, int count) {
        return apply(Arrays.copyOfRange(rows, from, from + count), 0, mean.length);
    }

    /** Columns {@code from} up to {@code to} of the rows, standardised, row-major. */
    double[] apply(float[][] rows, int from, int to) {
        int width = to - from;
        var out = new double[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < width; j++) {
                out[i * width + j] = (rows[i][from + j] - mean[from + j]) / scale[from + j];
            }
        }
        return out;
    }

    /** {@code αZ} for {@code α} of {@code k×n} and the standardised rows {@code Z}. */
    double[][] combine(double[][] alpha, float[][] rows) {
        var out = new double[alpha.length][mean.length];
        for (int m = 0; m < alpha.length; m++) {
            for (int i = 0; i < rows.length; i++) {
                for (int j = 0; j < mean.length; j++) {
                    out[m][j] += alpha[m][i] * ((rows[i][j] - mean[j]) / scale[j]);
                }
            }
        }
        return out;
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
