package org.whylm.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.whylm.statistics.Measured;
import org.whylm.statistics.Verdict;

/** All primary claims that were tested, on one page: how far the effect and its interval are from the threshold. */
final class SummaryFigure {

    /** Name of the figure's files. */
    static final String NAME = "summary";

    private static final Map<Class<? extends Verdict>, String> SERIES = series();
    static final double REACH = 40;

    private SummaryFigure() {}

    private static Map<Class<? extends Verdict>, String> series() {
        var series = new LinkedHashMap<Class<? extends Verdict>, String>();
        series.put(Verdict.Held.class, "held");
        series.put(Verdict.Refuted.class, "refuted");
        series.put(Verdict.Undecided.class, "undecided");
        return series;
    }

    private static final Map<String, Color> COLORS = Map.of(
            "held", ChartStyle.COLORS.get(0), "refuted", ChartStyle.COLORS.get(1), "undecided", ChartStyle.REFERENCE);

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
                            Map.of(
                                    SERIES.get(verdict.getClass()),
                                    mark(finding, measured, COLORS.get(verdict.toString()))),
                            0)));
        }
        return new ForestPlot(
                        "The paper's claims: effect less threshold, 95% intervals",
                        "hundredths (points of accuracy, R², ρ, nats) on the claim's side of the threshold;"
                                + " ° undecided after Holm's correction",
                        rows,
                        -REACH,
                        REACH)
                .chart();
    }

    private static String label(Finding finding, Measured measured) {
        return finding.subject() + ": " + finding.claim().writtenIn().of(measured) + ", "
                + finding.rule().words(finding.claim().writtenIn());
    }

    /** In hundredths, to the right on the claim's side of the threshold. @param color null for that of its series */
    static ForestPlot.Mark mark(Finding finding, Measured measured, Color color) {
        double threshold = finding.rule().threshold();
        boolean above = finding.rule().side().startsWith(">");
        double value = 100 * (measured.value() - threshold);
        double low = 100 * (measured.low() - threshold);
        double high = 100 * (measured.high() - threshold);
        return above ? new ForestPlot.Mark(value, low, high, color) : new ForestPlot.Mark(-value, -high, -low, color);
    }
}
