package org.whylm.report;

import java.util.Map;
import org.whylm.statistics.Measured;
import org.whylm.statistics.Verdict;

/** Verdicts as a table whose rows another run can be compared with. */
final class VerdictTable {

    private VerdictTable() {}

    /** A claim on a subject a row: estimate with its 95% interval, p-value, share of the training set in the variance, rule, verdict. */
    static ResultTable of(String name, Map<Finding, Verdict> verdicts) {
        return Columns.of(verdicts.entrySet())
                .text("claim", row -> row.getKey().claim().id())
                .text("on", row -> row.getKey().subject())
                .number("value", 4, row -> number(row.getValue(), Measured::value))
                .number("low", 4, row -> number(row.getValue(), Measured::low))
                .number("high", 4, row -> number(row.getValue(), Measured::high))
                .number(
                        "p",
                        6,
                        row -> number(row.getValue(), measured -> measured.p().orElse(Double.NaN)))
                .number("training share", 3, row -> number(row.getValue(), Measured::trainingShare))
                .text("kind", row -> row.getKey().claim().kind())
                .text(
                        "held if",
                        row -> row.getKey().claim().rules().get(row.getKey().subject()))
                .text("verdict", row -> row.getValue().toString())
                .table(name, "Verdicts");
    }

    private interface Part {
        double of(Measured measured);
    }

    private static double number(Verdict verdict, Part part) {
        return verdict.measured().map(part::of).orElse(Double.NaN);
    }
}
