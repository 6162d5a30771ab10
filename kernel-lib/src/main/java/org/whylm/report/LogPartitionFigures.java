package org.whylm.report;

import java.awt.Color;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
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

    /** Less than this is rounding. */
    private static final double LEAST = 1e-6;

    private LogPartitionFigures() {}

    /**
     * Fitted against true {@code log Z - μ·f}, a colour a set of contexts, with the diagonal.
     *
     * @param sets contexts by name, of which a random {@value #POINTS_A_SET} are drawn each
     */
    public static XYChart fittedAgainstTrue(LogPartitionFit fit, Map<String, LogPartitionContexts> sets, long seed) {
        var chart = ChartStyle.xy(
                "log Z and what was fitted to it (" + fit.form().label() + ")",
                "log Z - μ·f, nats",
                "fitted log Z - μ·f, nats");
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        chart.getStyler().setMarkerSize(5);
        var random = new Random(seed);
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
            var translucent = new Color(color.getRed(), color.getGreen(), color.getBlue(), OPACITY);
            ChartStyle.points(chart, set.getKey(), x, y, translucent, SeriesMarkers.CIRCLE);
        }
        var shown = chart.getSeriesMap().values().stream()
                .flatMapToDouble(set -> Arrays.stream(set.getXData()))
                .summaryStatistics();
        var ends = new double[] {shown.getMin(), shown.getMax()};
        ChartStyle.line(chart, "fitted = true", ends, ends);
        return chart;
    }

    /** What is left to explain, {@code 1 - R²}, in powers of ten; the line is what the mean leaves. */
    public static XYChart left(String title, Collection<ExplainedVariance> rows) {
        return chart(title, rows, row -> List.of(left("1 - R²", row.r2())));
    }

    /** The same for {@code Φp_f}: by {@code A f + b} as it is, and by {@code A} with the {@code b} that suits these contexts best. */
    public static XYChart leftByTheBestIntercept(String title, Collection<ExplainedVariance> rows) {
        return chart(title, rows, row -> List.of(left("A f + b", row.r2()), left("A f + the best b", row.compared())));
    }

    private static ForestPlot.Mark left(String series, Statistic r2) {
        return new ForestPlot.Mark(
                series,
                Math.log10(Math.max(LEAST, 1 - r2.value())),
                Math.log10(Math.max(LEAST, 1 - r2.high())),
                Math.log10(Math.max(LEAST, 1 - r2.low())));
    }

    private static XYChart chart(
            String title,
            Collection<ExplainedVariance> rows,
            Function<ExplainedVariance, List<ForestPlot.Mark>> marks) {
        var lines = rows.stream()
                .map(row -> new ForestPlot.Row(row.contexts(), row.fit(), marks.apply(row), 0))
                .toList();
        var all = lines.stream().flatMap(line -> line.marks().stream()).toList();
        double low = all.stream().mapToDouble(ForestPlot.Mark::low).min().orElse(0);
        double high = all.stream().mapToDouble(ForestPlot.Mark::high).max().orElse(0);
        var axis = "log10 of what is left, 1 - R² (grey, 0: as much as the mean leaves; -1: a tenth of that)";
        return new ForestPlot(title, axis, lines, Math.floor(2 * low) / 2, Math.ceil(2 * high + 0.1) / 2).chart();
    }
}
