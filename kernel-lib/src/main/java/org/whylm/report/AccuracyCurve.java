package org.whylm.report;

import java.awt.BasicStroke;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.probe.Result;
import org.whylm.probe.ZeroShot;
import org.whylm.statistics.Accuracy;
import org.whylm.statistics.Statistic;

/**
 * Test accuracy against a quantity.
 *
 * @param task what the accuracy is on; the curves of a task have one colour
 * @param what which of the task's curves this is; curves that are alike have one kind of line and mark
 * @param points in the order of the quantity
 */
public record AccuracyCurve(String task, String what, List<Point> points) {

    private static final int TASKS_A_CHART = 4;
    private static final int BINS = 10;

    private static final List<Marker> MARKERS =
            List.of(SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.TRIANGLE_UP, SeriesMarkers.DIAMOND);

    private static final List<BasicStroke> LINES =
            List.of(SeriesLines.SOLID, SeriesLines.DASH_DASH, SeriesLines.DOT_DOT, SeriesLines.DASH_DOT);

    /** An accuracy where the quantity is {@code x}, with the interval that its bar shows. */
    public record Point(double x, Statistic accuracy) {}

    /** How the quantity is drawn. */
    public enum Axis {
        LINEAR,
        LOGARITHMIC
    }

    private record Row(String curve, Point point) {}

    public AccuracyCurve {
        points = List.copyOf(points);
    }

    /** Accuracy against the dimension of the features. */
    public static AccuracyCurve of(String task, String what, List<Result> results) {
        var points = results.stream().map(result -> new Point(result.dimension(), result.accuracy()));
        return new AccuracyCurve(task, what, points.toList());
    }

    /** Accuracy of an untrained classifier against its confidence, in percent, in ten bins, with 95% Wilson intervals. */
    public static AccuracyCurve of(String task, String what, ZeroShot zeroShot) {
        var points = zeroShot.reliability(BINS).stream()
                .map(bin -> new Point(100 * bin.confidence(), wilson(bin.accuracy())));
        return new AccuracyCurve(task, what, points.toList());
    }

    private static Statistic wilson(Accuracy accuracy) {
        return Statistic.between(accuracy.value(), accuracy.low(), accuracy.high());
    }

    /** What a legend calls it. */
    public String name() {
        return task + ", " + what;
    }

    /** A point a row: curve, quantity, accuracy in percent with its interval. */
    public static ResultTable table(String name, String title, String quantity, List<AccuracyCurve> curves) {
        var rows = curves.stream()
                .flatMap(curve -> curve.points().stream().map(point -> new Row(curve.name(), point)))
                .toList();
        return Columns.of(rows)
                .text("curve", Row::curve)
                .number(quantity, 2, row -> row.point().x())
                .interval("test", row -> row.point().accuracy())
                .table(name, title);
    }

    /**
     * The curves, accuracy in percent with its intervals, cut at 0 and 100; no more than four tasks in a chart. On a logarithmic
     * axis the kinds of curves stand a little beside each other.
     *
     * @param chance the accuracy of always answering a task's most frequent class: a thin dashed line in its colour
     */
    public static List<XYChart> charts(
            String title, String quantity, Axis axis, List<AccuracyCurve> curves, ToDoubleFunction<String> chance) {
        var charts = charts(title, quantity, axis, curves);
        for (var chart : charts) {
            var shown = curves.stream().filter(curve -> chart.getSeriesMap().containsKey(curve.name()));
            shown.collect(Collectors.groupingBy(AccuracyCurve::task, LinkedHashMap::new, Collectors.toList()))
                    .forEach((task, own) -> chance(chart, own, 100 * chance.applyAsDouble(task)));
        }
        return charts;
    }

    private static void chance(XYChart chart, List<AccuracyCurve> ofTask, double y) {
        var x = ofTask.stream()
                .flatMap(curve -> curve.points().stream())
                .mapToDouble(Point::x)
                .summaryStatistics();
        var first = chart.getSeriesMap().get(ofTask.get(0).name());
        ChartStyle.level(chart, ofTask.get(0).task() + ", chance", x.getMin(), x.getMax(), y)
                .setLineColor(first.getLineColor());
    }

    /** The same without chance. */
    public static List<XYChart> charts(String title, String quantity, Axis axis, List<AccuracyCurve> curves) {
        var tasks = curves.stream().map(AccuracyCurve::task).distinct().toList();
        var charts = new ArrayList<XYChart>();
        for (int from = 0; from < tasks.size(); from += TASKS_A_CHART) {
            var some = tasks.subList(from, Math.min(tasks.size(), from + TASKS_A_CHART));
            var ofSome =
                    curves.stream().filter(curve -> some.contains(curve.task())).toList();
            charts.add(chart(title, quantity, axis, ofSome));
        }
        return charts;
    }

    private static XYChart chart(String title, String quantity, Axis axis, List<AccuracyCurve> curves) {
        var chart = ChartStyle.xy(title, quantity, "test accuracy, %");
        if (axis == Axis.LOGARITHMIC) {
            ChartStyle.logarithmicX(chart.getStyler(), "0.#");
        }
        chart.getStyler().setYAxisMax(100.0);
        var tasks = curves.stream().map(AccuracyCurve::task).distinct().toList();
        var kinds = curves.stream().map(AccuracyCurve::what).distinct().toList();
        for (var curve : curves) {
            var color = ChartStyle.COLORS.get(tasks.indexOf(curve.task()) % ChartStyle.COLORS.size());
            int kind = kinds.indexOf(curve.what());
            var points = curve.points();
            // Beside each other, so that no bar hides another.
            double shift = axis == Axis.LOGARITHMIC ? Math.pow(1.04, kind) : 1;
            var series = chart.addSeries(
                    curve.name(),
                    points.stream().mapToDouble(point -> shift * point.x()).toArray(),
                    points.stream()
                            .mapToDouble(point -> 100 * point.accuracy().value())
                            .toArray());
            series.setLineColor(color);
            series.setMarkerColor(color);
            series.setLineStyle(LINES.get(kind % LINES.size()));
            series.setMarker(MARKERS.get(kind % MARKERS.size()));
            if (points.size() == 1) {
                series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
            }
            for (var point : points) {
                var accuracy = point.accuracy();
                double low = Math.max(0, 100 * accuracy.low());
                double high = Math.min(100, 100 * accuracy.high());
                ChartStyle.interval(chart, shift * point.x(), low, high, color);
            }
        }
        return chart;
    }

    /** The same where the quantity is a confidence in percent: on the dashed diagonal, accuracy equals confidence. */
    public static List<XYChart> reliabilities(String title, List<AccuracyCurve> curves) {
        var charts = charts(title, "confidence, %", Axis.LINEAR, curves);
        for (var chart : charts) {
            chart.getStyler().setXAxisMin(0.0).setXAxisMax(100.0).setYAxisMin(0.0);
            ChartStyle.line(chart, "as sure as right", new double[] {0, 100}, new double[] {0, 100});
        }
        return charts;
    }
}
