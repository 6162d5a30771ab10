package org.whylm.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hipparchus.stat.correlation.SpearmansCorrelation;
import org.whylm.probe.ModelQuality;
import org.whylm.statistics.Statistic;
import org.whylm.theory.UpperCurve;
import org.whylm.train.PretrainingLoss;

/**
 * Language models that differ in one thing, which makes some better than others: does a smaller excess {@code ε} in pre-training go
 * with a smaller loss downstream, and like {@code sqrt(ε)}?
 *
 * <p>Intervals resample the task's test examples. What few models can show by chance is added to them: of a rank correlation, what
 * unrelated models reach in the orders that they could have had; of a mean over models, what it would be with the signs of their
 * differences drawn anew.
 *
 * @param name what differs
 * @param objective what {@code ε} is an excess in
 * @param models best first; those of one name are draws of one setting, such as a size of noise
 */
public record ModelFamily(String name, PretrainingLoss objective, List<ModelQuality> models) {

    /** Twice 7!, so that all orders of up to seven models come equally often. */
    private static final int RESAMPLES = 10_080;

    private static final int MOST_ENUMERATED = 7;

    private static final int LEAST_SETTINGS = 3;

    /** Of four models even the perfect order has a chance of 1 in 24, more than the 2.5% at an end of a 95% interval. */
    private static final int LEAST_ORDERED = 5;

    /** {@link #nearTheBest} are models with at most this share of the family's largest {@code ε}. */
    private static final double NEAR = 0.5;

    /**
     * Orders the models.
     *
     * @throws IllegalArgumentException if there are fewer than three settings
     */
    public ModelFamily {
        models = models.stream()
                .sorted(Comparator.comparingDouble(ModelQuality::pretrainingLoss))
                .toList();
        if (settings(models) < LEAST_SETTINGS) {
            throw new IllegalArgumentException("The family " + name + " has " + settings(models)
                    + " settings: one is left out of a fit to two others, so three are needed");
        }
    }

    private static long settings(List<ModelQuality> models) {
        return models.stream().map(ModelQuality::model).distinct().count();
    }

    /** Labels of the features that the task was classified from. */
    public List<String> features() {
        return List.copyOf(models.get(0).downstream().keySet());
    }

    /** {@code ε} of each model against the best of the family: the entropy of the language is unknown. */
    public double[] excess() {
        double best = models.get(0).pretrainingLoss();
        return models.stream()
                .mapToDouble(model -> model.pretrainingLoss() - best)
                .toArray();
    }

    /** Mean downstream loss of each model, in nats. */
    public double[] downstreamLoss(String features) {
        return models.stream()
                .mapToDouble(model -> downstream(model, features).loss())
                .toArray();
    }

    /** The largest of the models' mean downstream losses less the smallest, in nats: what a tolerance is a share of. */
    public double range(String features) {
        return range(downstreamLoss(features));
    }

    /** The tightest curve above all models. */
    public UpperCurve curve(String features, UpperCurve.Rate rate) {
        return UpperCurve.closestAbove(rate, excess(), downstreamLoss(features));
    }

    /**
     * The control of every claim about a family: by how much the loss of its best model is below that of its worst (of the
     * checkpoints of a run the untrained model), on the same test examples; by the name of the worst. Where it is not, what the
     * models differ in does not reach the task.
     */
    public Map<String, Statistic> overTheWorst(String features, long seed) {
        var worst = models.get(models.size() - 1);
        var losses = losses(features);
        var ends = new double[][] {losses[losses.length - 1], losses[0]};
        return Map.of(worst.model(), Statistic.ofMeans(ends, means -> means[0] - means[1], seed));
    }

    /**
     * The models whose {@code ε} is at most half of the family's largest.
     *
     * @return empty if they are of fewer than five settings, of which no order can be told from chance
     */
    public Optional<ModelFamily> nearTheBest() {
        double most = NEAR * excess()[models.size() - 1];
        var near = models.stream()
                .filter(model -> model.pretrainingLoss() - models.get(0).pretrainingLoss() <= most)
                .toList();
        return settings(near) < LEAST_ORDERED
                ? Optional.empty()
                : Optional.of(new ModelFamily(name + ", ε at most half the largest", objective, near));
    }

    /**
     * Spearman's rank correlation of {@code ε} and downstream loss over the settings, each the mean of its draws, which are no more
     * independent than their setting; 0 where all have the same loss. Its interval is above 0 only if hardly any orders of as many
     * unrelated settings would correlate so, and the test examples leave no doubt.
     */
    public Statistic rankCorrelation(String features, long seed) {
        var excess = bySetting(excess());
        var byChance = correlationsOfOrders(excess.length, seed);
        return resampled(features, means -> correlation(excess, bySetting(means)), byChance, 1, seed);
    }

    /** Settings, in the order of {@code ε}, with the indices of their models. */
    private Map<String, List<Integer>> settings() {
        return IntStream.range(0, models.size())
                .boxed()
                .collect(Collectors.groupingBy(
                        model -> models.get(model).model(), LinkedHashMap::new, Collectors.toList()));
    }

    private double[] bySetting(double[] ofModels) {
        return means(settings(), model -> ofModels[model]);
    }

    /** The mean over the models of each setting. */
    private static double[] means(Map<String, List<Integer>> settings, ToDoubleFunction<Integer> ofModel) {
        return settings.values().stream()
                .mapToDouble(
                        models -> models.stream().mapToDouble(ofModel).average().orElseThrow())
                .toArray();
    }

    /** How many settings the models are of. */
    public int count() {
        return (int) settings(models);
    }

    /**
     * In which share of all orders of the settings the rank correlation would be at least as far from 0 on the same side: exact for
     * up to seven models, of 10,080 random orders for more.
     */
    public double shareOfOrders(String features, long seed) {
        double measured = correlation(bySetting(excess()), bySetting(downstreamLoss(features)));
        var orders = correlationsOfOrders(count(), seed);
        return (double) Arrays.stream(orders)
                        .filter(order -> Math.signum(measured) * order >= Math.abs(measured))
                        .count()
                / orders.length;
    }

    /**
     * The most by which a model {@link #leftOut left out} is above the tightest curve {@code a + b·sqrt(ε)} over the others, as a
     * share of the {@link #range}; negative if all are below. The models are taken as they are.
     */
    public Statistic aboveCurve(String features, long seed) {
        return Statistic.ofMeans(
                losses(features), means -> range(means) == 0 ? 0 : mostAbove(means) / range(means), seed);
    }

    /** The same in nats, without an interval. */
    double mostAbove(String features) {
        return mostAbove(downstreamLoss(features));
    }

    private double mostAbove(double[] means) {
        var excess = excess();
        var curve = fitted(UpperCurve.Rate.SQUARE_ROOT, means);
        return leftOut().values().stream()
                .flatMap(List::stream)
                .mapToDouble(model -> means[model] - curve.at(excess[model]))
                .max()
                .orElseThrow();
    }

    /** Mean distance of the models {@link #leftOut left out} from the tightest curve of a rate over the others, in nats. */
    double distance(String features, UpperCurve.Rate rate) {
        return mean(distances(rate, downstreamLoss(features)));
    }

    /** By how much the models left out are closer to the curve in {@code sqrt(ε)} than to the line in {@code ε}, in nats. */
    public Statistic squareRootCloser(String features, long seed) {
        var closer = closer(downstreamLoss(features));
        var random = new Random(seed);
        DoubleUnaryOperator signed = by -> random.nextBoolean() ? by : -by;
        var bySigns = new double[RESAMPLES];
        Arrays.setAll(bySigns, r -> mean(Arrays.stream(closer).map(signed).toArray()));
        return resampled(features, means -> mean(closer(means)), bySigns, Double.MAX_VALUE, seed);
    }

    /** For each setting left out, by how much it is closer to the curve than to the line. */
    private double[] closer(double[] means) {
        var line = distances(UpperCurve.Rate.LINEAR, means);
        var curve = distances(UpperCurve.Rate.SQUARE_ROOT, means);
        Arrays.setAll(line, setting -> line[setting] - curve[setting]);
        return line;
    }

    /** Every other setting in the order of {@code ε} with the indices of its models; the best and the worst are always fitted. */
    Map<String, List<Integer>> leftOut() {
        var settings = settings();
        var names = List.copyOf(settings.keySet());
        IntStream.range(0, names.size())
                .filter(i -> i % 2 == 0 || i == names.size() - 1)
                .forEach(i -> settings.remove(names.get(i)));
        return settings;
    }

    /** For each setting left out, the mean distance of its models. */
    private double[] distances(UpperCurve.Rate rate, double[] means) {
        var excess = excess();
        var curve = fitted(rate, means);
        return means(leftOut(), model -> Math.abs(means[model] - curve.at(excess[model])));
    }

    private UpperCurve fitted(UpperCurve.Rate rate, double[] means) {
        var excess = excess();
        var out = leftOut().keySet();
        var fitted = IntStream.range(0, means.length)
                .filter(model -> !out.contains(models.get(model).model()))
                .toArray();
        return UpperCurve.closestAbove(
                rate,
                Arrays.stream(fitted).mapToDouble(model -> excess[model]).toArray(),
                Arrays.stream(fitted).mapToDouble(model -> means[model]).toArray());
    }

    /** A function of the models' mean losses in resamples of the test examples, each with a deviation that chance brings. */
    private Statistic resampled(
            String features, ToDoubleFunction<double[]> function, double[] byChance, double most, long seed) {
        var losses = losses(features);
        int n = losses[0].length;
        var random = new Random(seed);
        var values = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            var examples = random.ints(n, 0, n).toArray();
            var means = Arrays.stream(losses)
                    .mapToDouble(each ->
                            Arrays.stream(examples).mapToDouble(i -> each[i]).sum() / n)
                    .toArray();
            values[r] = Math.max(-most, Math.min(most, function.applyAsDouble(means) + byChance[r]));
        }
        return Statistic.ofResamples(function.applyAsDouble(downstreamLoss(features)), values, 0);
    }

    /** Rank correlations that orders of {@code n} unrelated models have, all of them where they can be counted. */
    private static double[] correlationsOfOrders(int n, long seed) {
        var random = new Random(seed);
        var correlations = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            var order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
            if (n > MOST_ENUMERATED) {
                Collections.shuffle(order, random);
            } else {
                for (int i = 1, code = r; i < n; code /= ++i) {
                    Collections.swap(order, i, code % (i + 1));
                }
            }
            double squares = IntStream.range(0, n)
                    .mapToDouble(i -> (order.get(i) - i) * (order.get(i) - i))
                    .sum();
            correlations[r] = rounded(1 - 6 * squares / (n * (n * n - 1.0)));
        }
        return correlations;
    }

    private static double correlation(double[] excess, double[] means) {
        double correlation = new SpearmansCorrelation().correlation(excess, means);
        return Double.isNaN(correlation) ? 0 : rounded(correlation);
    }

    /** Equal correlations that were computed in two ways are equal numbers: their difference is 0, not above it. */
    private static double rounded(double correlation) {
        return Math.rint(1e12 * correlation) / 1e12;
    }

    private static double range(double[] means) {
        return Arrays.stream(means).max().orElseThrow()
                - Arrays.stream(means).min().orElseThrow();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    /** For each model, the loss of each test example. */
    private double[][] losses(String features) {
        return models.stream()
                .map(model -> downstream(model, features).losses())
                .toArray(double[][]::new);
    }

    private static ModelQuality.Downstream downstream(ModelQuality model, String features) {
        var downstream = model.downstream().get(features);
        if (downstream == null) {
            throw new IllegalArgumentException("Nothing was measured with the features " + features + " of "
                    + model.model() + ", only with "
                    + String.join(", ", model.downstream().keySet()));
        }
        return downstream;
    }
}
