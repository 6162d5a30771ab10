package org.whylm.report;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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

    /** Name of the table of a notebook's verdicts. */
    static String name(String notebook) {
        return "verdicts-" + notebook;
    }

    /**
     * A verdict as a table has it. Its numbers are rounded, so the verdict is what the table says, not what would follow from them.
     *
     * @throws IllegalArgumentException if the table lacks it, or has it under another rule
     */
    static Verdict read(Path table, Finding finding) {
        var row = TableComparison.row(table, finding.claim().id() + " / " + finding.subject());
        var rule = finding.claim().rules().get(finding.subject());
        if (!row.get("held if").equals(rule)) {
            throw new IllegalArgumentException(table + ", " + finding.claim().id() + " on " + finding.subject()
                    + ": held if " + row.get("held if") + ", but notebooks/findings.json says " + rule);
        }
        if (row.get("value").isEmpty()) {
            return new Verdict.NotTested("not tested in the reference run");
        }
        var p = row.get("p");
        var measured = new Measured(
                Double.parseDouble(row.get("value")),
                Double.parseDouble(row.get("low")),
                Double.parseDouble(row.get("high")),
                p.isEmpty() ? Optional.empty() : Optional.of(Double.parseDouble(p)),
                0,
                Optional.empty(),
                Double.parseDouble("0" + row.get("training share")));
        return switch (row.get("verdict")) {
            case "held" -> new Verdict.Held(measured);
            case "refuted" -> new Verdict.Refuted(measured);
            default -> new Verdict.Undecided(measured);
        };
    }

    private interface Part {
        double of(Measured measured);
    }

    private static double number(Verdict verdict, Part part) {
        return verdict.measured().map(part::of).orElse(Double.NaN);
    }
}
