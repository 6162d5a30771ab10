package org.whylm.report;

import java.awt.Color;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.theory.Bound;
import org.whylm.theory.StatementCheck;
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
    private static final int MARKER = 6;

    private TheoryReport() {}

    /** A row for each statement: how often it was checked and failed, and its least slack or largest gap. */
    public static ResultTable checks(String name, List<StatementCheck> checks) {
        var statement = StringColumn.create("statement");
        var instances = IntColumn.create("instances");
        var violations = IntColumn.create("violations");
        var slack = DoubleColumn.create("least slack");
        var gap = DoubleColumn.create("largest gap");
        for (var check : checks) {
            statement.append(check.statement());
            instances.append(check.instances());
            violations.append(check.violations());
            var equality = check.kind() == StatementCheck.Kind.EQUALITY;
            append(slack, !equality, check.worst());
            append(gap, equality, check.worst());
        }
        return ResultTable.of(
                name,
                Table.create("Statements on random finite languages", statement, instances, violations, slack, gap));
    }

    private static void append(DoubleColumn column, boolean applies, double value) {
        if (applies) {
            // Two digits: the size matters, and the last ones differ between processors.
            column.append(Double.parseDouble(String.format(Locale.ROOT, "%.1e", value)));
        } else {
            column.appendMissing();
        }
    }

    /** The loss of each instance against its bound, with the diagonal that no loss may cross; logarithmic. */
    public static XYChart lossAgainstBound(String title, Map<String, List<Bound>> series) {
        var chart = logarithmic(title, "bound  τ + sqrt(2B²ε/γ)", "loss");
        scatter(chart, series, Bound::bound, Bound::loss);
        var points = series.values().stream().flatMap(List::stream).toList();
        diagonal(chart, "loss = bound", points.stream().flatMap(it -> Stream.of(it.bound(), it.loss())));
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
     * Distributions over three words in the plane: a corner for each word. A projection may lie outside of the triangle.
     *
     * @param words the three words
     * @param curves lines through {@code n×3} weights that sum to 1
     * @param points {@code n×3}
     */
    public static XYChart simplex(
            String title, List<String> words, Map<String, double[][]> curves, Map<String, double[][]> points) {
        var chart = new XYChartBuilder().width(720).height(560).title(title).build();
        line(chart, String.join(", ", words), new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 0}}, LINE);
        var color = 0;
        for (var curve : curves.entrySet()) {
            line(chart, curve.getKey(), curve.getValue(), COLORS[color++]);
        }
        for (var set : points.entrySet()) {
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
        style.setMarkerSize(MARKER + 3);
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

    private static void line(XYChart chart, String name, double[][] points, Color color) {
        asLine(chart.addSeries(name, x(points), y(points)), color);
    }

    private static void asLine(XYSeries series, Color color) {
        series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Line);
        series.setLineColor(color);
        series.setMarker(SeriesMarkers.NONE);
    }

    private static double[] x(double[][] points) {
        return Stream.of(points).mapToDouble(p -> p[1] + p[2] / 2).toArray();
    }

    private static double[] y(double[][] points) {
        return Stream.of(points).mapToDouble(p -> p[2] * Math.sqrt(3) / 2).toArray();
    }
}
