package org.whylm.report;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.whylm.statistics.Measured;
import org.whylm.statistics.Statistic;
import org.whylm.statistics.Verdict;

/** Verdicts as a table whose rows another run can be compared with. */
final class VerdictTable {

    private VerdictTable() {}

    /** A claim on a subject a row: estimate with its 95% interval, p-value, share of the training set in the variance, rule, verdict. */
    static ResultTable of(String name, Map<Finding, Verdict> verdicts) {
        return Columns.of(verdicts.entrySet())
                .text("claim", row -> row.getKey().claim().id())
                .text("on", row -> row.getKey().subject())
                .statistic("value", 4, row -> interval(row.getValue()))
                .number("p", 6, row -> number(row.getValue(), it -> it.p().orElse(Double.NaN)))
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
        var measured = new Measured(
                Double.parseDouble(row.get("value")),
                Double.parseDouble(row.get("low")),
                Double.parseDouble(row.get("high")),
                Optional.of(row.get("p")).filter(p -> !p.isEmpty()).map(Double::valueOf),
                0,
                Optional.empty(),
                Double.parseDouble("0" + row.get("training share")));
        return switch (row.get("verdict")) {
            case "held" -> new Verdict.Held(measured);
            case "refuted" -> new Verdict.Refuted(measured);
            default -> new Verdict.Undecided(measured);
        };
    }

    /** The number that led to a verdict; null if there is none. */
    static Statistic interval(Verdict verdict) {
        return verdict.measured()
                .map(it -> Statistic.between(it.value(), it.low(), it.high()))
                .orElse(null);
    }

    private static double number(Verdict verdict, ToDoubleFunction<Measured> part) {
        return verdict.measured().map(part::applyAsDouble).orElse(Double.NaN);
    }
}
