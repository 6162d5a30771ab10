package org.whylm.report;

import java.awt.Color;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.statistics.Statistic;
import org.whylm.theory.UpperCurve;
import org.whylm.train.Loss;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Tables and the figure of pre-training against downstream. */
public final class ModelFamilies {

    private static final int CURVE_POINTS = 200;
    private static final double MARGIN = 1.05;
    private static final Color[] COLORS = {new Color(0xc4601d), new Color(0x1f5fa8)};
    private static final Marker[] MARKERS = {SeriesMarkers.SQUARE, SeriesMarkers.CIRCLE};

    private ModelFamilies() {}

    /**
     * Every model with the loss in pre-training, {@code ε}, and for each kind of features, in a row of its own, the loss
     * downstream (nats, 95% bootstrap interval) and the error in percent (95% Wilson interval).
     *
     * @param name of the table's file
     */
    public static ResultTable table(String name, List<ModelFamily> families, long seed) {
        var table = Table.create(
                "Pre-training and downstream",
                StringColumn.create("family"),
                StringColumn.create("model"),
                DoubleColumn.create("pre-training loss"),
                DoubleColumn.create("ε"),
                StringColumn.create("features"),
                DoubleColumn.create("loss"),
                DoubleColumn.create("loss low"),
                DoubleColumn.create("loss high"),
                DoubleColumn.create("error, %"),
                DoubleColumn.create("error low"),
                DoubleColumn.create("error high"));
        for (var family : families) {
            var excess = family.excess();
            double parts = family.objective() == Loss.QUAD ? 1e6 : 1000; // Quad is of the order of 1/V
            for (int i = 0; i < excess.length; i++) {
                var model = family.models().get(i);
                for (var features : model.downstream().keySet()) {
                    var downstream = model.downstream().get(features);
                    var loss = Statistic.mean(downstream.losses(), seed);
                    var accuracy = downstream.accuracy();
                    var row = table.appendRow();
                    row.setString("family", family.name());
                    row.setString("model", model.model());
                    row.setDouble("pre-training loss", rounded(model.pretrainingLoss(), parts));
                    row.setDouble("ε", rounded(excess[i], parts));
                    row.setString("features", features);
                    row.setDouble("loss", rounded(loss.value(), 1000));
                    row.setDouble("loss low", rounded(loss.low(), 1000));
                    row.setDouble("loss high", rounded(loss.high(), 1000));
                    row.setDouble("error, %", rounded(100 * (1 - accuracy.value()), 10));
                    row.setDouble("error low", rounded(100 * (1 - accuracy.high()), 10));
                    row.setDouble("error high", rounded(100 * (1 - accuracy.low()), 10));
                }
            }
        }
        return new ResultTable(
                name, new TableView(table, table.rowCount(), List.of(), TableView.Best.SMALLEST), java.util.Map.of());
    }

    /**
     * The tightest curve {@code a + b·sqrt(ε)} above all models of each family, and how the curve and the line in {@code ε} do on
     * models left out of the fit, in nats.
     *
     * @param name of the table's file
     */
    public static ResultTable curves(String name, List<ModelFamily> families) {
        var table = Table.create(
                "The tightest curves above",
                StringColumn.create("family"),
                StringColumn.create("features"),
                DoubleColumn.create("a"),
                DoubleColumn.create("b"),
                DoubleColumn.create("left out: most above"),
                DoubleColumn.create("left out: distance from curve"),
                DoubleColumn.create("left out: distance from line"));
        for (var family : families) {
            for (var features : family.features()) {
                var curve = family.curve(features, UpperCurve.Rate.SQUARE_ROOT);
                var row = table.appendRow();
                row.setString("family", family.name());
                row.setString("features", features);
                row.setDouble("a", rounded(curve.a(), 1000));
                row.setDouble("b", rounded(curve.b(), 1000));
                row.setDouble("left out: most above", rounded(family.aboveCurve(features), 1000));
                row.setDouble(
                        "left out: distance from curve",
                        rounded(family.distance(features, UpperCurve.Rate.SQUARE_ROOT), 1000));
                row.setDouble(
                        "left out: distance from line",
                        rounded(family.distance(features, UpperCurve.Rate.LINEAR), 1000));
            }
        }
        return ResultTable.of(name, table);
    }

    /** Downstream loss against {@code ε} with the tightest curves {@code a + b·sqrt(ε)} above; bars are two standard errors each way. */
    public static XYChart chart(ModelFamily family) {
        var chart = new XYChartBuilder()
                .width(820)
                .height(460)
                .title("Downstream loss against ε: " + family.name())
                .xAxisTitle("ε, excess in " + objective(family) + " over the family's best model")
                .yAxisTitle("logistic loss on the test sentences, nats")
                .build();
        var style = chart.getStyler();
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setChartBackgroundColor(Color.WHITE);
        style.setMarkerSize(8);
        style.setErrorBarsColor(Color.GRAY);
        style.setXAxisDecimalPattern("0.##");
        style.setYAxisDecimalPattern("0.00");
        var excess = family.excess();
        double widest = MARGIN * excess[excess.length - 1];
        style.setXAxisMin(-(MARGIN - 1) * widest);
        style.setXAxisMax(widest);
        var features = family.features();
        for (int i = 0; i < features.size(); i++) {
            var points = chart.addSeries(
                    features.get(i),
                    excess,
                    family.downstreamLoss(features.get(i)),
                    Arrays.stream(family.standardErrors(features.get(i)))
                            .map(error -> 2 * error)
                            .toArray());
            points.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
            points.setMarker(MARKERS[i]);
            points.setMarkerColor(COLORS[i]);
        }
        var grid = new double[CURVE_POINTS];
        Arrays.setAll(grid, point -> widest * point * point / (CURVE_POINTS - 1) / (CURVE_POINTS - 1));
        for (int i = 0; i < features.size(); i++) {
            var curve = family.curve(features.get(i), UpperCurve.Rate.SQUARE_ROOT);
            var line = chart.addSeries(
                    String.format(Locale.ROOT, "%s: %.2f + %.2f·sqrt(ε)", features.get(i), curve.a(), curve.b()),
                    grid,
                    Arrays.stream(grid).map(curve::at).toArray());
            line.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
            line.setMarker(SeriesMarkers.NONE);
            line.setLineColor(COLORS[i]);
            line.setLineStyle(SeriesLines.SOLID);
            line.setLineWidth(1.4f);
        }
        return chart;
    }

    private static String objective(ModelFamily family) {
        return switch (family.objective()) {
            case CROSS_ENTROPY -> "cross-entropy (nats a token)";
            case QUAD -> "Quad";
        };
    }

    private static double rounded(double value, double parts) {
        return Math.rint(parts * value) / parts + 0.0; // -0 becomes 0
    }
}
