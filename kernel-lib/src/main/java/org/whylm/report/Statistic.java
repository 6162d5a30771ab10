package org.whylm.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.distribution.TDistribution;
import org.whylm.probe.Accuracy;

/**
 * A number with its 95% interval.
 *
 * @param value the estimate
 * @param low lower end of the interval, at most {@code value}
 * @param high upper end of the interval, at least {@code value}
 */
public record Statistic(double value, double low, double high) {

    private static final int RESAMPLES = 10_000;

    /** Of 90/10 splits. */
    private static final double TEST_TO_TRAINING = 1.0 / 9;

    public Statistic {
        if (!(low <= value && value <= high)) {
            throw new IllegalArgumentException(
                    "Not an interval around its value: " + low + " <= " + value + " <= " + high);
        }
    }

    /** A number that was computed and not sampled: its interval is itself. */
    public static Statistic exact(double value) {
        return new Statistic(value, value, value);
    }

    /**
     * Accuracy of one classifier less that of another on the same examples, with the paired score interval (method 10) of
     * R. G. Newcombe, "Improved confidence intervals for the difference between binomial proportions based on paired
     * data", Statistics in Medicine 17 (1998).
     *
     * @param correct for each test example, whether the first classifier was right
     * @param other the same of the second, in the same order
     * @throws IllegalArgumentException if the lengths differ or are zero
     */
    public static Statistic difference(boolean[] correct, boolean[] other) {
        var n = sameLength(correct.length, other.length);
        int both = 0;
        int first = 0;
        int second = 0;
        for (int i = 0; i < correct.length; i++) {
            both += correct[i] && other[i] ? 1 : 0;
            first += correct[i] && !other[i] ? 1 : 0;
            second += !correct[i] && other[i] ? 1 : 0;
        }
        var neither = n - both - first - second;
        var accuracy = new Accuracy(both + first, n);
        var otherAccuracy = new Accuracy(both + second, n);
        var phi = phi(both, first, second, neither);
        var difference = (double) (first - second) / n;
        var below = distance(accuracy.value() - accuracy.low(), otherAccuracy.high() - otherAccuracy.value(), phi);
        var above = distance(accuracy.high() - accuracy.value(), otherAccuracy.value() - otherAccuracy.low(), phi);
        return new Statistic(difference, difference - below, difference + above);
    }

    /**
     * The same over the splits of a task. For several random splits: the mean of the differences with the corrected resampled
     * t interval of C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning 52 (2003), which
     * allows for the examples that 90/10 splits share.
     *
     * @param correct for each split, for each of its test examples, whether the first classifier was right
     * @param other the same of the second
     * @throws IllegalArgumentException if the splits or their lengths differ or are zero
     */
    public static Statistic difference(List<boolean[]> correct, List<boolean[]> other) {
        int splits = sameLength(correct.size(), other.size());
        if (splits == 1) {
            return difference(correct.get(0), other.get(0));
        }
        var differences = new double[splits];
        for (int split = 0; split < splits; split++) {
            differences[split] =
                    difference(correct.get(split), other.get(split)).value();
        }
        double mean = Arrays.stream(differences).sum() / splits;
        double variance = Arrays.stream(differences)
                        .map(difference -> Math.pow(difference - mean, 2))
                        .sum()
                / (splits - 1);
        double half = new TDistribution(splits - 1).inverseCumulativeProbability(0.975)
                * Math.sqrt((1.0 / splits + TEST_TO_TRAINING) * variance);
        return new Statistic(mean, mean - half, mean + half);
    }

    /**
     * Accuracy of one kind of features less that of another, each from one or more training runs, on the same examples: the mean
     * over the runs, with a percentile bootstrap interval over runs and examples (10,000 resamples of both). Of few runs it
     * knows the spread only roughly.
     *
     * @param correct for each run, for each test example, whether the classifier was right
     * @param other the same of the second kind
     * @throws IllegalArgumentException if there is no run, or the lengths differ or are zero
     */
    public static Statistic differenceOfRuns(List<boolean[]> correct, List<boolean[]> other, long seed) {
        int n = sameLength(correct.get(0).length, other.get(0).length);
        Stream.concat(correct.stream(), other.stream()).forEach(run -> sameLength(run.length, n));
        var random = new Random(seed);
        var examples = new int[n];
        var values = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            Arrays.setAll(examples, i -> random.nextInt(n));
            values[r] = resampled(correct, examples, random) - resampled(other, examples, random);
        }
        var all = IntStream.range(0, n).toArray();
        double value = 0;
        for (var run : correct) {
            value += share(run, all) / correct.size();
        }
        for (var run : other) {
            value -= share(run, all) / other.size();
        }
        return percentiles(value, values);
    }

    private static double resampled(List<boolean[]> runs, int[] examples, Random random) {
        double sum = 0;
        for (int run = 0; run < runs.size(); run++) {
            sum += share(runs.get(random.nextInt(runs.size())), examples);
        }
        return sum / runs.size();
    }

    private static double share(boolean[] correct, int[] examples) {
        int right = 0;
        for (int example : examples) {
            right += number(correct[example]);
        }
        return (double) right / examples.length;
    }

    /**
     * By how much more one kind of features gains than another: {@code (after - before) - (otherAfter - otherBefore)} of
     * four accuracies on the same examples, with a percentile bootstrap interval over the examples (10,000 resamples).
     *
     * @throws IllegalArgumentException if the lengths differ or are zero
     */
    public static Statistic gainDifference(
            boolean[] before, boolean[] after, boolean[] otherBefore, boolean[] otherAfter, long seed) {
        sameLength(before.length, after.length);
        sameLength(otherBefore.length, otherAfter.length);
        var values = new double[sameLength(before.length, otherBefore.length)];
        for (int i = 0; i < values.length; i++) {
            values[i] = number(after[i]) - number(before[i]) - number(otherAfter[i]) + number(otherBefore[i]);
        }
        return mean(values, seed);
    }

    /**
     * The mean of independent values, with a percentile bootstrap interval (10,000 resamples).
     *
     * @throws IllegalArgumentException if there is no value
     */
    public static Statistic mean(double[] values, long seed) {
        var n = sameLength(values.length, values.length);
        var random = new Random(seed);
        var means = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += values[random.nextInt(n)];
            }
            means[r] = sum / n;
        }
        return percentiles(Arrays.stream(values).sum() / n, means);
    }

    /**
     * A function of several means over the same examples, with a percentile bootstrap interval over the examples (10,000
     * resamples).
     *
     * @param values for each mean, the value of each example, {@code m×n}
     * @param function of the {@code m} means
     * @throws IllegalArgumentException if there is no mean or no example, or the numbers of examples differ
     */
    public static Statistic ofMeans(double[][] values, ToDoubleFunction<double[]> function, long seed) {
        int n = values.length == 0 ? 0 : values[0].length;
        for (var each : values) {
            sameLength(each.length, n);
        }
        sameLength(n, n);
        var random = new Random(seed);
        var resampled = new double[RESAMPLES];
        var all = IntStream.range(0, n).toArray();
        for (int r = 0; r < RESAMPLES; r++) {
            resampled[r] =
                    function.applyAsDouble(means(values, random.ints(n, 0, n).toArray()));
        }
        return percentiles(function.applyAsDouble(means(values, all)), resampled);
    }

    private static double[] means(double[][] values, int[] examples) {
        var means = new double[values.length];
        for (int m = 0; m < means.length; m++) {
            double sum = 0;
            for (int example : examples) {
                sum += values[m][example];
            }
            means[m] = sum / examples.length;
        }
        return means;
    }

    private static Statistic percentiles(double value, double[] resampled) {
        Arrays.sort(resampled);
        return new Statistic(
                value,
                Math.min(value, resampled[(int) Math.floor(0.025 * (RESAMPLES - 1))]),
                Math.max(value, resampled[(int) Math.ceil(0.975 * (RESAMPLES - 1))]));
    }

    /**
     * R² of fitted values, {@code 1 - Σ (fitted - true)² / Σ (true - mean)²}, with a percentile bootstrap interval over groups of
     * values that belong together, such as the contexts of one text (10,000 resamples).
     *
     * @param fitted {@code n}
     * @param actual {@code n}, the true values
     * @param group {@code n}, which group each value is of, from 0
     * @throws IllegalArgumentException if the lengths differ or are zero
     */
    public static Statistic rSquared(double[] fitted, float[] actual, int[] group, long seed) {
        sameLength(fitted.length, sameLength(actual.length, group.length));
        var groups = new double[Arrays.stream(group).max().orElseThrow() + 1][4];
        for (int i = 0; i < fitted.length; i++) {
            var sums = groups[group[i]];
            sums[0]++;
            sums[1] += actual[i];
            sums[2] += (double) actual[i] * actual[i];
            sums[3] += (fitted[i] - actual[i]) * (fitted[i] - actual[i]);
        }
        var present = Arrays.stream(groups).filter(sums -> sums[0] > 0).toArray(double[][]::new);
        var random = new Random(seed);
        var values = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            values[r] = rSquared(IntStream.generate(() -> random.nextInt(present.length))
                    .limit(present.length)
                    .mapToObj(index -> present[index]));
        }
        return percentiles(rSquared(Arrays.stream(present)), values);
    }

    private static double rSquared(Stream<double[]> groups) {
        var total = new double[4];
        groups.forEach(sums -> Arrays.setAll(total, i -> total[i] + sums[i]));
        return 1 - total[3] / (total[2] - total[1] * total[1] / total[0]);
    }

    /** An accuracy with its Wilson interval. */
    public static Statistic of(Accuracy accuracy) {
        return new Statistic(accuracy.value(), accuracy.low(), accuracy.high());
    }

    /** This statistic less a constant. */
    public Statistic minus(double constant) {
        return new Statistic(value - constant, low - constant, high - constant);
    }

    /** Four decimals and the interval in brackets. */
    @Override
    public String toString() {
        return low == high
                ? String.format(Locale.ROOT, "%.4f", value)
                : String.format(Locale.ROOT, "%.4f [%.4f, %.4f]", value, low, high);
    }

    private static double phi(double both, double first, double second, double neither) {
        var product = (both + first) * (second + neither) * (both + second) * (first + neither);
        if (product == 0) {
            return 0;
        }
        var n = both + first + second + neither;
        var determinant = both * neither - first * second;
        return (determinant > 0 ? Math.max(determinant - n / 2, 0) : determinant) / Math.sqrt(product);
    }

    private static double distance(double a, double b, double phi) {
        return Math.sqrt(Math.max(a * a - 2 * phi * a * b + b * b, 0));
    }

    private static int sameLength(int length, int other) {
        if (length != other || length == 0) {
            throw new IllegalArgumentException(
                    "The same examples are needed on both sides, at least one: " + length + " and " + other);
        }
        return length;
    }

    private static int number(boolean correct) {
        return correct ? 1 : 0;
    }
}
