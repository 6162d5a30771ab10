package org.whylm.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import org.whylm.probe.Accuracy;
import org.whylm.probe.ProbeResult;
import org.whylm.train.FineTuningResult;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Fine-tuning beside linear classification, as a table. */
public final class FineTuningTable {

    private FineTuningTable() {}

    /**
     * A model fine-tuned on a task, and a linear classifier on {@code f} trained and tested on the same sentences.
     *
     * @param fineTuned the model
     * @param f the classifier
     */
    public record Row(FineTuningResult fineTuned, ProbeResult f) {

        /**
         * @throws IllegalArgumentException if the two are of different tasks, prompts or test examples
         */
        public Row {
            if (!fineTuned.task().equals(f.task())
                    || fineTuned.prompted() != f.prompted()
                    || fineTuned.correct().length != f.correct().length) {
                throw new IllegalArgumentException("Fine-tuning for " + fineTuned.row() + " is compared with f on "
                        + f.task() + (f.prompted() ? "*" : "") + ": give the same task, prompt and sentences");
            }
        }

        /** Accuracy of the fine-tuned model less that of the classifier. */
        public Statistic difference() {
            return Statistic.difference(fineTuned.correct(), f.correct());
        }
    }

    /**
     * A row each: sentences learned from, the epoch whose parameters were kept, its accuracy on the validation part, test accuracy with
     * its 95% Wilson interval, and that of the classifier on {@code f}; accuracies in percent.
     */
    public static ResultTable of(String name, List<Row> rows) {
        var table = Table.create("Fine-tuning, accuracies in %")
                .addColumns(
                        StringColumn.create(
                                "task", rows.stream().map(row -> row.fineTuned().row())),
                        counts("learned from", rows, FineTuningResult::learnedFrom),
                        counts("epoch", rows, result -> result.chosen() + 1),
                        counts("of", rows, result -> result.epochs().size()),
                        percents("validation", rows, row -> row.fineTuned()
                                .epochs()
                                .get(row.fineTuned().chosen())
                                .validation()
                                .value()),
                        percents("FT", rows, row -> accuracy(row).value()),
                        percents("low", rows, row -> accuracy(row).low()),
                        percents("high", rows, row -> accuracy(row).high()),
                        percents(
                                "f",
                                rows,
                                row -> row.f().classification().test().value()));
        return ResultTable.of(name, table).markLargest("FT", "f");
    }

    private static Accuracy accuracy(Row row) {
        return row.fineTuned().accuracy();
    }

    private static IntColumn counts(String name, List<Row> rows, ToIntFunction<FineTuningResult> value) {
        return IntColumn.create(
                name, rows.stream().map(Row::fineTuned).mapToInt(value).toArray());
    }

    private static DoubleColumn percents(String name, List<Row> rows, ToDoubleFunction<Row> value) {
        return DoubleColumn.create(
                name, rows.stream().mapToDouble(row -> Math.rint(1000 * value.applyAsDouble(row)) / 10));
    }
}
