package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.whylm.features.Features;
import org.whylm.features.WordList;
import org.whylm.run.Matrices;
import org.whylm.statistics.Accuracy;

/**
 * Classification with nothing trained: the probability of a class is that of the words which stand for it, as a share of the
 * probability of all such words.
 *
 * @param probabilities {@code m×k}, each row sums to 1
 * @param labels {@code m} labels in {@code 0..k-1}
 * @param prior what the probabilities are divided by when they are {@link #calibrated}: the mean probabilities of the classes over
 *     unlabelled texts, {@code k}
 */
public record ZeroShot(double[][] probabilities, int[] labels, double[] prior) {

    /** Examples of like confidence: their mean probability of the class decided for, in [0,1], and how many are decided rightly. */
    public record Bin(double confidence, Accuracy accuracy) {}

    /**
     * From probabilities of classes, which need not sum to 1, of {@code m} examples and of other texts, whose labels are not used, such as a
     * training split; at least one row each.
     */
    static ZeroShot of(double[][] probabilities, double[][] unlabelled, int[] labels) {
        var prior = new double[unlabelled[0].length];
        for (var row : unlabelled) {
            var share = normalized(row);
            for (int k = 0; k < prior.length; k++) {
                prior[k] += share[k] / unlabelled.length;
            }
        }
        return new ZeroShot(
                Arrays.stream(probabilities).map(ZeroShot::normalized).toArray(double[][]::new), labels, prior);
    }

    /** {@code Σ_w p_f(w)} over each class's words, {@code n×k}, relative to the largest of each row: tiny values do not underflow. */
    static double[][] classProbabilities(Features features, List<WordList> classWords) {
        var sums = new double[features.size()][classWords.size()];
        for (var row : sums) {
            Arrays.fill(row, Double.NEGATIVE_INFINITY);
        }
        for (int k = 0; k < classWords.size(); k++) {
            var logs = features.wordLogProbabilities(classWords.get(k));
            for (int i = 0; i < logs.length; i++) {
                for (float log : logs[i]) {
                    double max = Math.max(sums[i][k], log);
                    sums[i][k] = max + Math.log(Math.exp(sums[i][k] - max) + Math.exp(log - max));
                }
            }
        }
        for (var row : sums) {
            double max = Arrays.stream(row).max().orElseThrow();
            Arrays.setAll(row, k -> Math.exp(row[k] - max));
        }
        return sums;
    }

    /**
     * Contextual calibration (Z. Zhao et al., "Calibrate before use", ICML 2021), with unlabelled texts of the task in place of texts
     * without content: each class's probability divided by its mean, then shares again. It removes the model's preference for some words
     * whatever the text.
     */
    public ZeroShot calibrated() {
        var divided = probabilities.clone();
        Arrays.setAll(divided, i -> {
            var row = probabilities[i].clone();
            Arrays.setAll(row, k -> row[k] / prior[k]);
            return normalized(row);
        });
        return new ZeroShot(divided, labels, prior);
    }

    /** Each example's most probable class, {@code m}. */
    public int[] predictions() {
        return Arrays.stream(probabilities).mapToInt(Matrices::largest).toArray();
    }

    public Accuracy accuracy() {
        return Accuracy.of(predictions(), labels);
    }

    /** The examples by their confidence, the probability of the class decided for, in so many equal stretches of [0,1]; empty ones are left out. */
    public List<Bin> reliability(int bins) {
        var confidence = new double[bins];
        var right = new int[bins];
        var total = new int[bins];
        var predictions = predictions();
        for (int i = 0; i < labels.length; i++) {
            double most = probabilities[i][predictions[i]];
            int bin = Math.min(bins - 1, (int) (most * bins));
            confidence[bin] += most;
            right[bin] += predictions[i] == labels[i] ? 1 : 0;
            total[bin]++;
        }
        var filled = new ArrayList<Bin>();
        for (int bin = 0; bin < bins; bin++) {
            if (total[bin] > 0) {
                filled.add(new Bin(confidence[bin] / total[bin], new Accuracy(right[bin], total[bin])));
            }
        }
        return filled;
    }

    /**
     * Expected calibration error: how far confidence and accuracy of {@link #reliability} lie apart, on average over the examples;
     * 0 if the model knows how sure it may be.
     */
    public double calibrationError(int bins) {
        double sum = 0;
        for (var bin : reliability(bins)) {
            var accuracy = bin.accuracy();
            sum += accuracy.total() * Math.abs(bin.confidence() - accuracy.value());
        }
        return sum / labels.length;
    }

    private static double[] normalized(double[] row) {
        double sum = Arrays.stream(row).sum();
        return Arrays.stream(row).map(value -> value / sum).toArray();
    }
}
