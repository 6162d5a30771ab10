package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.whylm.statistics.Accuracy;
import org.whylm.statistics.Outcomes;
import org.whylm.statistics.Statistic;

/**
 * How well one kind of features solves a task: one cell of a table.
 *
 * @param task name of the task
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
     */
    public record Split(
            int[] labels, List<int[]> runs, List<int[]> draws, Optional<LinearClassification> classification) {

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

        static Split of(LinearClassification classification) {
            return new Split(
                    classification.testLabels(),
                    List.of(classification.predictions()),
                    classification.draws(),
                    Optional.of(classification));
        }

        Outcomes outcomes() {
            return new Outcomes(
                    runs.stream().map(this::correct).toList(),
                    draws.stream().map(this::correct).toList());
        }

        private boolean[] correct(int[] predictions) {
            return LinearClassification.correct(predictions, labels);
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
        var split = new Split(labels, List.of(predictions), List.of(), Optional.empty());
        return new Result(task, features, prompted, 0, List.of(split));
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
            joined.add(new Split(split.labels, runs, split.draws, split.classification));
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
        return splits.get(0).outcomes().runs().stream()
                .mapToDouble(run -> Accuracy.of(run).value())
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

    /** By how much more one kind of features gains than another: {@code (after - before) - (otherAfter - otherBefore)}. */
    public static Statistic gainDifference(Result before, Result after, Result otherBefore, Result otherAfter) {
        return Statistic.gainDifference(
                before.outcomes(), after.outcomes(), otherBefore.outcomes(), otherAfter.outcomes());
    }

    private List<Outcomes> outcomes() {
        return splits.stream().map(Split::outcomes).toList();
    }
}
