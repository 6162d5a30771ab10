package org.whylm.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;
import org.whylm.run.Matrices;

/**
 * A sum of accuracies with signs on one test set, such as the difference of two, and the three sources of its variance.
 *
 * <p>Test sentences: with one classifier Wilson's interval, with two the paired score interval (method 10) of R. G. Newcombe,
 * "Improved confidence intervals for the difference between binomial proportions based on paired data", Statistics in Medicine 17
 * (1998), else the t interval of the mean over sentences. Training sets: the variance of the contrast over classifiers trained on
 * redrawn training sets. Training runs: the variance of each mean over runs. The variance that redrawn classifiers show on a finite
 * test set holds the interaction of training set and sentence, which the first source has too; it is subtracted (two-way
 * analysis of variance without replication). The margins of the sources add up in squares (the method of variance estimates
 * recovery: G. Y. Zou and A. Donner, Statistics in Medicine 27, 2008), each with its own quantile.
 */
final class Contrast {

    private final List<Outcomes> terms;
    private final double[] weights;
    private final List<Contrast> strata;
    private final double[] signs;
    private final double[] scores;
    private final double value;
    private final double training;
    private final int draws;

    /** @throws IllegalArgumentException if the terms are not of the same examples or differ in their numbers of draws */
    Contrast(List<Outcomes> terms, double... signs) {
        this(
                terms,
                DoubleStream.generate(() -> 1).limit(terms.get(0).examples()).toArray(),
                List.of(),
                signs);
    }

    /**
     * The same of balanced accuracies: every class counts alike. The margins of the classes' shares add up in squares; training sets
     * and runs move all classes at once, so that their variance is that of the whole.
     */
    static Contrast balanced(List<Outcomes> terms, int[] labels, double... signs) {
        Statistic.sameLength(terms.get(0).examples(), labels.length);
        var classes = Arrays.stream(labels).distinct().sorted().toArray();
        var weights = new double[labels.length];
        var strata = new ArrayList<Contrast>();
        for (int label : classes) {
            var rows = Matrices.where(labels, each -> each == label);
            for (int row : rows) {
                weights[row] = (double) labels.length / classes.length / rows.length;
            }
            strata.add(new Contrast(terms.stream().map(term -> term.on(rows)).toList(), signs));
        }
        return new Contrast(terms, weights, strata, signs);
    }

    private Contrast(List<Outcomes> terms, double[] weights, List<Contrast> strata, double... signs) {
        this.terms = terms;
        this.weights = weights;
        this.strata = strata;
        this.signs = signs;
        int n = terms.get(0).examples();
        for (var term : terms) {
            Statistic.sameLength(n, term.examples());
        }
        this.scores = ofEach(Outcomes::scores);
        // Weights may round to a mean above 1; an interval would end below it.
        this.value = Math.max(least(signs), Math.min(mean(scores), greatest(signs)));
        this.draws = draws(terms);
        this.training = draws < 2 ? 0 : betweenRows(redrawn());
    }

    private static int draws(List<Outcomes> terms) {
        var counts = terms.stream()
                .mapToInt(term -> term.draws().size())
                .filter(count -> count > 0)
                .distinct()
                .toArray();
        if (counts.length > 1) {
            throw new IllegalArgumentException("Training sets redrawn " + Arrays.toString(counts)
                    + " times: differences need the same draws on both sides");
        }
        return counts.length == 0 ? 0 : counts[0];
    }

    double value() {
        return value;
    }

    Statistic statistic() {
        double test = testVariance();
        double runs = runVariance();
        double all = test + training + runs;
        return new Statistic(value, this::interval, scores.length, all == 0 ? 0 : training / all);
    }

    private double testVariance() {
        return strata.isEmpty()
                ? variance(scores) / scores.length
                : strata.stream().mapToDouble(Contrast::testVariance).sum() / square(strata.size());
    }

    private double[] interval(double alpha) {
        var test = testInterval(alpha);
        double more = draws < 2 ? 0 : square(quantile(draws - 1, alpha)) * training;
        for (var term : terms) {
            int runs = term.runs().size();
            more += runs < 2 ? 0 : square(quantile(runs - 1, alpha)) * runVariance(term);
        }
        return possible(
                value - Math.sqrt(square(value - test[0]) + more),
                value + Math.sqrt(square(test[1] - value) + more),
                signs);
    }

    /** An interval cut to what a sum of accuracies with these signs can be: an accuracy is no more than 1. */
    static double[] possible(double low, double high, double... signs) {
        return new double[] {Math.max(low, least(signs)), Math.min(high, greatest(signs))};
    }

    private static double least(double... signs) {
        return Arrays.stream(signs).filter(sign -> sign < 0).sum();
    }

    private static double greatest(double... signs) {
        return Arrays.stream(signs).filter(sign -> sign > 0).sum();
    }

    private double[] testInterval(double alpha) {
        if (!strata.isEmpty()) {
            double below = 0;
            double above = 0;
            for (var stratum : strata) {
                var ends = stratum.testInterval(alpha);
                double least = stratum.isSingle() ? 0 : ofAllAlike(stratum.scores.length, alpha);
                below += square(Math.max(least, stratum.value - ends[0]));
                above += square(Math.max(least, ends[1] - stratum.value));
            }
            return new double[] {value - Math.sqrt(below) / strata.size(), value + Math.sqrt(above) / strata.size()};
        }
        double z = z(alpha);
        if (isSingle() && Arrays.equals(signs, new double[] {1})) {
            var accuracy = new Accuracy((int) Arrays.stream(scores).sum(), scores.length);
            return new double[] {accuracy.low(z), accuracy.high(z)};
        }
        if (isSingle() && Arrays.equals(signs, new double[] {1, -1})) {
            return newcombe(terms.get(0).runs().get(0), terms.get(1).runs().get(0), z);
        }
        double half = quantile(scores.length - 1, alpha) * Math.sqrt(variance(scores) / scores.length);
        return new double[] {value - half, value + half};
    }

    private boolean isSingle() {
        return terms.stream().allMatch(term -> term.runs().size() == 1);
    }

    private static double z(double alpha) {
        return alpha == 0.05 ? 1.959963984540054 : new NormalDistribution().inverseCumulativeProbability(1 - alpha / 2);
    }

    /**
     * Wilson's margin where all of a class's {@code n} examples are right. The t interval of a mean over runs is a point where all examples
     * score alike, as a few do by chance.
     */
    private static double ofAllAlike(int n, double alpha) {
        return 1 - new Accuracy(n, n).low(z(alpha));
    }

    private static double[] newcombe(boolean[] correct, boolean[] other, double z) {
        int both = 0;
        int first = 0;
        int second = 0;
        for (int i = 0; i < correct.length; i++) {
            both += correct[i] && other[i] ? 1 : 0;
            first += correct[i] && !other[i] ? 1 : 0;
            second += !correct[i] && other[i] ? 1 : 0;
        }
        int n = correct.length;
        var a = new Accuracy(both + first, n);
        var b = new Accuracy(both + second, n);
        double phi = phi(both, first, second, n - both - first - second);
        double difference = (double) (first - second) / n;
        return new double[] {
            difference - distance(a.value() - a.low(z), b.high(z) - b.value(), phi),
            difference + distance(a.high(z) - a.value(), b.value() - b.low(z), phi)
        };
    }

    private static double phi(double both, double first, double second, double neither) {
        double product = (both + first) * (second + neither) * (both + second) * (first + neither);
        if (product == 0) {
            return 0;
        }
        double n = both + first + second + neither;
        double determinant = both * neither - first * second;
        return (determinant > 0 ? Math.max(determinant - n / 2, 0) : determinant) / Math.sqrt(product);
    }

    private static double distance(double a, double b, double phi) {
        return Math.sqrt(Math.max(a * a - 2 * phi * a * b + b * b, 0));
    }

    /** The contrast of each example by what the terms score. */
    private double[] ofEach(Function<Outcomes, double[]> scores) {
        var contrast = new double[weights.length];
        for (int t = 0; t < signs.length; t++) {
            double sign = signs[t];
            var each = scores.apply(terms.get(t));
            Arrays.setAll(contrast, i -> contrast[i] + sign * weights[i] * each[i]);
        }
        return contrast;
    }

    /** The contrast of each example under each draw of the training set. */
    private double[][] redrawn() {
        return IntStream.range(0, draws)
                .mapToObj(draw -> ofEach(term -> term.scores(draw)))
                .toArray(double[][]::new);
    }

    private double runVariance() {
        double sum = 0;
        for (var term : terms) {
            sum += runVariance(term);
        }
        return sum;
    }

    /** Variance of the mean over the runs of a term. */
    private double runVariance(Outcomes term) {
        int runs = term.runs().size();
        if (runs < 2) {
            return 0;
        }
        var rows = term.runs().stream().map(this::weighted).toArray(double[][]::new);
        return betweenRows(rows) / runs;
    }

    private double[] weighted(boolean[] correct) {
        return IntStream.range(0, correct.length)
                .mapToDouble(i -> correct[i] ? weights[i] : 0)
                .toArray();
    }

    /** Variance of the row means less what the interaction of rows and columns adds to it; no less than 0. */
    private static double betweenRows(double[][] rows) {
        int n = rows[0].length;
        var means = Arrays.stream(rows).mapToDouble(Contrast::mean).toArray();
        double all = mean(means);
        double residual = 0;
        for (int i = 0; i < n; i++) {
            double column = 0;
            for (var row : rows) {
                column += row[i] / rows.length;
            }
            for (int b = 0; b < rows.length; b++) {
                residual += square(rows[b][i] - means[b] - column + all);
            }
        }
        double interaction = n < 2 ? 0 : residual / (rows.length - 1) / (n - 1);
        return Math.max(0, variance(means) - interaction / n);
    }

    private static double quantile(int degrees, double alpha) {
        return degrees < 1 ? 0 : new TDistribution(degrees).inverseCumulativeProbability(1 - alpha / 2);
    }

    static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    static double variance(double[] values) {
        double mean = mean(values);
        return values.length < 2
                ? 0
                : Arrays.stream(values).map(value -> square(value - mean)).sum() / (values.length - 1);
    }

    private static double square(double value) {
        return value * value;
    }
}
