package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.whylm.run.Matrices;
import org.whylm.statistics.Accuracy;
import org.whylm.statistics.Outcomes;
import org.whylm.statistics.Statistic;

/**
 * How well one kind of features solves a task: one cell of a table.
 *
 * @param features what the classifier sees, as a table calls it
 * @param prompted whether it was read behind the prompt
 * @param dimension of the features; 0 where that has no meaning
 * @param splits one if the task has a fixed split, several random ones otherwise
 */
public record Result(String task, String features, boolean prompted, int dimension, List<Split> splits) {

    /**
     * What is predicted on one split.
     *
     * @param labels of the test examples, {@code m}
     * @param runs predictions for the test examples, {@code m} each: several where the features come from several training runs
     * @param draws predictions of classifiers trained on redrawn training sets, {@code m} each; none if that was not done
     * @param classification the linear classifier behind the first run, if it is one
     * @param probabilities of all classes by the first run, {@code m×k}; none if it has none
     */
    public record Split(
            int[] labels,
            List<int[]> runs,
            List<int[]> draws,
            Optional<LinearClassification> classification,
            double[][] probabilities) {

        /** Without probabilities. */
        public Split(int[] labels, List<int[]> runs, List<int[]> draws, Optional<LinearClassification> classification) {
            this(labels, runs, draws, classification, new double[0][]);
        }

        /** @throws IllegalArgumentException if there is no run, or predictions and labels differ in number */
        public Split {
            runs = List.copyOf(runs);
            draws = List.copyOf(draws);
            if (runs.isEmpty()) {
                throw new IllegalArgumentException("Predictions of no classifier");
            }
            for (var run : runs) {
                if (run.length != labels.length) {
                    throw new IllegalArgumentException(run.length + " predictions for " + labels.length + " labels");
                }
            }
        }

        static Split of(int[] labels, int[] predictions) {
            return new Split(labels, List.of(predictions), List.of(), Optional.empty());
        }

        static Split of(LinearClassification classification) {
            return new Split(
                    classification.testLabels(),
                    List.of(classification.predictions()),
                    classification.draws(),
                    Optional.of(classification),
                    classification.probabilities());
        }

        /** The same for some of the examples. */
        private Split rows(int[] rows) {
            return new Split(
                    Matrices.select(labels, rows),
                    runs.stream().map(run -> Matrices.select(run, rows)).toList(),
                    draws.stream().map(draw -> Matrices.select(draw, rows)).toList(),
                    classification,
                    probabilities.length == 0 ? probabilities : Matrices.select(probabilities, rows));
        }

        Outcomes outcomes() {
            return new Outcomes(
                    runs.stream().map(this::correct).toList(),
                    draws.stream().map(this::correct).toList());
        }

        private boolean[] correct(int[] predictions) {
            var correct = new boolean[labels.length];
            for (int i = 0; i < correct.length; i++) {
                correct[i] = predictions[i] == labels[i];
            }
            return correct;
        }
    }

    /** @throws IllegalArgumentException if there is no split */
    public Result {
        splits = List.copyOf(splits);
        if (splits.isEmpty()) {
            throw new IllegalArgumentException("A result on no split of " + task);
        }
    }

    /** The result of anything that predicts the test examples of a fixed split. */
    public static Result of(String task, String features, boolean prompted, int[] labels, int[] predictions) {
        return new Result(task, features, prompted, 0, List.of(Split.of(labels, predictions)));
    }

    /** The result of a linear classifier on a fixed split. */
    public static Result of(String task, String features, boolean prompted, LinearClassification classification) {
        int dimension = classification.model().weights()[0].length;
        return new Result(task, features, prompted, dimension, List.of(Split.of(classification)));
    }

    /** The same result under another name of its features, such as that of what trained them. */
    public Result named(String features) {
        return new Result(task, features, prompted, dimension, splits);
    }

    /**
     * This result with a further training run of the same features on the same test examples.
     *
     * @throws IllegalArgumentException if it is of another task, or its test examples differ
     */
    public Result and(Result run) {
        if (!row().equals(run.row()) || splits.size() != run.splits.size()) {
            throw new IllegalArgumentException("A run on " + run.row() + " is none of " + features + " on " + row());
        }
        var joined = new ArrayList<Split>();
        for (int s = 0; s < splits.size(); s++) {
            var split = splits.get(s);
            var other = run.splits.get(s);
            if (!Arrays.equals(split.labels, other.labels)) {
                throw new IllegalArgumentException("The runs of " + features + " on " + row() + " have other examples");
            }
            var runs = new ArrayList<>(split.runs);
            runs.addAll(other.runs);
            joined.add(new Split(split.labels, runs, split.draws, split.classification, split.probabilities));
        }
        return new Result(task, features, prompted, dimension, joined);
    }

    /** Name of its row: the task's, with {@code *} for texts and prompt. */
    public String row() {
        return task + (prompted ? "*" : "");
    }

    /** Name of its column among claims: that of the features, with {@code *} for texts and prompt. */
    public String column() {
        return features + (prompted ? "*" : "");
    }

    /** The linear classifier, on the first split. */
    public LinearClassification classification() {
        return splits.get(0)
                .classification
                .orElseThrow(() ->
                        new IllegalStateException("There is no linear classifier behind " + features + " on " + row()));
    }

    /** Which test examples are right: of the first split, by the first run. */
    public boolean[] correct() {
        return splits.get(0).outcomes().runs().get(0);
    }

    /** Accuracy of each training run, on the first split. */
    public double[] runAccuracies() {
        var first = splits.get(0);
        return first.runs.stream()
                .mapToDouble(run -> Accuracy.of(run, first.labels).value())
                .toArray();
    }

    /** Accuracy with its 95% interval; the mean over splits and runs. */
    public Statistic accuracy() {
        return Statistic.accuracy(outcomes());
    }

    /**
     * Accuracy of this result less that of another on the same test examples.
     *
     * @throws IllegalArgumentException if the test examples differ
     */
    public Statistic difference(Result other) {
        return Statistic.difference(outcomes(), other.outcomes());
    }

    /**
     * The mean over the classes of the share of each class's examples that are right (balanced accuracy); where all classes are equally
     * frequent, the accuracy. Classes without an example are left out. On the first split.
     */
    public Statistic balancedAccuracy() {
        return Statistic.balancedAccuracy(splits.get(0).outcomes(), splits.get(0).labels);
    }

    /**
     * Balanced accuracy of this result less that of another on the same examples.
     *
     * @throws IllegalArgumentException if the test examples differ
     */
    public Statistic balancedDifference(Result other) {
        var labels = splits.get(0).labels;
        if (!Arrays.equals(other.splits.get(0).labels, labels)) {
            throw new IllegalArgumentException(features + " and " + other.features + " have other test examples");
        }
        return Statistic.balancedDifference(
                splits.get(0).outcomes(), other.splits.get(0).outcomes(), labels);
    }

    /**
     * How well the first run's odds of a class, which still differ where probabilities round to 1, rank the examples of the first split:
     * the area under the ROC curve, of the class against all others.
     *
     * @throws IllegalArgumentException if there are no probabilities, or only examples of the class, or none
     */
    public Statistic areaUnderRoc(int label) {
        var split = splits.get(0);
        var odds = Arrays.stream(split.probabilities).mapToDouble(row -> logOdds(row, label));
        return Statistic.areaUnderRoc(odds.toArray(), split.labels, label);
    }

    private static double logOdds(double[] probabilities, int label) {
        double others = 0;
        for (int k = 0; k < probabilities.length; k++) {
            others += k == label ? 0 : probabilities[k];
        }
        return Math.log(probabilities[label]) - Math.log(others);
    }

    /**
     * The mean over the classes of {@code F1 = 2·hits / (examples of the class + predictions of it)}, of the first split and run, with a
     * percentile bootstrap interval over its examples (10,000 resamples). As in scikit-learn a class counts that has an example or
     * a prediction. Where all are right, or none, no resample shows another number: the interval is that of the balanced accuracy.
     */
    public Statistic macroF1(long seed) {
        var labels = splits.get(0).labels;
        var predictions = splits.get(0).runs.get(0);
        long right = Accuracy.of(predictions, labels).correct();
        if (right == 0 || right == labels.length) {
            return Statistic.balancedAccuracy(Outcomes.of(correct()), labels);
        }
        var classes = IntStream.concat(Arrays.stream(labels), Arrays.stream(predictions))
                .distinct()
                .sorted()
                .toArray();
        var values = new double[2 * classes.length][labels.length];
        for (int k = 0; k < classes.length; k++) {
            for (int i = 0; i < labels.length; i++) {
                int of = labels[i] == classes[k] ? 1 : 0;
                int predicted = predictions[i] == classes[k] ? 1 : 0;
                values[2 * k][i] = of * predicted;
                values[2 * k + 1][i] = of + predicted;
            }
        }
        return Statistic.ofMeans(
                values,
                means -> IntStream.range(0, classes.length)
                        .filter(k -> means[2 * k + 1] > 0)
                        .mapToDouble(k -> 2 * means[2 * k] / means[2 * k + 1])
                        .average()
                        .orElseThrow(),
                seed);
    }

    /** The same predictions for some of the test examples of the first split, by their index. */
    public Result on(int... testRows) {
        return new Result(
                task, features, prompted, dimension, List.of(splits.get(0).rows(testRows)));
    }

    /** By how much more one kind of features gains than another: {@code (after - before) - (otherAfter - otherBefore)}. */
    public static Statistic gainDifference(Result before, Result after, Result otherBefore, Result otherAfter) {
        return Statistic.gainDifference(
                before.outcomes(), after.outcomes(), otherBefore.outcomes(), otherAfter.outcomes());
    }

    private List<Outcomes> outcomes() {
        return splits.stream().map(Split::outcomes).toList();
    }
}
