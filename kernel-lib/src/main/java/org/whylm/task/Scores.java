package org.whylm.task;

import java.util.List;
import org.whylm.probe.Result;
import org.whylm.report.Columns;
import org.whylm.report.ResultTable;
import org.whylm.statistics.Statistic;

/** What each result reaches on the test texts that count, as tables. */
record Scores(Solutions solutions, List<Row> rows) {

    /**
     * A result.
     *
     * @param fromBest how far its balanced accuracy is from the best trained result's
     */
    record Row(Result result, Statistic accuracy, Statistic balanced, Statistic f1, Statistic fromBest) {

        private boolean isOfOneRun() {
            return result.splits().get(0).runs().size() == 1;
        }

        private double C() {
            return result.splits().get(0).classification().isPresent()
                    ? result.classification().C()
                    : Double.NaN;
        }
    }

    /** @param seed of the bootstrap of macro-F1 */
    static Scores of(Solutions solutions, long seed) {
        var best = Solutions.best(solutions.trained());
        var rows = solutions.results().results().stream()
                .map(it -> new Row(
                        it,
                        it.accuracy(),
                        it.balancedAccuracy(),
                        it.macroF1(seed),
                        it.column().equals(best.column()) ? Statistic.exact(0) : it.balancedDifference(best)))
                .toList();
        return new Scores(solutions, rows);
    }

    /** Columns that a narrow page has room for; intervals in brackets. */
    ResultTable shown() {
        var columns = Columns.of(rows)
                .text("features", row -> row.result().column())
                .text("accuracy [95%]", row -> Wording.bracketed(row.accuracy()))
                .text("balanced", row -> Wording.bracketed(row.balanced()))
                .text("macro-F1", row -> row.isOfOneRun() ? Wording.bracketed(row.f1()) : "")
                .text("from the best", row -> row.fromBest().isExact() ? "" : Wording.bracketed(row.fromBest()));
        if (solutions.task().unbalanced()) {
            var trained = solutions.trained();
            columns.text("ranking", row -> trained.contains(row.result()) ? Wording.bracketed(ranking(row)) : "");
        }
        return columns.table("what-solves-it", "Test texts not seen in training, %");
    }

    /** How often a text of the most frequent class is ranked before one of another. */
    private Statistic ranking(Row row) {
        return row.result().areaUnderRoc(solutions.task().mostFrequent());
    }

    /** All columns. */
    ResultTable table() {
        return Columns.of(rows)
                .text("features", row -> row.result().features())
                .text("prompt", row -> row.result().prompted() ? "yes" : "no")
                .number(
                        "dimension",
                        0,
                        row -> row.result().dimension() == 0
                                ? Double.NaN
                                : row.result().dimension())
                .number("C", 6, Row::C)
                .interval("accuracy", Row::accuracy)
                .percent("balanced accuracy", row -> row.balanced().value())
                .percent("balanced low", row -> row.balanced().low())
                .percent("balanced high", row -> row.balanced().high())
                .percent("macro-F1", row -> row.isOfOneRun() ? row.f1().value() : Double.NaN)
                .percent("macro-F1 low", row -> row.isOfOneRun() ? row.f1().low() : Double.NaN)
                .percent("macro-F1 high", row -> row.isOfOneRun() ? row.f1().high() : Double.NaN)
                .percent("from the best", row -> row.fromBest().value())
                .percent("from the best low", row -> row.fromBest().low())
                .percent("from the best high", row -> row.fromBest().high())
                .percent("accuracy on all given", row -> solutions
                        .given()
                        .column(row.result().column())
                        .orElseThrow()
                        .accuracy()
                        .value())
                .table("what-solves-it", "What solves it: test texts not seen in training, %");
    }
}
