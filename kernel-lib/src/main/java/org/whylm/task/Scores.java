package org.whylm.task;

import java.util.List;
import java.util.Optional;
import org.whylm.probe.LinearClassification;
import org.whylm.probe.Result;
import org.whylm.report.Columns;
import org.whylm.report.ResultTable;
import org.whylm.statistics.Statistic;

/** What each result reaches on the test texts that count, as tables. */
record Scores(Solutions solutions, List<Row> rows) {

    /** A result; macro-F1 of one run; and how far its balanced accuracy is from the best trained result's. */
    record Row(Result result, Statistic accuracy, Statistic balanced, Optional<Statistic> f1, Statistic fromBest) {}

    /** @param seed of the bootstrap of macro-F1 */
    static Scores of(Solutions solutions, long seed) {
        var best = Solutions.best(solutions.trained());
        var rows = solutions.results().results().stream()
                .map(it -> new Row(
                        it,
                        it.accuracy(),
                        it.balancedAccuracy(),
                        it.splits().get(0).runs().size() == 1 ? Optional.of(it.macroF1(seed)) : Optional.empty(),
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
                .text("macro-F1", row -> row.f1().map(Wording::bracketed).orElse(""))
                .text("from the best", row -> row.fromBest().isExact() ? "" : Wording.bracketed(row.fromBest()));
        if (solutions.task().unbalanced()) {
            var trained = solutions.trained();
            int frequent = solutions.task().mostFrequent();
            columns.text(
                    "ranking", // of a text of the most frequent class before one of another
                    row -> trained.contains(row.result())
                            ? Wording.bracketed(row.result().areaUnderRoc(frequent))
                            : "");
        }
        return columns.table("what-solves-it", "Test texts not seen in training, %");
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
                .number("C", 6, row -> row.result()
                        .splits()
                        .get(0)
                        .classification()
                        .map(LinearClassification::C)
                        .orElse(Double.NaN))
                .interval("accuracy", Row::accuracy)
                .interval("balanced accuracy", "balanced low", "balanced high", row -> Optional.of(row.balanced()))
                .interval("macro-F1", "macro-F1 low", "macro-F1 high", Row::f1)
                .interval(
                        "from the best", "from the best low", "from the best high", row -> Optional.of(row.fromBest()))
                .percent("accuracy on all given", row -> solutions
                        .given()
                        .column(row.result().column())
                        .orElseThrow()
                        .accuracy()
                        .value())
                .table("what-solves-it", "What solves it: test texts not seen in training, %");
    }
}
