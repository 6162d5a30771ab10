package org.whylm.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.knowm.xchart.XYChart;
import org.whylm.probe.Result;
import org.whylm.probe.TaskResults;

/** Accuracies of tasks as a figure: a line a kind of features, without and with the prompt side by side, against chance. */
public final class AccuracyFigure {

    private static final String PLAIN = "without the prompt";
    private static final String PROMPTED = "with the prompt";

    private AccuracyFigure() {}

    /** Test accuracy in percent with its 95% interval; the grey line of each row is chance. */
    public static XYChart of(String title, Collection<TaskResults> tasks) {
        var rows = new ArrayList<ForestPlot.Row>();
        for (var task : tasks) {
            double chance = 100 * task.chance().accuracy().value();
            var kinds = new LinkedHashMap<String, Map<String, ForestPlot.Mark>>();
            for (var result : AccuracyTables.measured(task)) {
                kinds.computeIfAbsent(result.features(), kind -> new TreeMap<>(Comparator.reverseOrder()))
                        .put(mark(result).series(), mark(result));
            }
            kinds.forEach((kind, marks) ->
                    rows.add(new ForestPlot.Row(task.task(), kind, List.copyOf(marks.values()), chance)));
        }
        return new ForestPlot(title, "test accuracy, % (grey: chance)", rows, 0, 100).chart();
    }

    private static ForestPlot.Mark mark(Result result) {
        return result.prompted()
                ? ForestPlot.Mark.percent(PROMPTED, result.accuracy(), ChartStyle.COLORS.get(1))
                : ForestPlot.Mark.percent(PLAIN, result.accuracy(), ChartStyle.COLORS.get(0));
    }
}
