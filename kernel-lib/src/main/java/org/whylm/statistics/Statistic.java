package org.whylm.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.DoubleFunction;
import java.util.function.DoublePredicate;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;
import org.whylm.run.Matrices;

/**
 * A number with its 95% interval, and what its interval at any other level says about a threshold.
 *
 * @param low lower end of the 95% interval
 * @param high upper end
 * @param interval lower and upper end of the interval that misses the truth in a given share of samples; null if only the 95% one is known
 * @param n independent units that were sampled, such as test sentences; 0 if that is unknown or nothing was
 * @param trainingShare share of the variance that comes from which training examples were drawn, in [0,1]; 0 if they were not redrawn
 */
public record Statistic(
        double value, double low, double high, DoubleFunction<double[]> interval, int n, double trainingShare) {

    private static final int RESAMPLES = 10_000;
    private static final double LEVEL = 0.05;
    private static final double LEAST_P = 1e-12;
    private static final double OUT_OF_REACH = 1e7;

    /** Of 90/10 splits. */
    private static final double TEST_TO_TRAINING = 1.0 / 9;

    /** @throws IllegalArgumentException unless the value is within its interval */
    public Statistic {
        if (!(low <= value && value <= high)) {
            throw new IllegalArgumentException(
                    "Not an interval around its value: " + low + " <= " + value + " <= " + high);
        }
    }

    Statistic(double value, DoubleFunction<double[]> interval, int n, double trainingShare) {
        this(value, interval.apply(LEVEL)[0], interval.apply(LEVEL)[1], interval, n, trainingShare);
    }

    /** A number that was computed and not sampled: its interval is itself. */
    public static Statistic exact(double value) {
        return new Statistic(value, value, value, null, 0, 0);
    }

    /** A number whose 95% interval was computed elsewhere; it has no p-value. */
    public static Statistic between(double value, double low, double high) {
        return new Statistic(value, low, high, null, 0, 0);
    }

    /** A number with the percentile interval of its values in resamples (of a bootstrap) of {@code n} independent units. */
    public static Statistic ofResamples(double value, double[] resampled, int n) {
        var sorted = resampled.clone();
        Arrays.sort(sorted);
        int last = sorted.length - 1;
        DoubleFunction<double[]> percentiles = alpha -> new double[] {
            Math.min(value, sorted[(int) Math.floor(alpha / 2 * last)]),
            Math.max(value, sorted[(int) Math.ceil((1 - alpha / 2) * last)])
        };
        return new Statistic(value, percentiles, n, 0);
    }

    /**
     * The mean of independent runs with Student's interval, for the few that there are.
     *
     * @throws IllegalArgumentException if there are fewer than two
     */
    public static Statistic ofRuns(double... runs) {
        if (runs.length < 2) {
            throw new IllegalArgumentException("An interval over runs needs two at least, not " + runs.length);
        }
        double error = Math.sqrt(Contrast.variance(runs) / runs.length);
        return student(Contrast.mean(runs), error, runs.length - 1, UnaryOperator.identity());
    }

    /** A mean with Student's interval, of which no more is said than is possible. */
    private static Statistic student(double mean, double error, int degrees, UnaryOperator<double[]> possible) {
        var t = new TDistribution(degrees);
        DoubleFunction<double[]> interval = alpha -> {
            double half = t.inverseCumulativeProbability(1 - alpha / 2) * error;
            return possible.apply(new double[] {mean - half, mean + half});
        };
        return new Statistic(mean, interval, 0, 0);
    }

    /** This statistic where nothing outside of these ends is possible, as of a correlation. */
    public Statistic within(double least, double most) {
        return with(value, ends -> new double[] {Math.max(least, ends[0]), Math.min(most, ends[1])});
    }

    /** This statistic with another value, and the ends of its intervals changed alike. */
    private Statistic with(double value, UnaryOperator<double[]> change) {
        var ends = change.apply(new double[] {low, high});
        DoubleFunction<double[]> changed = interval == null ? null : alpha -> change.apply(interval.apply(alpha));
        return new Statistic(value, ends[0], ends[1], changed, n, trainingShare);
    }

    /**
     * Accuracy of one classifier less that of another on the same examples, with the variance that training sets and runs bring,
     * over the splits of a task. For several random splits: the mean of the differences with the corrected resampled t interval of C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning 52 (2003), which
     * allows for the examples that 90/10 splits share.
     *
     * @throws IllegalArgumentException if the splits or their lengths differ or are zero
     */
    public static Statistic difference(List<Outcomes> outcomes, List<Outcomes> other) {
        return overSplits(List.of(outcomes, other), 1, -1);
    }

    /** By how much more one kind of features gains than another: {@code (after - before) - (otherAfter - otherBefore)}. */
    public static Statistic gainDifference(
            List<Outcomes> before, List<Outcomes> after, List<Outcomes> otherBefore, List<Outcomes> otherAfter) {
        return overSplits(List.of(after, before, otherAfter, otherBefore), 1, -1, -1, 1);
    }

    /** The mean accuracy over the splits of a task. */
    public static Statistic accuracy(List<Outcomes> outcomes) {
        return overSplits(List.of(outcomes), 1);
    }

    private static Statistic overSplits(List<List<Outcomes>> terms, double... signs) {
        int splits = terms.get(0).size();
        terms.forEach(term -> sameLength(splits, term.size()));
        var contrasts = IntStream.range(0, splits)
                .mapToObj(split -> terms.stream().map(term -> term.get(split)).toList())
                .map(ofSplit -> new Contrast(ofSplit, signs))
                .toList();
        if (splits == 1) {
            return contrasts.get(0).statistic();
        }
        var values = contrasts.stream().mapToDouble(Contrast::value).toArray();
        double error = Math.sqrt((1.0 / splits + TEST_TO_TRAINING) * Contrast.variance(values));
        return student(Contrast.mean(values), error, splits - 1, ends -> Contrast.possible(ends[0], ends[1], signs));
    }

    /**
     * Balanced accuracy: the mean over the classes of the share of each that is right. Each class brings the interval of its own
     * share, so that one with few examples makes the interval as wide as it must be.
     *
     * @throws IllegalArgumentException if there are not as many labels as examples
     */
    public static Statistic balancedAccuracy(Outcomes outcomes, int[] labels) {
        return Contrast.balanced(List.of(outcomes), labels, 1).statistic();
    }

    /**
     * Balanced accuracy of one classifier less that of another on the same examples.
     *
     * @throws IllegalArgumentException if the lengths differ or are zero
     */
    public static Statistic balancedDifference(Outcomes outcomes, Outcomes other, int[] labels) {
        return Contrast.balanced(List.of(outcomes, other), labels, 1, -1).statistic();
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
        return ofResamples(Arrays.stream(values).sum() / n, means, n);
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
        return ofResamples(function.applyAsDouble(means(values, all)), resampled, n);
    }

    /**
     * The area under the ROC curve: how often an example that is one outranks one that is not; of equal scores half counts. Its interval
     * is method 5 of R. G. Newcombe, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic, part 2", Statistics
     * in Medicine 25 (2006), which is no point where all are ranked rightly; at one half it is that of the Mann-Whitney test.
     *
     * @param scores of the examples
     * @param label of the kind that is looked for
     * @throws IllegalArgumentException if the lengths differ, or there are none of either kind
     */
    public static Statistic areaUnderRoc(double[] scores, int[] labels, int label) {
        int n = sameLength(scores.length, labels.length);
        var order = Matrices.order(n, i -> scores[i]);
        double ones = 0;
        double below = 0;
        for (int from = 0, to; from < n; from = to) {
            int here = 0;
            for (to = from; to < n && scores[order[to]] == scores[order[from]]; to++) {
                here += labels[order[to]] == label ? 1 : 0;
            }
            below += here * (from - ones + (to - from - here) / 2.0);
            ones += here;
        }
        double pairs = ones * (n - ones);
        if (pairs == 0) {
            throw new IllegalArgumentException("All " + n + " examples are of one kind: nothing can be ranked");
        }
        double area = below / pairs;
        double half = n / 2.0 - 1;
        DoubleFunction<double[]> newcombe = alpha -> {
            double z = new NormalDistribution().inverseCumulativeProbability(1 - alpha / 2);
            DoublePredicate inside = a -> Math.pow(area - a, 2)
                    <= z * z * a * (1 - a) / pairs * (1 + half * ((1 - a) / (2 - a) + a / (1 + a)));
            return new double[] {lastInside(inside, area, 0), lastInside(inside, area, 1)};
        };
        return new Statistic(area, newcombe, n, 0);
    }

    private static double lastInside(DoublePredicate inside, double from, double to) {
        double in = from;
        double out = to;
        for (int step = 0; step < 60; step++) {
            double middle = (in + out) / 2;
            if (inside.test(middle)) {
                in = middle;
            } else {
                out = middle;
            }
        }
        return in;
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

    /** Whether it was computed and not sampled. */
    public boolean isExact() {
        return low == high;
    }

    /**
     * The two-sided p-value of a threshold: the level at which an end of the interval meets it; NaN where only the 95% interval is
     * known.
     */
    public double p(double threshold) {
        if (interval == null) {
            return Double.NaN;
        }
        double inside = 0;
        double outside = 1;
        for (int step = 0; step < 100 && outside - inside > 1e-12 * outside; step++) {
            double alpha = inside == 0 ? outside / 16 : Math.sqrt(inside * outside);
            if (alpha < LEAST_P) {
                return LEAST_P;
            }
            var ends = interval.apply(alpha);
            if (threshold < ends[0] || threshold > ends[1]) {
                outside = alpha;
            } else {
                inside = alpha;
            }
        }
        return outside;
    }

    /**
     * How many units would put the threshold outside of the 95% interval if the number stayed as it is: what test sentences
     * contribute to the interval shrinks with their number, what the training set contributes does not.
     *
     * @return empty if no number up to ten million would, or the units are unknown
     */
    public OptionalLong needed(double threshold) {
        double distance = Math.abs(value - threshold);
        double margin = value > threshold ? value - low : high - value;
        double fixed = trainingShare * margin * margin;
        double left = distance * distance - fixed;
        double units = Math.ceil(n * (margin * margin - fixed) / left);
        return n == 0 || left <= 0 || units > OUT_OF_REACH
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(n + 1, (long) units));
    }

    /** This statistic less a constant. */
    public Statistic minus(double constant) {
        return with(value - constant, ends -> new double[] {ends[0] - constant, ends[1] - constant});
    }

    /** Four decimals and the interval in brackets. */
    @Override
    public String toString() {
        return isExact()
                ? String.format(Locale.ROOT, "%.4f", value)
                : String.format(Locale.ROOT, "%.4f [%.4f, %.4f]", value, low, high);
    }

    /** Whether value and 95% interval are the same. */
    @Override
    public boolean equals(Object object) {
        return object instanceof Statistic other && value == other.value && low == other.low && high == other.high;
    }

    @Override
    public int hashCode() {
        return Objects.hash(value, low, high);
    }

    static int sameLength(int length, int other) {
        if (length != other || length == 0) {
            throw new IllegalArgumentException(
                    "The same examples are needed on both sides, at least one: " + length + " and " + other);
        }
        return length;
    }
}
