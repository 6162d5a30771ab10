package org.whylm.report;

import java.awt.Color;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.whylm.statistics.Statistic;
import org.whylm.theory.LogPartitionContexts;
import org.whylm.theory.LogPartitionFit;

/** The paper's log-partition figure, and what each function leaves to explain. */
public final class LogPartitionFigures {

    private static final int POINTS_A_SET = 300;
    private static final int OPACITY = 150;

    private LogPartitionFigures() {}

    /**
     * Fitted against true {@code log Z - μ·f}, a colour a set of contexts, with the diagonal.
     *
     * @param sets contexts by name, of which a random {@value #POINTS_A_SET} are drawn each
     */
    public static XYChart fittedAgainstTrue(LogPartitionFit fit, Map<String, LogPartitionContexts> sets, long seed) {
        var chart = ChartStyle.xy(
                "log Z and the " + fit.form().label() + " function fitted to it",
                "log Z - μ·f, nats",
                "fitted log Z - μ·f, nats");
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        chart.getStyler().setMarkerSize(5);
        var random = new Random(seed);
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        var colors = ChartStyle.COLORS.iterator();
        for (var set : sets.entrySet()) {
            var contexts = set.getValue();
            var fitted = fit.predict(contexts.f());
            var centred = contexts.centredLogPartition();
            var drawn = random.ints(0, fitted.length)
                    .distinct()
                    .limit(Math.min(POINTS_A_SET, fitted.length))
                    .toArray();
            var x = Arrays.stream(drawn).mapToDouble(i -> centred[i]).toArray();
            var y = Arrays.stream(drawn)
                    .mapToDouble(i -> fitted[i] - contexts.logPartition()[i] + centred[i])
                    .toArray();
            var color = colors.next();
            var series = chart.addSeries(set.getKey(), x, y);
            series.setMarker(SeriesMarkers.CIRCLE);
            series.setMarkerColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), OPACITY));
            low = Math.min(low, Arrays.stream(x).min().orElse(low));
            high = Math.max(high, Arrays.stream(x).max().orElse(high));
        }
        var ends = new double[] {low, high};
        ChartStyle.line(chart, "fitted = true", ends, ends);
        return chart;
    }

    /** What is left to explain, {@code 1 - R²}, a line a set of contexts: logarithmic, with 1, what the mean leaves. */
    public static CategoryChart left(String title, Collection<ExplainedVariance> rows) {
        var lines = new LinkedHashMap<String, Map<String, Statistic>>();
        rows.forEach(row -> put(lines, row.contexts(), row, ExplainedVariance::r2));
        return chart(title, lines);
    }

    /** The same for {@code Φp_f} at one set of contexts: by {@code A f + b} as it is, and by {@code A} with the best {@code b}. */
    public static CategoryChart leftByTheBestIntercept(String title, Collection<ExplainedVariance> rows) {
        var lines = new LinkedHashMap<String, Map<String, Statistic>>();
        rows.forEach(row -> put(lines, "A f + b", row, ExplainedVariance::r2));
        rows.forEach(row -> put(lines, "A f + the best b", row, ExplainedVariance::compared));
        return chart(title, lines);
    }

    private static void put(
            Map<String, Map<String, Statistic>> lines,
            String line,
            ExplainedVariance row,
            Function<ExplainedVariance, Statistic> r2) {
        lines.computeIfAbsent(line, any -> new LinkedHashMap<>()).put(row.fit(), r2.apply(row));
    }

    private static CategoryChart chart(String title, Map<String, Map<String, Statistic>> lines) {
        var chart = ChartStyle.categories(title, "left to explain, 1 - R²");
        chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
        chart.getStyler().setYAxisLogarithmic(true);
        var fits = List.copyOf(lines.values().iterator().next().keySet());
        lines.forEach((name, explained) -> {
            var left = explained.values().stream().map(r2 -> 1 - r2.value()).toList();
            var half = explained.values().stream()
                    .map(r2 -> (r2.high() - r2.low()) / 2)
                    .toList();
            chart.addSeries(name, fits, left, half).setMarker(SeriesMarkers.CIRCLE);
        });
        var mean = chart.addSeries("the mean", fits, Collections.nCopies(fits.size(), 1.0));
        mean.setMarker(SeriesMarkers.NONE);
        mean.setLineColor(ChartStyle.REFERENCE);
        return chart;
    }
}
