package org.whylm.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Findings as they are shown: claim by claim, and under each a row for every subject it was tested on; subjects that were
 * not tested for the same reason share one.
 *
 * @param claims one finding of each claim, with the rows of all
 */
record FindingsTable(Map<Finding, List<Row>> claims) {

    /**
     * @param subject what the claim was tested on, or all that it was not
     * @param rule empty if it was not tested
     */
    record Row(String subject, String rule, Verdict verdict) {}

    static FindingsTable of(Map<Finding, Verdict> verdicts) {
        var claims = new LinkedHashMap<Finding, List<Row>>();
        verdicts.keySet().stream()
                .collect(Collectors.groupingBy(
                        finding -> List.of(finding.notebook(), finding.id()), LinkedHashMap::new, Collectors.toList()))
                .values()
                .forEach(findings -> claims.put(findings.get(0), rows(findings, verdicts)));
        return new FindingsTable(claims);
    }

    private static List<Row> rows(List<Finding> findings, Map<Finding, Verdict> verdicts) {
        var rows = new ArrayList<Row>();
        var untested = new LinkedHashMap<Verdict, List<String>>();
        for (var finding : findings) {
            var verdict = verdicts.get(finding);
            if (verdict instanceof Verdict.NotTested) {
                untested.computeIfAbsent(verdict, why -> new ArrayList<>()).add(finding.subject());
            } else {
                rows.add(new Row(finding.subject(), finding.rule(), verdict));
            }
        }
        untested.forEach((verdict, subjects) -> rows.add(new Row(String.join(", ", subjects), "", verdict)));
        return rows;
    }

    /** A {@code table} element. */
    String toHtml() {
        var html = new StringBuilder("<table>\n<caption>Findings</caption>\n<thead><tr>");
        for (var head : List.of("Claim", "On", "Measured, with 95% interval", "Holds if", "Verdict")) {
            html.append("<th scope=\"col\"")
                    .append(Html.LEFT)
                    .append('>')
                    .append(head)
                    .append("</th>");
        }
        html.append("</tr></thead>\n");
        claims.forEach((claim, rows) -> html.append("<tbody>\n<tr><th scope=\"rowgroup\"")
                .append(Html.LEFT)
                .append(" rowspan=\"")
                .append(rows.size())
                .append("\">")
                .append(Html.text(claim.claim()))
                .append("<br/><small>")
                .append(Html.text(claim.source() + ". Measured: " + claim.statistic() + "."))
                .append("</small></th>")
                .append(rows.stream().map(FindingsTable::cells).collect(Collectors.joining("<tr>")))
                .append("</tbody>\n"));
        return html.append("</table>\n").toString();
    }

    private static String cells(Row row) {
        var measured = "";
        var verdict = "";
        if (row.verdict() instanceof Verdict.Held held) {
            measured = held.statistic().toString();
            verdict = "<strong class=\"held\">✓ held</strong>";
        } else if (row.verdict() instanceof Verdict.DidNotHold failed) {
            measured = failed.statistic().toString();
            verdict = "<strong class=\"failed\">✗ did not hold</strong>";
        } else {
            verdict = Html.text(row.verdict().toString());
        }
        return Stream.of(Html.text(row.subject()), unbroken(measured), unbroken(Html.text(row.rule())), verdict)
                        .map(cell -> "<td" + Html.LEFT + ">" + cell + "</td>")
                        .collect(Collectors.joining())
                + "</tr>\n";
    }

    /** A number and its interval, or a rule, stay on one line. */
    private static String unbroken(String text) {
        return text.replace(' ', '\u00A0');
    }

    /** A claim a paragraph, a verdict a line. */
    @Override
    public String toString() {
        var lines = new ArrayList<String>();
        claims.forEach((claim, rows) -> {
            lines.add(claim.claim());
            rows.forEach(row -> lines.add("  " + row.subject() + ": " + row.verdict()
                    + (row.rule().isEmpty() ? "" : ", holds if " + row.rule())));
        });
        return String.join("\n", lines);
    }
}
