package org.whylm.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.whylm.statistics.Verdict;

/**
 * Verdicts as they are shown: claim by claim, and under each a row for every subject it was tested on; those that it was not tested on
 * are folded behind their number.
 *
 * @param claims the verdicts on each claim
 */
record FindingsTable(Map<Claim, Map<Finding, Verdict>> claims) {

    static FindingsTable of(Map<Finding, Verdict> verdicts) {
        var claims = new LinkedHashMap<Claim, Map<Finding, Verdict>>();
        verdicts.forEach((finding, verdict) -> claims.computeIfAbsent(finding.claim(), claim -> new LinkedHashMap<>())
                .put(finding, verdict));
        return new FindingsTable(claims);
    }

    /** A {@code table} element. */
    String toHtml() {
        return toHtml(claim -> "", finding -> false);
    }

    /** Where a page with {@link #toHtml(Function, Predicate)} has a claim. */
    static String anchor(Claim claim) {
        return "claim-" + claim.notebook() + "-" + claim.id();
    }

    /**
     * The same on a page that has more to say of a claim.
     *
     * @param more markup that follows what a claim measures
     * @param isLost whether a verdict is marked as open among many
     */
    String toHtml(Function<Claim, String> more, Predicate<Finding> isLost) {
        var html = new StringBuilder("<table>\n<caption>Claims</caption>\n<thead><tr>");
        for (var head : List.of("Claim", "On", "Measured, with 95% interval", "Held if all of it is", "Verdict")) {
            html.append("<th scope=\"col\"" + Html.LEFT + ">" + head + "</th>");
        }
        html.append("</tr></thead>\n");
        claims.forEach((claim, verdicts) -> {
            var rows = rows(claim, verdicts, isLost);
            html.append(String.format(
                    Locale.ROOT,
                    "<tbody id=\"%s\">\n<tr><th scope=\"rowgroup\"%s rowspan=\"%s\">%s<br/><small>%s</small>%s</th>%s</tbody>\n",
                    Html.text(anchor(claim)),
                    Html.LEFT,
                    rows.size(),
                    Html.text(claim.claim()),
                    Html.text((claim.isPrimary() ? "Primary: " : "Further: ") + claim.source() + ". Measured: "
                            + claim.measured() + "."),
                    more.apply(claim),
                    String.join("<tr>", rows)));
        });
        return html.append("</table>\n").toString();
    }

    private static List<String> rows(Claim claim, Map<Finding, Verdict> verdicts, Predicate<Finding> isLost) {
        var rows = new ArrayList<String>();
        verdicts.forEach((finding, verdict) -> verdict.measured()
                .ifPresent(measured -> rows.add(Stream.of(
                                        Html.text(finding.subject()) + (isLost.test(finding) ? "°" : ""),
                                        unbroken(claim.writtenIn().of(measured)),
                                        unbroken(Html.text(finding.rule().words(claim.writtenIn()))),
                                        verdict(verdict))
                                .map(cell -> "<td" + Html.LEFT + ">" + cell + "</td>")
                                .collect(Collectors.joining())
                        + "</tr>\n")));
        var untested = untested(verdicts);
        if (!untested.isEmpty()) {
            int count = untested.values().stream().mapToInt(List::size).sum();
            var reasons = List.copyOf(untested.keySet());
            var others = reasons.size() > 1 ? "; " + (reasons.size() - 1) + " further reasons" : "";
            rows.add("<td colspan=\"4\"" + Html.LEFT + "><details><summary>not tested on " + count + ": "
                    + Html.text(reasons.get(0) + others) + "</summary>"
                    + untested.entrySet().stream()
                            .map(reason -> Html.text(String.join(", ", reason.getValue()) + ": " + reason.getKey()))
                            .collect(Collectors.joining("<br/>"))
                    + "</details></td></tr>\n");
        }
        return rows;
    }

    /** The subjects that were not tested, by the reason. */
    static Map<String, List<String>> untested(Map<Finding, Verdict> verdicts) {
        var reasons = new LinkedHashMap<String, List<String>>();
        verdicts.forEach((finding, verdict) -> {
            if (verdict instanceof Verdict.NotTested none) {
                reasons.computeIfAbsent(none.why(), why -> new ArrayList<>()).add(finding.subject());
            }
        });
        return reasons;
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

    /**
     * Claims, a line each: on how many subjects each held, was refuted, is open or was not tested; a {@code table} element in which each
     * claim links to its verdicts on the same page.
     */
    static String counts(String caption, CorrectedVerdicts verdicts, List<Finding> shown) {
        var html = new StringBuilder("<table>\n<caption>" + Html.text(caption) + "</caption>\n<thead><tr>");
        for (var head : List.of("Claim", "✓ held", "✗ refuted", "? undecided", "– not tested")) {
            // Where the page is narrow the mark stands alone.
            var word = head.replaceFirst("^(\\W) (.*)$", "$1<span class=\"word\"> $2</span>");
            html.append("<th scope=\"col\">" + word + "</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        var claims =
                shown.stream().collect(Collectors.groupingBy(Finding::claim, LinkedHashMap::new, Collectors.toList()));
        claims.forEach((claim, findings) -> html.append(
                "<tr><th scope=\"row\"><a href=\"#" + Html.text(anchor(claim)) + "\">" + Html.text(claim.claim())
                        + "</a></th>" + count("held", "held", findings, verdicts)
                        + count("refuted", "failed", findings, verdicts)
                        + count("undecided", "open", findings, verdicts)
                        + count("not tested", "open", findings, verdicts) + "</tr>\n"));
        return html.append("</tbody>\n</table>\n").toString();
    }

    private static String count(String verdict, String look, List<Finding> findings, CorrectedVerdicts verdicts) {
        var of = findings.stream()
                .filter(finding -> verdicts.verdicts().get(finding).toString().equals(verdict))
                .toList();
        long lost = of.stream().filter(verdicts::isLost).count();
        return "<td class=\"" + look + "\">" + (of.isEmpty() ? "" : of.size() + (lost == 0 ? "" : " (" + lost + "°)"))
                + "</td>";
    }

    /** A number and its interval, or a rule, stay on one line. */
    private static String unbroken(String text) {
        return text.replace(' ', '\u00A0');
    }

    /** A claim a paragraph, a verdict a line; subjects that were not tested for one reason share it. */
    @Override
    public String toString() {
        var lines = new ArrayList<String>();
        claims.forEach((claim, verdicts) -> {
            lines.add(claim.claim());
            verdicts.forEach((finding, verdict) -> verdict.measured()
                    .ifPresent(measured -> lines.add("  " + finding.subject() + ": " + verdict.explained() + "; "
                            + claim.writtenIn().of(measured) + ", held if "
                            + finding.rule().words(claim.writtenIn()))));
            untested(verdicts)
                    .forEach((why, subjects) -> lines.add("  " + String.join(", ", subjects) + ": not tested: " + why));
        });
        return String.join("\n", lines);
    }
}
