package org.whylm.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Claims, a line each: on how many subjects it held, was refuted, is open or was not tested. */
final class ClaimCounts {

    /** Verdicts with the look of their numbers. */
    private static final Map<String, String> LOOKS = new LinkedHashMap<>();

    static {
        LOOKS.put("held", "held");
        LOOKS.put("refuted", "failed");
        LOOKS.put("undecided", "open");
        LOOKS.put("not tested", "open");
    }

    private ClaimCounts() {}

    /** A {@code table} element; each claim links to its verdicts on the same page. */
    static String toHtml(String caption, CorrectedVerdicts verdicts, List<Finding> shown) {
        var html = new StringBuilder("<table>\n<caption>" + Html.text(caption) + "</caption>\n<thead><tr>");
        for (var head : List.of("Claim", "✓ held", "✗ refuted", "? undecided", "– not tested")) {
            // Where the page is narrow the mark stands alone.
            var word = head.replaceFirst("^(\\W) (.*)$", "$1<span class=\"word\"> $2</span>");
            html.append("<th scope=\"col\">").append(word).append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        var claims =
                shown.stream().collect(Collectors.groupingBy(Finding::claim, LinkedHashMap::new, Collectors.toList()));
        claims.forEach((claim, findings) -> {
            html.append("<tr><th scope=\"row\"><a href=\"#" + Html.text(FindingsTable.anchor(claim)) + "\">"
                    + Html.text(claim.claim()) + "</a></th>");
            LOOKS.forEach((verdict, look) -> html.append(cell(findings, verdicts, verdict, look)));
            html.append("</tr>\n");
        });
        return html.append("</tbody>\n</table>\n").toString();
    }

    private static String cell(List<Finding> findings, CorrectedVerdicts verdicts, String verdict, String look) {
        var of = findings.stream()
                .filter(finding -> verdicts.verdicts().get(finding).toString().equals(verdict))
                .toList();
        long lost = of.stream().filter(verdicts::isLost).count();
        return "<td class=\"" + look + "\">" + (of.isEmpty() ? "" : of.size() + (lost == 0 ? "" : " (" + lost + "°)"))
                + "</td>";
    }
}
