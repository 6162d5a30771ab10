package org.whylm.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.whylm.statistics.Verdict;

/** The primary claims, a line each over all that they were tested on. */
final class PrimaryClaims {

    private PrimaryClaims() {}

    /** A {@code table} element: claim; on what it held, was refuted, is open; and, folded, on what it was not tested. */
    static String toHtml(CorrectedVerdicts verdicts) {
        var html = new StringBuilder("<table>\n<caption>The paper's claims</caption>\n<thead><tr>");
        for (var head : List.of("Claim of the paper", "✓ Held", "✗ Refuted", "? Undecided", "Not tested")) {
            html.append("<th scope=\"col\">").append(head).append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        var claims = verdicts.primary().stream()
                .collect(Collectors.groupingBy(Finding::claim, LinkedHashMap::new, Collectors.toList()));
        claims.forEach((claim, findings) -> html.append("<tr><th scope=\"row\">")
                .append(Html.text(claim.claim()))
                .append("</th>")
                .append(cell(findings, verdicts, Verdict.Held.class, "held"))
                .append(cell(findings, verdicts, Verdict.Refuted.class, "failed"))
                .append(cell(findings, verdicts, Verdict.Undecided.class, "open"))
                .append("<td>")
                .append(folded(FindingsTable.untested(of(findings, verdicts))))
                .append("</td></tr>\n"));
        return html.append("</tbody>\n</table>\n").toString();
    }

    private static String cell(
            List<Finding> findings, CorrectedVerdicts verdicts, Class<? extends Verdict> kind, String look) {
        var lines = new ArrayList<String>();
        for (var finding : findings) {
            var verdict = verdicts.verdicts().get(finding);
            if (kind.isInstance(verdict)) {
                var measured = verdict.measured().orElseThrow();
                lines.add("<span class=\"" + look + "\">" + Html.text(finding.subject())
                        + (verdicts.isLost(finding) ? "°" : "") + "</span> <small>"
                        + Html.text(finding.claim().writtenIn().of(measured)) + "</small>");
            }
        }
        return "<td>" + String.join("<br/>", lines) + "</td>";
    }

    private static Map<Finding, Verdict> of(List<Finding> findings, CorrectedVerdicts verdicts) {
        var some = new LinkedHashMap<>(verdicts.verdicts());
        some.keySet().retainAll(findings);
        return some;
    }

    /** Subjects under the reasons why they were not tested, folded behind their number; nothing if there is none. */
    private static String folded(Map<String, List<String>> reasons) {
        if (reasons.isEmpty()) {
            return "";
        }
        int count = reasons.values().stream().mapToInt(List::size).sum();
        return "<details><summary>" + count + "</summary>"
                + reasons.entrySet().stream()
                        .map(reason -> Html.text(String.join(", ", reason.getValue()) + ": " + reason.getKey()))
                        .collect(Collectors.joining("<br/>"))
                + "</details>";
    }
}
