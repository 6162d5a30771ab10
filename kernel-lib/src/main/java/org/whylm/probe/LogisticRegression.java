package org.whylm.probe;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.whylm.run.Matrices;
import org.whylm.statistics.Accuracy;

/**
 * Logistic regression with an intercept. Two classes have one score, whose sign decides (class 1 if it is positive); more classes have
 * one score each, of which the largest decides. Probabilities are the sigmoid or softmax of the scores.
 *
 * @param weights {@code k×d}, one row a score ({@code k} = 1 for two classes), for features as they are given to {@link #predict}
 * @param intercepts {@code k}
 */
public record LogisticRegression(double[][] weights, double[] intercepts) {

    /**
     * Minimises {@code C·Σ_i loss(x_i, y_i) + ½‖W‖²} with the logistic loss or cross-entropy in nats, the intercepts not penalised: the
     * objective of scikit-learn's {@code LogisticRegression(C=C)}. The weights are within a millionth (relative to their norm) of
     * the minimum.
     *
     * @param features {@code n×d}, finite
     * @param labels {@code n} labels in {@code 0..classes-1}, every class at least once
     * @throws IllegalArgumentException if an argument is not so; it names the row and column
     * @throws IllegalStateException if the minimum cannot be reached, which the message explains
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    public static LogisticRegression fit(float[][] features, int[] labels, int classes, double C) {
        Checks.split("training", features, labels, classes);
        Checks.everyClass(labels, classes, 1);
        Checks.regularization(C);
        var coordinates = Coordinates.of(features, new float[0][], Scaling.RAW);
        var costs = new double[labels.length];
        Arrays.fill(costs, C);
        try (var path = coordinates.path(labels, classes, List.of(all(labels.length)))) {
            path.minimise(C);
            return coordinates.restoration().restore(path.models().get(0), labels, costs);
        }
    }

    /** What the examples weigh where each is taken once. */
    static double[] all(int n) {
        var weights = new double[n];
        Arrays.fill(weights, 1);
        return weights;
    }

    /** The same with a score for each class also of two: the first one's is 0. */
    public LogisticRegression perClass() {
        return weights.length > 1
                ? this
                : new LogisticRegression(
                        new double[][] {new double[weights[0].length], weights[0]}, new double[] {0, intercepts[0]});
    }

    /** The number of classes. */
    public int classes() {
        return Math.max(2, weights.length);
    }

    /**
     * The scores {@code Wx + b}, {@code k} of them.
     *
     * @throws IllegalArgumentException unless there are {@code d} features
     */
    public double[] decision(float[] features) {
        return scores(rowMajor(features), 0);
    }

    private double[] rowMajor(float[]... features) {
        int d = weights[0].length;
        var values = new double[features.length * d];
        for (int i = 0; i < features.length; i++) {
            if (features[i].length != d) {
                throw new IllegalArgumentException(features[i].length + " features for a classifier of " + d);
            }
            for (int j = 0; j < d; j++) {
                values[i * d + j] = features[i][j];
            }
        }
        return values;
    }

    /** The most probable class. */
    public int predict(float[] features) {
        return label(decision(features));
    }

    /** The probability of each class. */
    public double[] probabilities(float[] features) {
        return probabilities(decision(features));
    }

    /** The loss {@code -log p(label | features)} in nats. */
    public double loss(float[] features, int label) {
        return loss(decision(features), label);
    }

    /** The mean loss over examples, {@code n×d} with {@code n > 0}, and their {@code n} labels, in nats. */
    public double logLoss(float[][] features, int[] labels) {
        return logLoss(rowMajor(features), labels);
    }

    /** The share of examples, {@code n×d} with {@code n > 0}, whose most probable class is their label. */
    public Accuracy accuracy(float[][] features, int[] labels) {
        return accuracy(rowMajor(features), labels);
    }

    /** The mean loss over examples, {@code n×d} row-major. */
    double logLoss(double[] features, int[] labels) {
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            sum += loss(scores(features, i * weights[0].length), labels[i]);
        }
        return sum / labels.length;
    }

    /** The accuracy on examples, {@code n×d} row-major. */
    Accuracy accuracy(double[] features, int[] labels) {
        return Accuracy.of(predictions(features), labels);
    }

    /** The most probable class of each example, {@code n×d} row-major. */
    int[] predictions(double[] features) {
        int d = weights[0].length;
        return IntStream.range(0, features.length / d)
                .map(i -> label(scores(features, i * d)))
                .toArray();
    }

    /** The probabilities of all classes for each example, {@code n×d} row-major. */
    double[][] allProbabilities(double[] features) {
        int d = weights[0].length;
        return IntStream.range(0, features.length / d)
                .mapToObj(i -> probabilities(scores(features, i * d)))
                .toArray(double[][]::new);
    }

    /** The scores of the {@code d} features that start at {@code offset}. */
    double[] scores(double[] features, int offset) {
        var scores = intercepts.clone();
        for (int m = 0; m < scores.length; m++) {
            for (int j = 0; j < weights[m].length; j++) {
                scores[m] += weights[m][j] * features[offset + j];
            }
        }
        return scores;
    }

    /** The class that the scores decide for. */
    static int label(double[] scores) {
        return scores.length > 1 ? Matrices.largest(scores) : scores[0] > 0 ? 1 : 0;
    }

    /** The probabilities of all classes that belong to scores. */
    static double[] probabilities(double[] scores) {
        var logits = logits(scores);
        double logPartition = logPartition(logits);
        return Arrays.stream(logits)
                .map(logit -> Math.exp(logit - logPartition))
                .toArray();
    }

    static double loss(double[] scores, int label) {
        var logits = logits(scores);
        return logPartition(logits) - logits[label];
    }

    /** One logit a class, also for two classes. */
    private static double[] logits(double[] scores) {
        return scores.length == 1 ? new double[] {0, scores[0]} : scores;
    }

    private static double logPartition(double[] logits) {
        double max = Arrays.stream(logits).max().orElseThrow();
        return max
                + Math.log(Arrays.stream(logits)
                        .map(logit -> Math.exp(logit - max))
                        .sum());
    }
}
