package org.whylm.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.probe.Result;
import org.whylm.probe.TaskResults;

/**
 * Features that were trained, a point for each training run, beside what was not, a line across the row: whether training taught
 * anything, and whether one objective taught more than another.
 */
public final class RunsFigure {

    /** A row is 1 wide. */
    private static final double HALF_LINE = 0.44;

    private static final double BETWEEN_RUNS = 0.05;

    /** In percent. */
    private static final double ROOM_FOR_NAMES = 6;

    private static final List<Marker> MARKERS =
            List.of(SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_UP);
    private static final List<float[]> DASHES =
            List.of(new float[] {8, 0.1f}, new float[] {8, 3}, new float[] {4, 3}, new float[] {1.5f, 3});

    private record Row(TaskResults results, boolean prompted) {
        Optional<Result> result(String features) {
            return results.column(features + (prompted ? "*" : ""));
        }

        String name() {
            return results.task() + (prompted ? "*" : "");
        }
    }

    private RunsFigure() {}

    /**
     * Test accuracy in percent, a row for each task without and with its prompt.
     *
     * @param trained features whose runs are points, with the 95% interval of their mean
     * @param controls features whose mean is a line; chance is another one
     */
    public static XYChart of(String title, Collection<TaskResults> tasks, List<String> trained, List<String> controls) {
        var rows = tasks.stream()
                .flatMap(task -> Stream.of(new Row(task, false), new Row(task, true)))
                .filter(row -> trained.stream()
                        .anyMatch(features -> row.result(features).isPresent()))
                .toList();
        var chart = ChartStyle.xy(title, "", "test accuracy, %");
        chart.getStyler().setXAxisMin(-0.5);
        chart.getStyler().setXAxisMax(rows.size() - 0.5);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        chart.getStyler().setXAxisTicksVisible(false);
        for (int i = 0; i < controls.size(); i++) {
            lines(chart, controls.get(i), rows, ChartStyle.INK, DASHES.get(i % DASHES.size()));
        }
        lines(chart, TaskResults.CHANCE, rows, ChartStyle.REFERENCE, DASHES.get(0));
        for (int i = 0; i < trained.size(); i++) {
            points(chart, trained.get(i), rows, i, ((i + 0.5) / trained.size() - 0.5) * 2 * HALF_LINE);
        }
        names(chart, rows);
        return chart;
    }

    /** Names of the rows below all that they hold; XChart leaves out ticks of its own whose labels are empty. */
    private static void names(XYChart chart, List<Row> rows) {
        double lowest = chart.getSeriesMap().values().stream()
                .flatMapToDouble(series -> Arrays.stream(series.getYData()))
                .filter(Double::isFinite)
                .min()
                .orElse(0);
        chart.getStyler().setYAxisMin(lowest - ROOM_FOR_NAMES);
        for (int row = 0; row < rows.size(); row++) {
            chart.addAnnotation(new Label(rows.get(row).name(), row, lowest - ROOM_FOR_NAMES / 2));
        }
    }

    private static void points(XYChart chart, String features, List<Row> rows, int index, double offset) {
        var color = ChartStyle.COLORS.get(index);
        var x = new ArrayList<Double>();
        var y = new ArrayList<Double>();
        for (int row = 0; row < rows.size(); row++) {
            var result = rows.get(row).result(features);
            if (result.isEmpty()) {
                continue;
            }
            var mean = result.get().accuracy();
            ChartStyle.interval(chart, row + offset, percent(mean.low()), percent(mean.high()), color);
            var runs = result.get().runAccuracies();
            for (int run = 0; run < runs.length; run++) {
                x.add(row + offset + (run - (runs.length - 1) / 2.0) * BETWEEN_RUNS);
                y.add(100 * runs[run]);
            }
        }
        if (!x.isEmpty()) {
            ChartStyle.points(chart, features, doubles(x), doubles(y), color, MARKERS.get(index % MARKERS.size()));
        }
    }

    /** Of an end of an interval, which a t interval may put beyond what an accuracy can be. */
    private static double percent(double accuracy) {
        return 100 * Math.max(0, Math.min(1, accuracy));
    }

    /** A line for each row that has the control, with gaps between them. */
    private static void lines(XYChart chart, String features, List<Row> rows, Color color, float[] dash) {
        var x = new ArrayList<Double>();
        var y = new ArrayList<Double>();
        for (int row = 0; row < rows.size(); row++) {
            double accuracy = rows.get(row)
                    .result(features)
                    .map(result -> 100 * result.accuracy().value())
                    .orElse(Double.NaN);
            x.addAll(List.of(row - HALF_LINE, row + HALF_LINE, row + HALF_LINE));
            y.addAll(List.of(accuracy, accuracy, Double.NaN));
        }
        if (y.stream().anyMatch(value -> !value.isNaN())) {
            var stroke = new BasicStroke(1.8f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, dash, 0);
            ChartStyle.curve(chart, features, doubles(x), doubles(y), color, stroke);
        }
    }

    private static double[] doubles(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
