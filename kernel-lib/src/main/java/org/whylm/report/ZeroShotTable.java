package org.whylm.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.whylm.probe.ZeroShot;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Classification without training, as a table. */
public final class ZeroShotTable {

    /** Bins of the expected calibration error. */
    private static final int BINS = 10;

    private ZeroShotTable() {}

    /**
     * One way to classify a task.
     *
     * @param task its name
     * @param words what stands for the classes
     * @param zeroShot the probabilities, not calibrated
     */
    public record Row(String task, String words, ZeroShot zeroShot) {}

    /** Accuracy in percent with its 95% Wilson interval, and expected calibration error in percent, as given and calibrated. */
    public static ResultTable of(String name, List<Row> rows) {
        var table = Table.create("Classification without training, %")
                .addColumns(
                        StringColumn.create("task", rows.stream().map(Row::task)),
                        StringColumn.create("words", rows.stream().map(Row::words)),
                        percents("as given", rows, row -> row.zeroShot()
                                .accuracy()
                                .value()),
                        percents(
                                "calibrated",
                                rows,
                                row -> row.zeroShot().calibrated().accuracy().value()),
                        percents(
                                "low",
                                rows,
                                row -> row.zeroShot().calibrated().accuracy().low()),
                        percents(
                                "high",
                                rows,
                                row -> row.zeroShot().calibrated().accuracy().high()),
                        percents("calibration error as given", rows, row -> row.zeroShot()
                                .calibrationError(BINS)),
                        percents("calibration error calibrated", rows, row -> row.zeroShot()
                                .calibrated()
                                .calibrationError(BINS)));
        return ResultTable.of(name, table).markLargest("as given", "calibrated");
    }

    private static DoubleColumn percents(String name, List<Row> rows, ToDoubleFunction<Row> value) {
        return DoubleColumn.create(
                name, rows.stream().mapToDouble(row -> Math.rint(1000 * value.applyAsDouble(row)) / 10));
    }
}
