package org.whylm.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.theory.LogPartitionContexts;
import org.whylm.theory.LogPartitionFit;

/** The paper's log-partition figure, and the distribution of its residuals. */
public final class LogPartitionFigures {

    private static final int POINTS_A_SET = 300;
    private static final int BINS = 40;
    private static final Color[] COLORS = {
        new Color(0x1f5fa8), new Color(0xc4601d), new Color(0x2f7d4f), new Color(0x7b4aa0), new Color(0x9a2f3f),
    };

    private LogPartitionFigures() {}

    /**
     * Fitted against true {@code log Z}, a colour a set of contexts, with the diagonal.
     *
     * @param sets contexts by name, of which a random {@value #POINTS_A_SET} are drawn each
     */
    public static XYChart fittedAgainstTrue(LogPartitionFit fit, Map<String, LogPartitionContexts> sets, long seed) {
        var chart = new XYChartBuilder()
                .width(760)
                .height(520)
                .title("The log-partition function and its quadratic fit")
                .xAxisTitle("log Z at f(s), nats")
                .yAxisTitle("½ f·Af + b·f + c, nats")
                .build();
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setMarkerSize(5);
        var random = new Random(seed);
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        var colors = Arrays.asList(COLORS).iterator();
        for (var set : sets.entrySet()) {
            var contexts = set.getValue();
            var fitted = fit.predict(contexts.f());
            var drawn = random.ints(0, fitted.length)
                    .distinct()
                    .limit(Math.min(POINTS_A_SET, fitted.length))
                    .toArray();
            var x = Arrays.stream(drawn)
                    .mapToDouble(i -> contexts.logPartition()[i])
                    .toArray();
            var y = Arrays.stream(drawn).mapToDouble(i -> fitted[i]).toArray();
            var color = colors.hasNext() ? colors.next() : Color.GRAY;
            var series = chart.addSeries(set.getKey(), x, y);
            series.setMarker(SeriesMarkers.CIRCLE);
            series.setMarkerColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), 150));
            low = Math.min(low, Arrays.stream(x).min().orElse(low));
            high = Math.max(high, Arrays.stream(x).max().orElse(high));
        }
        var diagonal = chart.addSeries("fitted = true", new double[] {low, high}, new double[] {low, high});
        diagonal.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
        diagonal.setMarker(SeriesMarkers.NONE);
        diagonal.setLineColor(Color.DARK_GRAY);
        diagonal.setLineWidth(1.2f);
        return chart;
    }

    /** How the residuals, fitted minus true, of one set of contexts are distributed; the outermost bins hold what lies beyond. */
    public static CategoryChart residuals(LogPartitionFit fit, LogPartitionContexts contexts) {
        var fitted = fit.predict(contexts.f());
        var residuals = new double[fitted.length];
        Arrays.setAll(residuals, i -> fitted[i] - contexts.logPartition()[i]);
        var sorted = residuals.clone();
        Arrays.sort(sorted);
        double bound = Math.max(
                Math.abs(sorted[sorted.length / 200]), Math.abs(sorted[sorted.length - 1 - sorted.length / 200]));
        double width = 2 * bound / BINS;
        var counts = new int[BINS];
        for (double residual : residuals) {
            counts[Math.min(BINS - 1, Math.max(0, (int) Math.floor((residual + bound) / width)))]++;
        }
        List<Double> centres = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        for (int bin = 0; bin < BINS; bin++) {
            centres.add(Math.rint(1000 * (-bound + (bin + 0.5) * width)) / 1000);
            shares.add(100.0 * counts[bin] / residuals.length);
        }
        var chart = new CategoryChartBuilder()
                .width(760)
                .height(320)
                .title("Residuals on held-out contexts")
                .xAxisTitle("fitted minus true log Z, nats")
                .yAxisTitle("contexts, %")
                .build();
        chart.getStyler().setLegendVisible(false);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setAvailableSpaceFill(0.98);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        chart.getStyler().setXAxisMaxLabelCount(9);
        chart.addSeries("residuals", centres, shares).setFillColor(COLORS[0]);
        return chart;
    }
}
