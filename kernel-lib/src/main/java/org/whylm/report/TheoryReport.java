package org.whylm.report;

import java.awt.Color;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.theory.Bound;
import org.whylm.theory.MeasuredBound;
import org.whylm.theory.StatementCheck;
import org.whylm.theory.TightnessSearch;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Tables and figures of the theory: checks of the statements, losses against bounds, distributions over three words. */
public final class TheoryReport {

    private static final Color LINE = new Color(0x8a8a8a);
    private static final Color[] COLORS = {
        new Color(0x1f5fa8), new Color(0xc4601d), new Color(0x2f7d4f), new Color(0x7b4aa0), new Color(0x9a2f3f),
    };
    private static final int MARKER = 5;
    private static final double LEAST_LOSS = 1e-3;

    private TheoryReport() {}

    /** A row for each statement: how often it was checked and failed, and its least slack or largest gap. */
    public static ResultTable checks(String name, List<StatementCheck> checks) {
        var statement = StringColumn.create("statement");
        var instances = IntColumn.create("instances");
        var violations = IntColumn.create("violations");
        var slack = DoubleColumn.create("least slack");
        var gap = IntColumn.create("gap below 10^");
        for (var check : checks) {
            statement.append(check.statement());
            instances.append(check.instances());
            violations.append(check.violations());
            if (check.kind() == StatementCheck.Kind.EQUALITY) {
                slack.appendMissing();
                gap.append(powerOfTen(check.worst()));
            } else {
                slack.append(rounded(check.worst()));
                gap.appendMissing();
            }
        }
        return ResultTable.of(
                name,
                Table.create("Statements on random finite languages", statement, instances, violations, slack, gap));
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
        var bound = StringColumn.create("bound", searches.keySet());
        var random = DoubleColumn.create("random");
        var local = DoubleColumn.create("local search");
        searches.values().forEach(found -> {
            random.append(Math.round(found.random() * 1e4) / 1e4);
            local.append(Math.round(found.ratio() * 1e4) / 1e4);
        });
        return ResultTable.of(name, Table.create("Share of sqrt(2B²ε/γ) that a model loses", bound, random, local));
    }

    /**
     * A row for each classifier of a real model: its measured loss, and how small {@code ε/γ} would have to be for T1 or T2 to
     * say anything.
     */
    public static ResultTable measured(String name, Map<String, MeasuredBound> classifiers) {
        var classifier = StringColumn.create("classifier", classifiers.keySet());
        var loss = DoubleColumn.create("loss of p_f");
        var chance = DoubleColumn.create("chance");
        var B = DoubleColumn.create("B");
        var limit = DoubleColumn.create("log10 ε/γ below");
        classifiers.values().forEach(it -> {
            loss.append(Math.round(it.loss() * 1e4) / 1e4);
            chance.append(Math.round(it.chance() * 1e4) / 1e4);
            B.append(rounded(it.B()));
            limit.append(Math.round(Math.log10(it.vacuousFrom()) * 10) / 10.0);
        });
        return ResultTable.of(
                name, Table.create("Classifiers of a real model's p_f", classifier, loss, chance, B, limit));
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
        var chart = new XYChartBuilder().width(760).height(560).title(title).build();
        var corners = new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 0}};
        line(chart, "simplex", corners, LINE).setShowInLegend(false);
        for (var w = 0; w < words.size(); w++) {
            var offset = w == 2 ? 0.04 : -0.04;
            chart.addAnnotation(new AnnotationText(words.get(w), x(corners)[w], y(corners)[w] + offset, false));
        }
        for (var n = 0; n < segments.size(); n++) {
            line(chart, "segment " + n, segments.get(n), LINE)
                    .setLineStyle(SeriesLines.DASH_DASH)
                    .setShowInLegend(false);
        }
        var color = 0;
        for (var curve : curves.entrySet()) {
            line(chart, curve.getKey(), curve.getValue(), COLORS[color++]);
        }
        for (var set : points.entrySet()) {
            Stream.of(set.getValue()).forEach(TheoryReport::requireSumOne);
            var series = chart.addSeries(set.getKey(), x(set.getValue()), y(set.getValue()));
            series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
            series.setMarkerColor(COLORS[color++]).setMarker(SeriesMarkers.CIRCLE);
        }
        var style = chart.getStyler();
        style.setChartBackgroundColor(Color.WHITE);
        style.setAxisTicksVisible(false);
        style.setPlotGridLinesVisible(false);
        style.setPlotBorderVisible(false);
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setMarkerSize(MARKER + 4);
        style.setYAxisMin(-0.1);
        style.setYAxisMax(1.0);
        return chart;
    }

    /** Word weights, such as distributions and their projections, as groups of bars. */
    public static CategoryChart words(String title, List<String> words, Map<String, double[]> weights) {
        var chart = new CategoryChartBuilder()
                .width(920)
                .height(400)
                .title(title)
                .yAxisTitle("weight")
                .build();
        var color = 0;
        for (var each : weights.entrySet()) {
            chart.addSeries(
                            each.getKey(),
                            words,
                            IntStream.range(0, words.size())
                                    .mapToObj(w -> each.getValue()[w])
                                    .toList())
                    .setFillColor(COLORS[color++]);
        }
        var style = chart.getStyler();
        style.setChartBackgroundColor(Color.WHITE);
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setPlotGridVerticalLinesVisible(false);
        style.setXAxisLabelRotation(45);
        return chart;
    }

    private static XYChart logarithmic(String title, String x, String y) {
        var chart = new XYChartBuilder()
                .width(820)
                .height(460)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        var style = chart.getStyler();
        style.setPlotGridLinesVisible(false);
        style.setXAxisLogarithmic(true);
        style.setYAxisLogarithmic(true);
        style.setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        style.setChartBackgroundColor(Color.WHITE);
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setMarkerSize(MARKER);
        return chart;
    }

    private interface Coordinate {
        double of(Bound bound);
    }

    private static void scatter(XYChart chart, Map<String, List<Bound>> series, Coordinate x, Coordinate y) {
        var color = 0;
        for (var each : series.entrySet()) {
            // A logarithmic axis has no place for 0.
            var points = each.getValue().stream()
                    .filter(it -> x.of(it) > 0 && y.of(it) > 0 && Double.isFinite(x.of(it) + y.of(it)))
                    .toList();
            chart.addSeries(
                            each.getKey(),
                            points.stream().mapToDouble(x::of).toArray(),
                            points.stream().mapToDouble(y::of).toArray())
                    .setMarkerColor(COLORS[color++])
                    .setMarker(SeriesMarkers.CIRCLE);
        }
    }

    private static void diagonal(XYChart chart, String name, Stream<Double> values) {
        var range = values.filter(value -> value > 0 && Double.isFinite(value))
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        var ends = new double[] {range.getMin(), range.getMax()};
        asLine(chart.addSeries(name, ends, ends), LINE);
    }

    private static XYSeries line(XYChart chart, String name, double[][] points, Color color) {
        for (var point : points) {
            requireSumOne(point);
        }
        var series = chart.addSeries(name, x(points), y(points));
        asLine(series, color);
        return series;
    }

    private static void asLine(XYSeries series, Color color) {
        series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Line);
        series.setLineColor(color);
        series.setMarker(SeriesMarkers.NONE);
    }

    private static void requireSumOne(double[] point) {
        if (!(Math.abs(point[0] + point[1] + point[2] - 1) <= 1e-9)) {
            throw new IllegalArgumentException(
                    Arrays.toString(point) + " does not sum to 1: it is not in the plane of the simplex");
        }
    }

    private static double[] x(double[][] points) {
        return Stream.of(points).mapToDouble(p -> p[1] + p[2] / 2).toArray();
    }

    private static double[] y(double[][] points) {
        return Stream.of(points).mapToDouble(p -> p[2] * Math.sqrt(3) / 2).toArray();
    }
}
