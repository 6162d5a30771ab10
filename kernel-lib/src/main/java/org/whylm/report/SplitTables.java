package org.whylm.report;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.whylm.probe.Accuracy;
import org.whylm.probe.MeanAccuracy;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Accuracies of tasks of which some have a fixed split and others are repeated over random ones. */
public final class SplitTables {

    private SplitTables() {}

    /** The layout of Table 1: mean test accuracy in percent, a column a kind of features, the best of each row marked. */
    public static ResultTable paperLayout(String name, List<AccuracyRow> rows) {
        var kinds = new LinkedHashSet<String>();
        rows.forEach(row -> kinds.addAll(row.kinds()));
        var table = Table.create("Test accuracy, %")
                .addColumns(StringColumn.create("task", rows.stream().map(AccuracyRow::name)));
        for (var kind : kinds) {
            var column = DoubleColumn.create(kind);
            for (var row : rows) {
                if (row.kinds().contains(kind)) {
                    column.append(
                            percent(row.results().accuracy(kind, row.prompted()).value()));
                } else {
                    column.appendMissing();
                }
            }
            table.addColumns(column);
        }
        table.addColumns(
                DoubleColumn.create(
                        "chance",
                        rows.stream()
                                .mapToDouble(row -> percent(row.results().splits().stream()
                                        .mapToDouble(split -> share(split.chance()))
                                        .average()
                                        .orElseThrow()))),
                IntColumn.create(
                        "splits",
                        rows.stream().mapToInt(row -> row.results().splits().size())));
        return ResultTable.of(name, table).markLargest(kinds.toArray(String[]::new));
    }

    /**
     * Every accuracy in a row of its own, in percent: of a fixed split with its 95% Wilson interval, of random splits with the
     * standard error of their mean.
     */
    public static ResultTable details(String name, List<AccuracyRow> rows) {
        var cells = rows.stream()
                .flatMap(row -> row.kinds().stream().map(kind -> Cell.of(row, kind)))
                .toList();
        var table = Table.create("Linear classification, accuracies in %")
                .addColumns(
                        StringColumn.create(
                                "task", cells.stream().map(cell -> cell.row().name())),
                        StringColumn.create("features", cells.stream().map(Cell::kind)),
                        IntColumn.create("dimension", cells.stream().mapToInt(Cell::dimension)),
                        percents("test", cells, cell -> cell.mean().value()),
                        percents(
                                "low",
                                cells,
                                cell -> cell.ofFixedSplit() ? cell.first().low() : Double.NaN),
                        percents(
                                "high",
                                cells,
                                cell -> cell.ofFixedSplit() ? cell.first().high() : Double.NaN),
                        percents("standard error", cells, cell -> cell.mean().standardError()));
        return ResultTable.of(name, table);
    }

    private record Cell(AccuracyRow row, String kind, int dimension, MeanAccuracy mean, Accuracy first) {

        static Cell of(AccuracyRow row, String kind) {
            var result = row.results().splits().get(0).result(kind, row.prompted());
            return new Cell(
                    row,
                    kind,
                    result.dimension(),
                    row.results().accuracy(kind, row.prompted()),
                    result.classification().test());
        }

        boolean ofFixedSplit() {
            return mean.splits() == 1;
        }
    }

    private static DoubleColumn percents(String name, List<Cell> cells, ToDoubleFunction<Cell> value) {
        return DoubleColumn.create(name, cells.stream().mapToDouble(cell -> percent(value.applyAsDouble(cell))));
    }

    private static double percent(double share) {
        return Math.rint(1000 * share) / 10;
    }

    private static double share(boolean[] correct) {
        int count = 0;
        for (boolean each : correct) {
            count += each ? 1 : 0;
        }
        return (double) count / correct.length;
    }
}
