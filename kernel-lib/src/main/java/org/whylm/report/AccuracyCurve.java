package org.whylm.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.statistics.Accuracy;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Test accuracy against a quantity.
 *
 * @param task what the accuracy is on; the curves of a task have one colour
 * @param what which of the task's curves this is; curves that are alike have one kind of line and mark
 * @param points in the order of the quantity
 */
public record AccuracyCurve(String task, String what, List<Point> points) {

    /** An accuracy where the quantity is {@code x}. */
    public record Point(double x, Accuracy accuracy) {}

    /** How the quantity is drawn. */
    public enum Axis {
        LINEAR,
        LOGARITHMIC
    }

    private static final Color[] COLORS = {
        new Color(0x1f5fa8),
        new Color(0xc4601d),
        new Color(0x2f7d4f),
        new Color(0x7b4aa0),
        new Color(0x9a2f3f),
        new Color(0x3a9ca6),
        new Color(0x8a6d1b),
        new Color(0x555555),
    };

    private static final Marker[] MARKERS = {
        SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.TRIANGLE_UP, SeriesMarkers.DIAMOND,
    };

    private static final BasicStroke[] LINES = {
        SeriesLines.SOLID, SeriesLines.DASH_DASH, SeriesLines.DOT_DOT, SeriesLines.DASH_DOT,
    };

    public AccuracyCurve {
        points = List.copyOf(points);
    }

    /** What a legend calls it. */
    public String name() {
        return task + ", " + what;
    }

    /** A point a row: curve, quantity, accuracy in percent with its 95% Wilson interval. */
    public static ResultTable table(String name, String title, String quantity, List<AccuracyCurve> curves) {
        var curve = StringColumn.create("curve");
        var x = DoubleColumn.create(quantity);
        var test = DoubleColumn.create("test");
        var low = DoubleColumn.create("low");
        var high = DoubleColumn.create("high");
        for (var each : curves) {
            for (var point : each.points()) {
                curve.append(each.name());
                x.append(Math.rint(100 * point.x()) / 100);
                test.append(percent(point.accuracy().value()));
                low.append(percent(point.accuracy().low()));
                high.append(percent(point.accuracy().high()));
            }
        }
        return ResultTable.of(name, Table.create(title).addColumns(curve, x, test, low, high));
    }

    /** The curves, accuracy in percent; bars are as wide as the 95% Wilson intervals, but centred at the accuracy. */
    public static XYChart chart(String title, String quantity, Axis axis, List<AccuracyCurve> curves) {
        var chart = new XYChartBuilder()
                .width(920)
                .height(440)
                .title(title)
                .xAxisTitle(quantity)
                .yAxisTitle("test accuracy, %")
                .build();
        var style = chart.getStyler();
        style.setXAxisLogarithmic(axis == Axis.LOGARITHMIC);
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setChartBackgroundColor(Color.WHITE);
        style.setErrorBarsColor(Color.GRAY);
        style.setYAxisMax(100.0);
        var tasks = curves.stream().map(AccuracyCurve::task).distinct().toList();
        var kinds = curves.stream().map(AccuracyCurve::what).distinct().toList();
        for (var curve : curves) {
            var points = curve.points();
            var series = chart.addSeries(
                    curve.name(),
                    points.stream().mapToDouble(Point::x).toArray(),
                    points.stream()
                            .mapToDouble(point -> percent(point.accuracy().value()))
                            .toArray(),
                    points.stream()
                            .mapToDouble(point -> 50
                                    * (point.accuracy().high()
                                            - point.accuracy().low()))
                            .toArray());
            int color = tasks.indexOf(curve.task()) % COLORS.length;
            int kind = kinds.indexOf(curve.what());
            series.setLineColor(COLORS[color]);
            series.setMarkerColor(COLORS[color]);
            series.setLineStyle(LINES[kind % LINES.length]);
            series.setMarker(MARKERS[kind % MARKERS.length]);
        }
        return chart;
    }

    /** The same where the quantity is a confidence in percent: on the dashed diagonal, accuracy equals confidence. */
    public static XYChart reliability(String title, List<AccuracyCurve> curves) {
        var chart = chart(title, "confidence, %", Axis.LINEAR, curves);
        chart.getStyler().setYAxisMin(0.0);
        var ends = new double[] {0, 100};
        var diagonal = chart.addSeries("as sure as right", ends, ends);
        diagonal.setLineColor(Color.GRAY);
        diagonal.setLineStyle(
                new BasicStroke(1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {6, 4}, 0));
        diagonal.setMarker(SeriesMarkers.NONE);
        return chart;
    }

    private static double percent(double share) {
        return Math.rint(1000 * share) / 10;
    }
}
