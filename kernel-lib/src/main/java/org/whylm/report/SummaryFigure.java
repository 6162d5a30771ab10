package org.whylm.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.whylm.statistics.Measured;
import org.whylm.statistics.Verdict;

/** The primary claims that were tested, a line each: how far their effects and intervals are from the threshold on every subject. */
final class SummaryFigure {

    static final double REACH = 40;

    private static final String LOST = "decided alone, open after Holm's correction";
    private static final Map<String, Color> COLORS = colors();

    private SummaryFigure() {}

    private static Map<String, Color> colors() {
        var colors = new LinkedHashMap<String, Color>();
        colors.put("held", ChartStyle.COLORS.get(0));
        colors.put("refuted", ChartStyle.COLORS.get(1));
        colors.put(LOST, new Color(0x56b4e9));
        colors.put("undecided", new Color(0xa0a0a0));
        return colors;
    }

    /**
     * A mark a subject: the effect less the threshold, in hundredths (accuracies: points), to the right on the claim's side; cut at
     * ±40.
     */
    static XYChart of(CorrectedVerdicts verdicts, String profile) {
        var claims = verdicts.primary().stream()
                .collect(Collectors.groupingBy(Finding::claim, LinkedHashMap::new, Collectors.toList()));
        var rows = new ArrayList<ForestPlot.Row>();
        claims.forEach((claim, findings) -> {
            var marks = new ArrayList<ForestPlot.Mark>();
            for (var series : COLORS.keySet()) {
                marks.addAll(marks(findings, verdicts, series));
            }
            if (!marks.isEmpty()) {
                rows.add(new ForestPlot.Row(claim.claim(), counts(findings, verdicts), marks, 0));
            }
        });
        return new ForestPlot(
                        "The paper's claims, " + profile + ": effect less threshold",
                        "hundredths (points of accuracy, R², ρ, nats); to the right: on the claim's side of its threshold",
                        rows,
                        -REACH,
                        REACH)
                .chart();
    }

    private static List<ForestPlot.Mark> marks(List<Finding> findings, CorrectedVerdicts verdicts, String series) {
        return findings.stream()
                .filter(finding -> series.equals(
                        verdicts.isLost(finding)
                                ? LOST
                                : verdicts.verdicts().get(finding).toString()))
                .map(finding -> mark(
                        series,
                        finding,
                        verdicts.verdicts().get(finding).measured().orElseThrow(),
                        Optional.of(COLORS.get(series))))
                .toList();
    }

    /** How many subjects of each verdict, such as {@code 4 held, 1 undecided}. */
    private static String counts(List<Finding> findings, CorrectedVerdicts verdicts) {
        var of = findings.stream()
                .map(finding -> verdicts.verdicts().get(finding))
                .collect(Collectors.groupingBy(Verdict::toString, Collectors.counting()));
        return Stream.of("held", "refuted", "undecided", "not tested")
                .filter(of::containsKey)
                .map(verdict -> of.get(verdict) + " " + verdict)
                .collect(Collectors.joining(", "));
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
