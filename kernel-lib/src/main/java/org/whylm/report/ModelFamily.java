package org.whylm.report;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.hipparchus.stat.StatUtils;
import org.hipparchus.stat.correlation.SpearmansCorrelation;
import org.whylm.probe.ModelQuality;
import org.whylm.statistics.Statistic;
import org.whylm.theory.UpperCurve;
import org.whylm.train.Loss;

/**
 * Language models that differ in one thing, which makes some better than others: does a smaller excess {@code ε} in pre-training go
 * with a smaller loss downstream, and like {@code sqrt(ε)}? Intervals are over the task's test examples; the models and their
 * {@code ε} are taken as they are.
 *
 * @param name what differs
 * @param objective what {@code ε} is an excess in
 * @param models best first
 */
public record ModelFamily(String name, Loss objective, List<ModelQuality> models) {

    /**
     * Orders the models.
     *
     * @throws IllegalArgumentException if there are fewer than three
     */
    public ModelFamily {
        if (models.size() < 3) {
            throw new IllegalArgumentException("The family " + name + " has " + models.size()
                    + " models: one is left out of a fit to two others, so three are needed");
        }
        models = models.stream()
                .sorted(Comparator.comparingDouble(ModelQuality::pretrainingLoss))
                .toList();
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
        return Arrays.stream(losses(features))
                .mapToDouble(losses -> Arrays.stream(losses).average().orElseThrow())
                .toArray();
    }

    /** Standard error of each of them. */
    double[] standardErrors(String features) {
        return Arrays.stream(losses(features))
                .mapToDouble(losses -> Math.sqrt(StatUtils.variance(losses) / losses.length))
                .toArray();
    }

    /** The tightest curve above all models. */
    public UpperCurve curve(String features, UpperCurve.Rate rate) {
        return UpperCurve.closestAbove(rate, excess(), downstreamLoss(features));
    }

    /** Spearman's rank correlation of {@code ε} and downstream loss; 0 where all models have the same loss. */
    public Statistic rankCorrelation(String features, long seed) {
        var excess = excess();
        var spearman = new SpearmansCorrelation();
        return Statistic.ofMeans(
                losses(features),
                means -> {
                    double correlation = spearman.correlation(excess, means);
                    return Double.isNaN(correlation) ? 0 : correlation;
                },
                seed);
    }

    /**
     * The most by which a model {@link #leftOut left out} is above the tightest curve {@code a + b·sqrt(ε)} over the others, in nats;
     * negative if all are below.
     */
    public Statistic aboveCurve(String features, long seed) {
        return Statistic.ofMeans(losses(features), this::aboveCurve, seed);
    }

    /** The same without an interval. */
    double aboveCurve(String features) {
        return aboveCurve(downstreamLoss(features));
    }

    private double aboveCurve(double[] means) {
        var excess = excess();
        var curve = fitted(UpperCurve.Rate.SQUARE_ROOT, means);
        return leftOut()
                .mapToDouble(model -> means[model] - curve.at(excess[model]))
                .max()
                .orElseThrow();
    }

    /** Mean distance of the models {@link #leftOut left out} from the tightest curve of a rate over the others, in nats. */
    double distance(String features, UpperCurve.Rate rate) {
        return distance(rate, downstreamLoss(features));
    }

    /** By how much the models left out are closer to the curve in {@code sqrt(ε)} than to the line in {@code ε}, in nats. */
    public Statistic squareRootCloser(String features, long seed) {
        return Statistic.ofMeans(
                losses(features),
                means -> distance(UpperCurve.Rate.LINEAR, means) - distance(UpperCurve.Rate.SQUARE_ROOT, means),
                seed);
    }

    /** Every other model in the order of {@code ε}; the best and the worst are always fitted. */
    IntStream leftOut() {
        return IntStream.range(1, models.size() - 1).filter(model -> model % 2 == 1);
    }

    private double distance(UpperCurve.Rate rate, double[] means) {
        var excess = excess();
        var curve = fitted(rate, means);
        return leftOut()
                .mapToDouble(model -> Math.abs(means[model] - curve.at(excess[model])))
                .average()
                .orElseThrow();
    }

    private UpperCurve fitted(UpperCurve.Rate rate, double[] means) {
        var excess = excess();
        var out = leftOut().boxed().toList();
        var fitted = IntStream.range(0, means.length)
                .filter(model -> !out.contains(model))
                .toArray();
        return UpperCurve.closestAbove(
                rate,
                Arrays.stream(fitted).mapToDouble(model -> excess[model]).toArray(),
                Arrays.stream(fitted).mapToDouble(model -> means[model]).toArray());
    }

    /** For each model, the loss of each test example. */
    private double[][] losses(String features) {
        return models.stream()
                .map(model -> downstream(model, features).losses())
                .toArray(double[][]::new);
    }

    static ModelQuality.Downstream downstream(ModelQuality model, String features) {
        var downstream = model.downstream().get(features);
        if (downstream == null) {
            throw new IllegalArgumentException("Nothing was measured with the features " + features + " of "
                    + model.model() + ", only with "
                    + String.join(", ", model.downstream().keySet()));
        }
        return downstream;
    }
}
