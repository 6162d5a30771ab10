package org.whylm.report;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;
import org.whylm.probe.RandomFeatures;

/** Hand-picked features among as many random ones. */
public final class RandomFeaturesFigure {

    private RandomFeaturesFigure() {}

    /**
     * A line for each control: the accuracy of the hand-picked features with its 95% interval, and the mean of the random draws with
     * the stretch from their 2.5% to their 97.5% quantile.
     *
     * @param chance the accuracy of always answering a task's most frequent class, the grey line of each row
     */
    public static XYChart of(String title, List<RandomFeatures> controls, ToDoubleFunction<String> chance) {
        var kinds = controls.stream()
                .map(control -> control.picked().features())
                .distinct()
                .toList();
        var rows = controls.stream()
                .sorted(Comparator.comparingInt(
                        control -> kinds.indexOf(control.picked().features())))
                .map(control ->
                        row(control, 100 * chance.applyAsDouble(control.picked().task())))
                .toList();
        double low = rows.stream()
                .flatMapToDouble(row -> DoubleStream.concat(
                        DoubleStream.of(row.reference()), row.marks().stream().mapToDouble(ForestPlot.Mark::low)))
                .min()
                .orElse(0);
        return new ForestPlot(title, "test accuracy, % (grey: chance)", rows, 10 * Math.floor(low / 10), 100).chart();
    }

    private static ForestPlot.Row row(RandomFeatures control, double chance) {
        var marks = List.of(
                ForestPlot.Mark.percent(
                        "hand-picked, 95% interval", control.picked().accuracy()),
                ForestPlot.Mark.percent("random, mean and 95% of the draws", control.spread()));
        return new ForestPlot.Row(
                control.picked().features() + " against " + control.random().features(),
                control.picked().row(),
                marks,
                chance);
    }
}
