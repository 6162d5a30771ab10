package org.whylm.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.whylm.statistics.Verdict;

/**
 * Verdicts as they are shown: claim by claim, and under each a row for every subject it was tested on; subjects that were not
 * tested for the same reason share one.
 *
 * @param claims the rows of each claim
 */
record FindingsTable(Map<Claim, List<Row>> claims) {

    /**
     * @param subject what the claim was tested on, or all that it was not
     * @param rule in words; empty if it was not tested
     */
    record Row(String subject, String rule, Verdict verdict) {}

    static FindingsTable of(Map<Finding, Verdict> verdicts) {
        var claims = new LinkedHashMap<Claim, List<Row>>();
        verdicts.keySet().stream()
                .collect(Collectors.groupingBy(Finding::claim, LinkedHashMap::new, Collectors.toList()))
                .forEach((claim, findings) -> claims.put(claim, rows(claim, findings, verdicts)));
        return new FindingsTable(claims);
    }

    private static List<Row> rows(Claim claim, List<Finding> findings, Map<Finding, Verdict> verdicts) {
        var rows = new ArrayList<Row>();
        var untested = new LinkedHashMap<Verdict, List<String>>();
        for (var finding : findings) {
            var verdict = verdicts.get(finding);
            if (verdict instanceof Verdict.NotTested) {
                untested.computeIfAbsent(verdict, why -> new ArrayList<>()).add(finding.subject());
            } else {
                rows.add(new Row(finding.subject(), finding.rule().words(claim.writtenIn()), verdict));
            }
        }
        untested.forEach((verdict, subjects) -> rows.add(new Row(String.join(", ", subjects), "", verdict)));
        return rows;
    }

    /** A {@code table} element. */
    String toHtml() {
        var html = new StringBuilder("<table>\n<caption>Claims</caption>\n<thead><tr>");
        for (var head : List.of("Claim", "On", "Measured, with 95% interval", "Held if all of it is", "Verdict")) {
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
                .append(Html.text((claim.isPrimary() ? "Primary: " : "Further: ") + claim.source() + ". Measured: "
                        + claim.measured() + "."))
                .append("</small></th>")
                .append(rows.stream().map(row -> cells(claim, row)).collect(Collectors.joining("<tr>")))
                .append("</tbody>\n"));
        return html.append("</table>\n").toString();
    }

    private static String cells(Claim claim, Row row) {
        var measured = row.verdict().measured().map(claim.writtenIn()::of).orElse("");
        return Stream.of(
                                Html.text(row.subject()),
                                unbroken(measured),
                                unbroken(Html.text(row.rule())),
                                verdict(row.verdict()))
                        .map(cell -> "<td" + Html.LEFT + ">" + cell + "</td>")
                        .collect(Collectors.joining())
                + "</tr>\n";
    }

    /** A verdict with its mark, and what explains it. */
    static String verdict(Verdict verdict) {
        if (verdict instanceof Verdict.Held) {
            return "<strong class=\"held\">✓ held</strong>";
        }
        if (verdict instanceof Verdict.Refuted) {
            return "<strong class=\"failed\">✗ refuted</strong>";
        }
        return verdict instanceof Verdict.Undecided open
                ? "<strong>? undecided</strong>: " + Html.text(open.wouldDecide())
                : Html.text(verdict.explained());
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
            rows.forEach(
                    row -> lines.add("  " + row.subject() + ": " + row.verdict().explained()
                            + row.verdict()
                                    .measured()
                                    .map(measured -> "; " + claim.writtenIn().of(measured) + ", held if " + row.rule())
                                    .orElse("")));
        });
        return String.join("\n", lines);
    }
}
