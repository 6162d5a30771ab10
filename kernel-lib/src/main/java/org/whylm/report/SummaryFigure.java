package org.whylm.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;
import org.whylm.statistics.Measured;

/** The primary claims that were tested, a line each: how far their effects and intervals are from the threshold on every subject. */
final class SummaryFigure {

    static final double REACH = 50;

    private static final String LOST = "decided alone, open after Holm's correction";
    private static final Map<String, Color> COLORS = Map.of(
            "held",
            ChartStyle.COLORS.get(0),
            "refuted",
            ChartStyle.COLORS.get(1),
            LOST,
            new Color(0x56b4e9),
            "undecided",
            new Color(0xa0a0a0));

    private SummaryFigure() {}

    /**
     * A line a subject on which a claim was tested: the effect less the threshold, in hundredths (accuracies: points), to the right on
     * the claim's side; cut at ±{@value #REACH}.
     */
    static XYChart of(CorrectedVerdicts verdicts, String profile) {
        var claims = verdicts.primary().stream()
                .collect(Collectors.groupingBy(Finding::claim, LinkedHashMap::new, Collectors.toList()));
        var rows = new ArrayList<ForestPlot.Row>();
        claims.forEach((claim, findings) -> {
            var tested = findings.stream().filter(verdicts::isTested).toList();
            int others = findings.size() - tested.size();
            var heading = claim.claim() + (others == 0 ? "" : " (" + others + "\u00a0not\u00a0tested)");
            tested.forEach(finding ->
                    rows.add(new ForestPlot.Row(heading, label(finding), List.of(mark(finding, verdicts)), 0)));
        });
        return new ForestPlot(
                        "The paper's claims, " + profile + ": effect less threshold",
                        "hundredths (points of accuracy, R², ρ, nats); to the right: on the claim's side of its threshold",
                        rows,
                        -REACH,
                        REACH)
                .chart();
    }

    /** What a claim is tested on, and from where on it is held. */
    static String label(Finding finding) {
        return finding.subject() + ": " + finding.rule().words(finding.claim().writtenIn());
    }

    private static ForestPlot.Mark mark(Finding finding, CorrectedVerdicts verdicts) {
        var verdict = verdicts.verdicts().get(finding);
        var series = verdicts.isLost(finding) ? LOST : verdict.toString();
        return mark(series, finding, verdict.measured().orElseThrow(), Optional.of(COLORS.get(series)));
    }

    /** In hundredths, to the right on the claim's side of the threshold. */
    static ForestPlot.Mark mark(String series, Finding finding, Measured measured, Optional<Color> color) {
        double threshold = finding.rule().threshold();
        double sign = finding.rule().side().startsWith(">") ? 1 : -1;
        var ends = new double[] {100 * sign * (measured.low() - threshold), 100 * sign * (measured.high() - threshold)};
        Arrays.sort(ends);
        return new ForestPlot.Mark(series, 100 * sign * (measured.value() - threshold), ends[0], ends[1], color);
    }
}
