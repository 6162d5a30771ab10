package org.whylm.probe;

import org.ejml.simple.SimpleMatrix;

/**
 * The regression of {@link LogisticRegression#fit} by Newton steps with the whole Hessian, {@code (K·(d+1))²}, and one score for each of
 * {@code K} classes: slow, plain, and sharing no line with what it checks.
 */
final class DenseNewton {

    private DenseNewton() {}

    /** @return {@code K×(d+1)}, the intercepts last; {@code classes} is 3 or more */
    static double[][] fit(float[][] features, int[] labels, int classes, double C) {
        int width = features[0].length + 1;
        int size = classes * width;
        var w = new double[classes][width];
        for (int step = 0; step < 200; step++) {
            var gradient = new SimpleMatrix(size, 1);
            var hessian = new SimpleMatrix(size, size);
            for (int at = 0; at < size; at++) {
                boolean intercept = (at + 1) % width == 0;
                gradient.set(at, 0, intercept ? 0 : w[at / width][at % width]);
                hessian.set(at, at, intercept ? 1e-9 * C : 1);
            }
            for (int i = 0; i < features.length; i++) {
                var x = withOne(features[i]);
                var p = probabilities(w, x);
                for (int a = 0; a < size; a++) {
                    int m = a / width;
                    double xa = C * x[a % width];
                    gradient.set(a, 0, gradient.get(a, 0) + xa * (p[m] - (labels[i] == m ? 1 : 0)));
                    for (int b = 0; b < size; b++) {
                        double curvature = p[m] * ((m == b / width ? 1 : 0) - p[b / width]);
                        hessian.set(a, b, hessian.get(a, b) + xa * curvature * x[b % width]);
                    }
                }
            }
            var direction = hessian.solve(gradient);
            double decrement = direction.dot(gradient);
            double start = objective(w, features, labels, C);
            for (double t = 1; t > 1e-9; t /= 2) {
                var trial = new double[classes][width];
                for (int at = 0; at < size; at++) {
                    trial[at / width][at % width] = w[at / width][at % width] - t * direction.get(at, 0);
                }
                if (decrement < 1e-9 || objective(trial, features, labels, C) <= start - 1e-4 * t * decrement) {
                    w = trial;
                    break;
                }
            }
            if (decrement < 1e-18) {
                return w;
            }
        }
        throw new IllegalStateException("no minimum");
    }

    private static double objective(double[][] w, float[][] features, int[] labels, double C) {
        double sum = 0;
        for (var row : w) {
            for (int j = 0; j + 1 < row.length; j++) {
                sum += row[j] * row[j] / 2;
            }
        }
        for (int i = 0; i < labels.length; i++) {
            sum -= C * Math.log(probabilities(w, withOne(features[i]))[labels[i]]);
        }
        return sum;
    }

    private static double[] withOne(float[] row) {
        var x = new double[row.length + 1];
        for (int j = 0; j < row.length; j++) {
            x[j] = row[j];
        }
        x[row.length] = 1;
        return x;
    }

    private static double[] probabilities(double[][] w, double[] x) {
        var p = new double[w.length];
        double sum = 0;
        for (int m = 0; m < p.length; m++) {
            double score = 0;
            for (int j = 0; j < x.length; j++) {
                score += w[m][j] * x[j];
            }
            p[m] = Math.exp(score);
            sum += p[m];
        }
        for (int m = 0; m < p.length; m++) {
            p[m] /= sum;
        }
        return p;
    }
}
