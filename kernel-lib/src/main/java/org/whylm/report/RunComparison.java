package org.whylm.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.whylm.probe.Result;
import org.whylm.probe.TaskResults;
import org.whylm.statistics.Outcomes;
import org.whylm.statistics.Statistic;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The layout of Table 2: features of models that were trained by different objectives, a row a task, a column a kind of features
 * of one objective, each cell from one or more training runs.
 */
public final class RunComparison {

    private final Map<String, Map<String, List<boolean[]>>> cells = new LinkedHashMap<>();

    /**
     * Adds a run to a cell.
     *
     * @param row a task, with {@code *} for texts and prompt
     * @param column the features and what they were trained by
     * @param correct which test examples a classifier on them gets right
     */
    public void add(String row, String column, boolean[] correct) {
        cells.computeIfAbsent(row, any -> new LinkedHashMap<>())
                .computeIfAbsent(column, any -> new ArrayList<>())
                .add(correct);
    }

    /** Adds a run's results on a task, one row without and one with the prompt, to the column {@code features (trained by)}. */
    public void add(TaskResults results, String trainedBy) {
        for (var result : results.results()) {
            if (result.features().equals(TaskResults.CHANCE)) {
                continue;
            }
            add(row(result), result.features() + " (" + trainedBy + ")", result.correct());
        }
    }

    private static String row(Result result) {
        return result.task() + (result.prompted() ? "*" : "");
    }

    /** The rows, in the order in which they were added. */
    public List<String> rows() {
        return List.copyOf(cells.keySet());
    }

    /**
     * Accuracy of one column less that of another, over runs and test examples.
     *
     * @throws IllegalArgumentException if there is no such cell
     */
    public Statistic difference(String row, String column, String other, long seed) {
        return Statistic.difference(
                new Outcomes(runs(row, column), List.of()), new Outcomes(runs(row, other), List.of()));
    }

    /**
     * Whether one column is above another by more than two standard errors of the difference, taken as independent.
     *
     * @throws IllegalArgumentException if there is no such cell
     */
    public boolean isClearlyAbove(String row, String column, String other) {
        var runs = runs(row, column);
        var otherRuns = runs(row, other);
        return mean(runs) - mean(otherRuns) > 2 * Math.hypot(standardError(runs), standardError(otherRuns));
    }

    /** Mean accuracy in percent, the largest of the columns named in {@code compared} marked. */
    public ResultTable table(String name, String... compared) {
        var table = Table.create("Test accuracy, %").addColumns(StringColumn.create("task", cells.keySet()));
        for (var label : columns()) {
            var column = DoubleColumn.create(label);
            cells.values().forEach(row -> {
                if (row.containsKey(label)) {
                    column.append(percent(mean(row.get(label))));
                } else {
                    column.appendMissing();
                }
            });
            table.addColumns(column);
        }
        return ResultTable.of(name, table).markLargest(compared);
    }

    /**
     * A row a cell: runs, mean accuracy, its standard error (from the spread of the runs and from the number of test examples),
     * and the least and greatest of the runs; in percent.
     */
    public ResultTable details(String name) {
        var table = Table.create(
                "Test accuracy over runs, %",
                StringColumn.create("task"),
                StringColumn.create("features"),
                IntColumn.create("runs"),
                DoubleColumn.create("accuracy"),
                DoubleColumn.create("standard error"),
                DoubleColumn.create("least"),
                DoubleColumn.create("greatest"));
        cells.forEach((task, columns) -> columns.forEach((label, runs) -> {
            var shares = runs.stream().mapToDouble(RunComparison::share).summaryStatistics();
            var row = table.appendRow();
            row.setString("task", task);
            row.setString("features", label);
            row.setInt("runs", runs.size());
            row.setDouble("accuracy", percent(shares.getAverage()));
            row.setDouble("standard error", percent(standardError(runs)));
            row.setDouble("least", percent(shares.getMin()));
            row.setDouble("greatest", percent(shares.getMax()));
        }));
        return ResultTable.of(name, table);
    }

    private Collection<String> columns() {
        var columns = new LinkedHashSet<String>();
        cells.values().forEach(row -> columns.addAll(row.keySet()));
        return columns;
    }

    private List<boolean[]> runs(String row, String column) {
        var runs = cells.getOrDefault(row, Map.of()).get(column);
        if (runs == null) {
            throw new IllegalArgumentException(
                    "No " + column + " on " + row + ": there are " + columns() + " on " + rows());
        }
        return runs;
    }

    /** Variance of the mean over runs, plus that of a share of test examples, which all runs have in common. */
    static double standardError(List<boolean[]> runs) {
        double mean = mean(runs);
        double sampling = mean * (1 - mean) / runs.get(0).length;
        if (runs.size() == 1) {
            return Math.sqrt(sampling);
        }
        double spread =
                runs.stream().mapToDouble(run -> Math.pow(share(run) - mean, 2)).sum() / (runs.size() - 1);
        return Math.sqrt(spread / runs.size() + sampling);
    }

    private static double mean(List<boolean[]> runs) {
        return runs.stream().mapToDouble(RunComparison::share).average().orElseThrow();
    }

    private static double share(boolean[] correct) {
        int right = 0;
        for (boolean each : correct) {
            right += each ? 1 : 0;
        }
        return (double) right / correct.length;
    }

    private static double percent(double share) {
        return Math.rint(1000 * share) / 10;
    }
}
