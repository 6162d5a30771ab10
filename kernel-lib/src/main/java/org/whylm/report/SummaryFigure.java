package org.whylm.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.whylm.statistics.Measured;

/** All primary claims that were tested, on one page: how far the effect and its interval are from the threshold. */
final class SummaryFigure {

    /** Name of the figure's files. */
    static final String NAME = "summary";

    private static final double REACH = 40;

    private SummaryFigure() {}

    private static Map<String, Color> colors() {
        var colors = new LinkedHashMap<String, Color>();
        colors.put("held", ChartStyle.COLORS.get(0));
        colors.put("refuted", ChartStyle.COLORS.get(1));
        colors.put("undecided", ChartStyle.REFERENCE);
        return colors;
    }

    /**
     * A line a claim and subject: the effect less the threshold, in hundredths (accuracies: points), to the right on the claim's side;
     * cut at ±40.
     */
    static XYChart of(CorrectedVerdicts verdicts) {
        var rows = new ArrayList<ForestPlot.Row>();
        for (var finding : verdicts.primary()) {
            var verdict = verdicts.verdicts().get(finding);
            verdict.measured()
                    .ifPresent(measured -> rows.add(new ForestPlot.Row(
                            finding.claim().claim(),
                            label(finding, measured) + (verdicts.isLost(finding) ? "°" : ""),
                            Map.of(verdict.toString(), mark(finding, measured)),
                            0)));
        }
        return new ForestPlot(
                        "The paper's claims: effect less threshold, 95% intervals",
                        "hundredths (points, R², ρ, nats); right: the claim's side; °: undecided after Holm's correction",
                        rows,
                        -REACH,
                        REACH,
                        colors())
                .chart();
    }

    private static String label(Finding finding, Measured measured) {
        return finding.subject() + ": " + finding.claim().writtenIn().of(measured) + ", "
                + finding.rule().words(finding.claim().writtenIn());
    }

    private static ForestPlot.Mark mark(Finding finding, Measured measured) {
        double threshold = finding.rule().threshold();
        boolean above = finding.rule().side().startsWith(">");
        double value = 100 * (measured.value() - threshold);
        double low = 100 * (measured.low() - threshold);
        double high = 100 * (measured.high() - threshold);
        return above ? new ForestPlot.Mark(value, low, high) : new ForestPlot.Mark(-value, -high, -low);
    }
}
