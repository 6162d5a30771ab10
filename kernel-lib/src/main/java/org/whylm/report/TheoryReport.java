package org.whylm.report;

import java.awt.Color;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.run.Workspace;
import org.whylm.statistics.Statistic;
import org.whylm.theory.Bound;
import org.whylm.theory.MeasuredBound;
import org.whylm.theory.StatementCheck;
import org.whylm.theory.TightnessSearch;

/** Tables and figures of the theory: checks of the statements, losses against bounds, distributions over three words. */
public final class TheoryReport {

    /** In which a number with an exponent is written 1e-2, as {@link ChartStyle#tick} does; most others write 1E-2. */
    private static final Locale POWERS = Locale.forLanguageTag("en-AU");

    private static final int MARKER = 5;
    private static final int SIMPLEX_HEIGHT = 560;
    private static final double LEAST_LOSS = 1e-3;
    private static final String FURTHER_TRAINING = "table-2-losses.csv";

    private TheoryReport() {}

    /** A row for each statement: how often it was checked and failed, and its least slack or largest gap. */
    public static ResultTable checks(String name, List<StatementCheck> checks) {
        return Columns.of(checks)
                .text("statement", StatementCheck::statement)
                .whole("instances", StatementCheck::instances)
                .whole("violations", StatementCheck::violations)
                .number("least slack", 10, it -> isEquality(it) ? Double.NaN : rounded(it.worst()))
                .number("gap below 10^", 0, it -> isEquality(it) ? powerOfTen(it.worst()) : Double.NaN)
                .table(name, "Statements on random finite languages");
    }

    private static boolean isEquality(StatementCheck check) {
        return check.kind() == StatementCheck.Kind.EQUALITY;
    }

    /** The least power of ten that is no smaller than a gap; one of nothing but rounding counts as 10^-16. */
    private static int powerOfTen(double gap) {
        return (int) Math.ceil(Math.log10(Math.max(gap, 1e-16)));
    }

    /** Two digits: the size matters, and the last ones differ between processors. */
    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.1e", value));
    }

    /** A row for each search: the best ratio of random instances, and that after the local search. */
    public static ResultTable tightness(String name, Map<String, TightnessSearch.Found> searches) {
        return Columns.of(searches.entrySet())
                .text("bound", Map.Entry::getKey)
                .number("random", 4, it -> it.getValue().random())
                .number("local search", 4, it -> it.getValue().ratio())
                .table(name, "Share of sqrt(2B²ε/γ) that a model loses");
    }

    /**
     * A row for each classifier of a real model: its measured loss, and how small {@code ε/γ} would have to be for T1 or T2 to
     * say anything.
     */
    public static ResultTable measured(String name, Map<String, MeasuredBound> classifiers) {
        return Columns.of(classifiers.entrySet())
                .text("classifier", Map.Entry::getKey)
                .number("loss of p_f", 4, it -> it.getValue().loss())
                .number("chance", 4, it -> it.getValue().chance())
                .number("B", 10, it -> rounded(it.getValue().B()))
                .number("log10 ε/γ below", 1, it -> Math.log10(it.getValue().vacuousFrom()))
                .table(name, "Classifiers of a real model's p_f");
    }

    /**
     * What further training by cross-entropy gains on held-out sentences, in nats: mean over the runs of notebook
     * 04 with Student's interval, from its table of this profile, or from the expected one where it did not run. The best features for {@code Φ} gain no less, so
     * it is a lower bound of the untouched model's {@code ε} on such sentences.
     *
     * @param profile its name
     * @return empty where there is no such table, or one of a single run
     */
    public static Optional<Statistic> gainOfFurtherTraining(String profile) {
        return gainOfFurtherTraining(Workspace.current(), profile);
    }

    static Optional<Statistic> gainOfFurtherTraining(Workspace workspace, String profile) {
        return Stream.of(
                        workspace.results("tables", profile),
                        workspace.root().resolve("expected").resolve(profile))
                .map(folder -> folder.resolve(FURTHER_TRAINING))
                .filter(Files::isRegularFile)
                .findFirst()
                .flatMap(TheoryReport::gain);
    }

    private static Optional<Statistic> gain(Path losses) {
        var gains = Csv.read(losses).rows().stream()
                .filter(row -> row.get("objective").equals("cross-entropy"))
                .mapToDouble(row -> Double.parseDouble(row.get("before")) - Double.parseDouble(row.get("after")))
                .toArray();
        return gains.length < 2 ? Optional.empty() : Optional.of(Statistic.ofRuns(gains));
    }

    /**
     * The loss of each instance against its bound, with the diagonal that no loss may cross; logarithmic. Losses below
     * {@value #LEAST_LOSS} are left out.
     */
    public static XYChart lossAgainstBound(String title, Map<String, List<Bound>> series) {
        var chart = logarithmic(title, "bound  τ + sqrt(2B²ε/γ)", "loss");
        scatter(chart, series, Bound::bound, it -> it.loss() < LEAST_LOSS ? 0 : it.loss());
        var points = series.values().stream().flatMap(List::stream).toList();
        var losses = points.stream().map(Bound::loss).filter(loss -> loss >= LEAST_LOSS);
        diagonal(chart, "loss = bound", Stream.concat(losses, points.stream().map(Bound::bound)));
        return chart;
    }

    /** The slack {@code bound - loss} against {@code ε}; logarithmic. */
    public static XYChart slackAgainstExcess(String title, Map<String, List<Bound>> series) {
        var chart = logarithmic(title, "excess ε", "slack  bound - loss");
        scatter(chart, series, Bound::epsilon, Bound::slack);
        return chart;
    }

    /**
     * What a model loses against what the bound allows: {@code |loss - τ|} and {@code sqrt(2B²ε/γ)}, with the diagonal;
     * logarithmic.
     */
    public static XYChart transfer(String title, Map<String, List<Bound>> series) {
        var chart = logarithmic(title, "sqrt(2B²ε/γ)", "|loss - τ|");
        scatter(chart, series, Bound::transfer, it -> Math.abs(it.loss() - it.tau()));
        var points = series.values().stream().flatMap(List::stream).toList();
        diagonal(chart, "equal", points.stream().map(Bound::transfer));
        return chart;
    }

    /**
     * Vectors over three words whose elements sum to 1, in the plane: the corners of the triangle are the words, and what has a
     * negative element lies outside of it.
     *
     * @param words the three words
     * @param curves lines through {@code n×3} vectors
     * @param segments thin lines between {@code n×3} vectors, not in the legend
     * @param points {@code n×3} vectors
     * @throws IllegalArgumentException if the elements of a vector do not sum to 1
     */
    public static XYChart simplex(
            String title,
            List<String> words,
            Map<String, double[][]> curves,
            List<double[][]> segments,
            Map<String, double[][]> points) {
        var chart = ChartStyle.xy(title, "", "", SIMPLEX_HEIGHT);
        var corners = new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 0}};
        line(chart, "simplex", corners, ChartStyle.REFERENCE).setShowInLegend(false);
        for (var w = 0; w < words.size(); w++) {
            var offset = w == 2 ? 0.04 : -0.04;
            chart.addAnnotation(new Label(words.get(w), x(corners)[w], y(corners)[w] + offset));
        }
        for (var n = 0; n < segments.size(); n++) {
            line(chart, "segment " + n, segments.get(n), ChartStyle.REFERENCE)
                    .setLineStyle(SeriesLines.DASH_DASH)
                    .setShowInLegend(false);
        }
        var color = 0;
        for (var curve : curves.entrySet()) {
            line(chart, curve.getKey(), curve.getValue(), ChartStyle.COLORS.get(color++));
        }
        for (var set : points.entrySet()) {
            var vectors = set.getValue();
            ChartStyle.points(
                    chart, set.getKey(), x(vectors), y(vectors), ChartStyle.COLORS.get(color++), SeriesMarkers.CIRCLE);
        }
        var style = chart.getStyler();
        style.setAxisTicksVisible(false);
        style.setPlotGridLinesVisible(false);
        style.setMarkerSize(MARKER + 4);
        style.setYAxisMin(-0.1);
        style.setYAxisMax(1.0);
        return chart;
    }

    /**
     * Word weights, such as distributions and their projections, as groups of bars.
     *
     * @param words all of them, {@code V}
     * @param weights {@code V} numbers each
     * @param shown how many words: those that the first of the weights gives most
     */
    public static CategoryChart words(String title, List<String> words, Map<String, double[]> weights, int shown) {
        var chart = ChartStyle.categories(title, "weight");
        var first = weights.values().iterator().next();
        var chosen = IntStream.range(0, words.size())
                .boxed()
                .sorted(Comparator.comparingDouble(w -> -first[w]))
                .limit(shown)
                .toList();
        var names = chosen.stream().map(words::get).toList();
        weights.forEach((name, all) ->
                chart.addSeries(name, names, chosen.stream().map(w -> all[w]).toList()));
        chart.getStyler().setXAxisLabelRotation(45);
        return chart;
    }

    private static XYChart logarithmic(String title, String x, String y) {
        var chart = ChartStyle.logarithmic(title, x, y, "0E0", "0E0");
        chart.getStyler().setLocale(POWERS);
        chart.getStyler().setPlotGridLinesVisible(false);
        chart.getStyler().setMarkerSize(MARKER);
        return chart;
    }

    private static void scatter(
            XYChart chart, Map<String, List<Bound>> series, ToDoubleFunction<Bound> x, ToDoubleFunction<Bound> y) {
        var color = 0;
        for (var each : series.entrySet()) {
            // A logarithmic axis has no place for 0.
            var points = each.getValue().stream()
                    .filter(it -> x.applyAsDouble(it) > 0
                            && y.applyAsDouble(it) > 0
                            && Double.isFinite(x.applyAsDouble(it) + y.applyAsDouble(it)))
                    .toList();
            ChartStyle.points(
                    chart,
                    each.getKey(),
                    points.stream().mapToDouble(x).toArray(),
                    points.stream().mapToDouble(y).toArray(),
                    ChartStyle.COLORS.get(color++),
                    SeriesMarkers.CIRCLE);
        }
    }

    private static void diagonal(XYChart chart, String name, Stream<Double> values) {
        var range = values.filter(value -> value > 0 && Double.isFinite(value))
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        var ends = new double[] {range.getMin(), range.getMax()};
        ChartStyle.curve(chart, name, ends, ends, ChartStyle.REFERENCE, SeriesLines.SOLID);
    }

    private static XYSeries line(XYChart chart, String name, double[][] points, Color color) {
        return ChartStyle.curve(chart, name, x(points), y(points), color, SeriesLines.SOLID);
    }

    private static double[] x(double[][] points) {
        for (var point : points) {
            if (!(Math.abs(point[0] + point[1] + point[2] - 1) <= 1e-9)) {
                throw new IllegalArgumentException(
                        Arrays.toString(point) + " does not sum to 1: it is not in the plane of the simplex");
            }
        }
        return Stream.of(points).mapToDouble(p -> p[1] + p[2] / 2).toArray();
    }

    private static double[] y(double[][] points) {
        return Stream.of(points).mapToDouble(p -> p[2] * Math.sqrt(3) / 2).toArray();
    }
}
