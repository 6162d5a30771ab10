package org.whylm.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.statistics.Statistic;
import org.whylm.theory.Bound;
import org.whylm.theory.ExactLanguageSettings.Size;
import org.whylm.theory.ExactModel.Recipe;
import org.whylm.theory.ExactResults;
import org.whylm.theory.Measurement;
import org.whylm.theory.Measurement.Downstream;
import org.whylm.theory.ProofSteps;

/** Tables, figures and statistics of models of exact languages. */
public final class ExactReport {

    private static final String NATURAL = "likely state";
    private static final List<String> STATEMENTS = List.of("T1", "T2", "T2 with γ_Φ", "T3", "T4");
    private static final int RESAMPLES = 10_000;
    private static final double BESIDE = 0.04;
    private static final int TICK_SPACING = 140;
    private static final String UNINFORMED =
            "a run has too few looks at which its model knows something of the context";

    private ExactReport() {}

    /**
     * Decides a claim by the mean of independent runs with Student's 95% interval, for the few that there are. A number that a run
     * does not have is NaN, and leaves the claim untested.
     */
    public static void decide(Claims claims, String id, String subject, double... runs) {
        decide(claims, id, subject, overRuns(runs));
    }

    /** The same by rank correlations, whose interval cannot reach beyond 1. */
    public static void decideOrder(Claims claims, String id, String subject, double... correlations) {
        decide(claims, id, subject, overRuns(correlations).map(mean -> mean.within(-1, 1)));
    }

    private static void decide(Claims claims, String id, String subject, Optional<Statistic> measured) {
        measured.ifPresentOrElse(
                mean -> claims.decide(id, subject, mean), () -> claims.notTested(id, subject, UNINFORMED));
    }

    /** Empty if a run does not have the number. */
    private static Optional<Statistic> overRuns(double[] runs) {
        return Arrays.stream(runs).anyMatch(Double::isNaN) ? Optional.empty() : Optional.of(Statistic.ofRuns(runs));
    }

    /** Spearman's rank correlation of {@code ε} and the loss of features over models, with a percentile bootstrap over them. */
    public static Statistic orderOver(List<Measurement> models, String features, long seed) {
        var random = new Random(seed);
        var resampled = Stream.generate(() -> random.ints(models.size(), 0, models.size())
                        .mapToObj(models::get)
                        .toList())
                .mapToDouble(some -> ExactResults.rankCorrelation(some, features))
                .filter(correlation -> !Double.isNaN(correlation))
                .limit(RESAMPLES)
                .toArray();
        var value = ExactResults.rankCorrelation(models, features);
        return Statistic.ofResamples(value, resampled, models.size());
    }

    /**
     * Decides what is claimed of a size: Quad against cross-entropy, where every model of that knows something of the context, and
     * what a {@code Φ} of that dimension leaves out.
     */
    public static void decide(Claims claims, ExactResults results, Size size) {
        long uninformed = results.last(Recipe.CROSS_ENTROPY, size, NATURAL).stream()
                .filter(it -> !results.isInformed(it))
                .count();
        for (var recipe : size.recipes()) {
            if (recipe != Recipe.CROSS_ENTROPY) {
                var subject = size + ": " + recipe.label();
                if (uninformed > 0) {
                    var why = String.format(
                            Locale.ROOT,
                            "cross-entropy has learned hardly anything of the context in %d of %d runs: ε is above half of what it"
                                    + " is without",
                            uninformed,
                            results.settings().seeds());
                    claims.notTested("exact-quad-near-phi-p", subject, why);
                    claims.notTested("exact-quad-near-f", subject, why);
                } else {
                    decide(claims, "exact-quad-near-phi-p", subject, results.quadLess(recipe, size, NATURAL, "Φp_f"));
                    decide(claims, "exact-quad-near-f", subject, results.quadLess(recipe, size, NATURAL, "f"));
                }
            }
        }
        var smallPhi = claims.verdicts().keySet().stream()
                .anyMatch(it -> it.claim().id().equals("exact-small-phi")
                        && it.subject().equals(size.toString()));
        if (smallPhi) {
            decide(claims, "exact-small-phi", size.toString(), results.beyondPhi(size, "beyond the span"));
        }
    }

    /** Every model on every task: a row each. */
    public static ResultTable measurements(String name, List<Measurement> all) {
        var columns = Columns.of(all)
                .text("trained by", it -> it.model().recipe().label())
                .text("size", it -> it.model().size().toString())
                .whole("seed", it -> (int) it.model().seed())
                .whole("updates", it -> it.model().updates())
                .text("task", it -> it.task().name())
                .number("ε", 6, Measurement::epsilon)
                .number("R² of Af + b", 5, Measurement::affinity)
                .number("γ", 7, it -> it.bounds().values().iterator().next().gamma())
                .number("τ", 5, it -> it.task().natural().tau());
        for (var features : List.of("p_f", "Φp_f", "f")) {
            columns.number("loss " + features, 5, it -> part(it.downstream(), features, Downstream::loss))
                    .number("error " + features, 5, it -> part(it.downstream(), features, Downstream::error));
        }
        for (var statement : STATEMENTS) {
            columns.number(statement + ": loss", 5, it -> part(it.bounds(), statement, Bound::loss))
                    .number(statement + ": bound", 4, it -> part(it.bounds(), statement, Bound::bound));
        }
        return columns.table(name, "Models of exact languages");
    }

    private static <T> double part(Map<String, T> all, String name, ToDoubleFunction<T> part) {
        return all.containsKey(name) ? part.applyAsDouble(all.get(name)) : Double.NaN;
    }

    /** How often each statement was checked and violated, and how much of what it allows a model lost at most. */
    public static ResultTable checks(String name, ExactResults results, double rounding) {
        return Columns.of(STATEMENTS)
                .text("statement", it -> it)
                .whole("checked", it -> results.bounds(it).size())
                .whole("violated", it -> (int) results.violations(it, rounding))
                .number("largest share of the bound used", 4, it -> results.bounds(it).stream()
                        .mapToDouble(Bound::ratio)
                        .max()
                        .orElse(Double.NaN))
                .number("below chance", 4, it -> results.bounds(it).stream()
                        .mapToInt(bound -> bound.bound() < Math.log(2) ? 1 : 0)
                        .average()
                        .orElse(Double.NaN))
                .table(name, "The statements on trained models");
    }

    /** The factor by which each step of T1's proof is loose, geometric mean over the informed models of each run. */
    public static ResultTable steps(String name, ExactResults results, List<String> tasks) {
        var columns = Columns.of(ProofSteps.NAMES).text("step", it -> it);
        for (var task : tasks) {
            columns.named(task, 3, step -> overRuns(results.decades(task, step)).orElse(null));
        }
        return columns.table(name, "Decades by which each step of T1's proof is loose");
    }

    /**
     * How far the downstream loss of cross-entropy's models is above {@code τ}, against {@code ε}; with T1's bound for the first task
     * and, through its best model, the slope ½; logarithmic.
     */
    public static XYChart lossAgainstExcess(String title, ExactResults results, List<String> tasks) {
        var chart = ChartStyle.logarithmic(
                title, "excess ε, nats", "least loss of the conditional mean less τ, nats", "0.###", "0.####");
        for (var task : tasks) {
            points(chart, task, results.byExcess(task), Measurement::epsilon, it -> it.aboveTau("Φp_f"));
        }
        var first = results.byExcess(tasks.get(0));
        var excess = first.stream().mapToDouble(Measurement::epsilon).toArray();
        var t1 = first.stream().map(it -> it.bounds().get("T1"));
        var bound = t1.mapToDouble(it -> it.bound() - it.tau()).toArray();
        var slope = Arrays.stream(excess)
                .map(e -> first.get(0).aboveTau("Φp_f") * Math.sqrt(e / excess[0]))
                .toArray();
        ChartStyle.line(chart, "T1's bound, " + tasks.get(0), excess, bound).setLineColor(ChartStyle.INK);
        ChartStyle.line(chart, "slope ½, " + tasks.get(0), excess, slope).setLineStyle(SeriesLines.SOLID);
        chart.getStyler().setXAxisMin(0.01).setXAxisMax(1.0);
        return chart;
    }

    /** The share of what each statement allows that models lose, along training; the points of a look stand side by side, statement by statement. */
    public static XYChart tightness(String title, ExactResults results, String task) {
        var chart = ChartStyle.xy(title, "updates, logarithmic", "(loss - τ) / (bound - τ)");
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        // Powers of ten are far apart here: the axis is that of the binary logarithm, and says what it is the logarithm
        // of.
        chart.getStyler()
                .setxAxisTickLabelsFormattingFunction(x -> String.format(Locale.ROOT, "%,.0f", Math.pow(2, x)));
        chart.getStyler().setXAxisTickMarkSpacingHint(TICK_SPACING);
        for (var statement : STATEMENTS) {
            double shift = (STATEMENTS.indexOf(statement) - 2) * BESIDE;
            var recipe = statement.equals("T4") ? Recipe.QUAD_LEADING : Recipe.CROSS_ENTROPY;
            var models = IntStream.rangeClosed(1, results.settings().seeds())
                    .mapToObj(run -> results.along(recipe, run, task))
                    .flatMap(List::stream)
                    .toList();
            ToDoubleFunction<Measurement> look =
                    it -> shift + Math.log(it.model().updates()) / Math.log(2);
            points(chart, statement, models, look, it -> it.bounds()
                    .get(statement)
                    .ratio());
        }
        return chart;
    }

    /** The error of features at the end of each run, a point a seed, sizes side by side. */
    public static XYChart quad(String title, ExactResults results, String task) {
        var sizes = results.settings().sizes();
        var chart = ChartStyle.xy(title, "", "error of the best classifier, %");
        var shift = -0.3;
        for (var features : List.of("Φp_f", "f")) {
            seeds(chart, features + " (cross-entropy)", results, Recipe.CROSS_ENTROPY, task, features, shift);
            shift += 0.1;
        }
        for (var recipe : Recipe.values()) {
            if (recipe != Recipe.CROSS_ENTROPY) {
                seeds(chart, "f (" + recipe.label() + ")", results, recipe, task, "f", shift);
                shift += 0.1;
            }
        }
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        double chance = 100
                * results.last(Recipe.CROSS_ENTROPY, sizes.get(0), task)
                        .get(0)
                        .task()
                        .chanceError();
        ChartStyle.level(chart, "chance", 0.5, sizes.size() + 0.5, chance);
        chart.getStyler().setXAxisMin(0.5).setXAxisMax(sizes.size() + 0.5);
        chart.getStyler().setXAxisTicksVisible(false);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        for (int i = 0; i < sizes.size(); i++) {
            var lines = sizes.get(i).toString().split(", ");
            for (int line = 0; line < lines.length; line++) {
                chart.addAnnotation(new Label(lines[line], i + 1, -2 - 2.5 * line));
            }
        }
        chart.getStyler().setYAxisMin(-8.0); // room for the sizes, where no error can be
        chart.getStyler().setyAxisTickLabelsFormattingFunction(y -> y < 0 ? " " : ChartStyle.tick(y));
        return chart;
    }

    private static void seeds(
            XYChart chart,
            String name,
            ExactResults results,
            Recipe recipe,
            String task,
            String features,
            double shift) {
        var x = new ArrayList<Double>();
        var y = new ArrayList<Double>();
        var sizes = results.settings().sizes();
        for (int i = 0; i < sizes.size(); i++) {
            for (var it : results.last(recipe, sizes.get(i), task)) {
                x.add(i + 1 + shift);
                y.add(100 * it.downstream().get(features).error());
            }
        }
        if (!x.isEmpty()) {
            chart.addSeries(name, x, y).setMarker(SeriesMarkers.CIRCLE);
        }
    }

    /** The steps of T1's proof one above the other: where each bar ends the next begins; logarithmic in factors of ten. */
    public static CategoryChart waterfall(String title, ExactResults results, String task) {
        var chart = ChartStyle.categories(title, "decades above what the model loses");
        var lower = new double[ProofSteps.NAMES.size()];
        var height = new double[lower.length];
        for (int i = 0; i < lower.length; i++) {
            var decades = overRuns(results.decades(task, ProofSteps.NAMES.get(i)));
            height[i] = decades.map(Statistic::value).orElse(0.0); // no model knows anything of the context yet
            lower[i] = i == 0 ? 0 : lower[i - 1] + height[i - 1];
        }
        var labels = IntStream.range(0, lower.length)
                .mapToObj(i -> String.format(Locale.ROOT, "%s ×%.2f", ProofSteps.NAMES.get(i), Math.pow(10, height[i])))
                .toList();
        chart.addSeries("before", labels, box(lower)).setFillColor(new Color(255, 255, 255, 0));
        chart.addSeries("this step", labels, box(height)).setFillColor(ChartStyle.COLORS.get(0));
        chart.getStyler().setxAxisTickLabelsFormattingFunction(null); // the categories are words
        chart.getStyler().setStacked(true);
        chart.getStyler().setLegendVisible(false);
        return chart;
    }

    private static List<Double> box(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static <T> void points(
            XYChart chart, String name, List<T> items, ToDoubleFunction<T> x, ToDoubleFunction<T> y) {
        double[] xs = items.stream().mapToDouble(x).toArray(),
                ys = items.stream().mapToDouble(y).toArray();
        if (xs.length > 0) {
            chart.addSeries(name, xs, ys).setMarker(SeriesMarkers.CIRCLE);
        }
    }
}
