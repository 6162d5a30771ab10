package org.whylm.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.whylm.report.TableComparison.Outcome;
import org.whylm.report.TableComparison.Tolerances;
import org.whylm.run.AtomicFile;
import org.whylm.run.IoFailure;
import org.whylm.run.Provenance;
import org.whylm.run.Workspace;
import org.whylm.statistics.Verdict;

/**
 * The reviewer's page: which findings held, every table and figure with a link to the cell that made it, what made them,
 * and how long it took. One file that loads nothing.
 */
public final class ReportPage {

    private static final Pattern SVG_TITLE = Pattern.compile("<title>(.*?)</title>", Pattern.DOTALL);

    private final Workspace workspace;
    private final String profile;
    private final ExecutedNotebooks notebooks;
    private final CorrectedVerdicts verdicts;
    private final Map<String, Outcome> outcomes;
    private final StringBuilder html = new StringBuilder();

    private ReportPage(Workspace workspace, String profile) {
        this.workspace = workspace;
        this.profile = profile;
        this.notebooks = ExecutedNotebooks.load(workspace, profile);
        this.verdicts = CorrectedVerdicts.of(Claims.verdicts(workspace, profile));
        this.outcomes = outcomes(tables(workspace, profile));
    }

    /**
     * Writes {@code build/report/PROFILE/index.html}, and beside it the summary of the primary claims as {@code summary.svg} and
     * {@code summary.png}.
     *
     * @param profile whose results are shown
     * @return the file
     * @throws IllegalStateException if no notebook was run with the profile
     */
    public static Path write(Workspace workspace, String profile) {
        if (ExecutedNotebooks.load(workspace, profile).runs().isEmpty()
                && TableComparison.tables(tables(workspace, profile)).isEmpty()) {
            throw new IllegalStateException("No notebook was run with the profile " + profile + ": PROFILE=" + profile
                    + " make reproduce, or name one of the profiles that were run");
        }
        var file = workspace.build().resolve("report").resolve(profile).resolve("index.html");
        AtomicFile.write(file, html(workspace, profile));
        var summary = SummaryFigure.of(CorrectedVerdicts.of(Claims.verdicts(workspace, profile)));
        AtomicFile.write(file.resolveSibling("summary.svg"), Figure.svg(summary));
        AtomicFile.write(file.resolveSibling("summary.png"), Figure.png(summary));
        return file;
    }

    /** The notebooks with claims of which the profile has no verdicts. */
    public static List<String> notRun(Workspace workspace, String profile) {
        return Claims.notRun(workspace, profile);
    }

    private static Path tables(Workspace workspace, String profile) {
        return workspace.build().resolve("tables").resolve(profile);
    }

    static String html(Workspace workspace, String profile) {
        var page = new ReportPage(workspace, profile);
        page.head();
        page.failures();
        page.primary();
        page.findings();
        page.tables();
        page.figures();
        page.times();
        page.provenance();
        return page.html.append("</main>\n</body>\n</html>\n").toString();
    }

    private void head() {
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
                .append("<title>whylm: which claims held</title>\n<style>\n")
                .append(resource("report.css"))
                .append("</style>\n</head>\n<body>\n<main>\n<h1>Which claims held</h1>\n")
                .append(
                        "<p>A run of <em>A Mathematical Exploration of Why Language Models Help Solve Downstream Tasks</em>"
                                + " (Saunshi, Malladi, Arora, ICLR 2021) with the profile <strong>")
                .append(Html.text(profile))
                .append("</strong>")
                .append(profile.equals("quick") ? ", which shows that everything runs and leaves claims open" : "")
                .append(
                        ". Claims and thresholds are of <code>notebooks/findings.json</code>; what was changed after a result had"
                                + " been seen is in <code>docs/history-of-decisions.md</code>.</p>\n");
        names("Models", Provenance::models);
        names("Data", Provenance::datasets);
        html.append(String.format(
                        Locale.ROOT,
                        "<p class=\"counts\"><span class=\"held\">✓ %d held</span> <span class=\"failed\">✗ %d refuted</span>"
                                + " <span>? %d undecided</span> <span>%d not tested</span> <span>%s</span></p>%n",
                        verdicts.count(Verdict.Held.class),
                        verdicts.count(Verdict.Refuted.class),
                        verdicts.count(Verdict.Undecided.class),
                        verdicts.count(Verdict.NotTested.class),
                        tablesAsExpected()))
                .append(
                        "<nav aria-label=\"Sections\"><a href=\"#claims\">Every claim</a> <a href=\"#tables\">Tables</a>"
                                + " <a href=\"#figures\">Figures</a> <a href=\"#times\">Times</a>"
                                + " <a href=\"#provenance\">Provenance</a></nav>\n");
    }

    /** What the results were made with, by name. */
    private void names(String what, Function<Provenance, Map<String, String>> part) {
        var names = new TreeSet<String>();
        for (var sidecar : files("findings", ".provenance.json")) {
            names.addAll(part.apply(Provenance.of(sidecar.resolveSibling(stem(sidecar, ".provenance.json"))))
                    .keySet());
        }
        if (!names.isEmpty()) {
            html.append("<p>")
                    .append(what)
                    .append(": ")
                    .append(Html.text(String.join("; ", names)))
                    .append(".</p>\n");
        }
    }

    private String tablesAsExpected() {
        if (outcomes.isEmpty()) {
            return "no tables of this profile to compare with";
        }
        long agreeing = outcomes.values().stream().filter(Outcome::agrees).count();
        return agreeing + " of " + outcomes.size() + " tables as expected";
    }

    private void primary() {
        html.append("<h2 id=\"primary\">The paper's claims</h2>\n")
                .append(String.format(
                        Locale.ROOT,
                        "<p>Held: the whole 95%% interval is on the claim's side of its threshold; refuted: on the other; undecided:"
                                + " the threshold is inside. ° decided alone, undecided among the %d tests of primary claims"
                                + " (Holm).</p>%n",
                        verdicts.adjusted().size()));
        scrolling("The paper's claims", PrimaryClaims.toHtml(verdicts), "findings primary");
        if (verdicts.primary().stream()
                .anyMatch(finding -> verdicts.verdicts().get(finding).measured().isPresent())) {
            figure("Effect and interval of each primary claim against its threshold", summary(), "");
        }
    }

    private String summary() {
        return Figure.svg(SummaryFigure.of(verdicts));
    }

    private void failures() {
        notebooks.runs().forEach((name, run) -> {
            if (!run.failure().isEmpty()) {
                html.append("<p class=\"failure\"><strong class=\"failed\">")
                        .append(notebookLink(name))
                        .append(" failed.</strong> ")
                        .append(Html.text(run.failure()))
                        .append("</p>\n");
            }
        });
    }

    private void findings() {
        html.append("<h2 id=\"claims\">Every claim</h2>\n");
        var byNotebook = new LinkedHashMap<String, Map<Finding, Verdict>>();
        verdicts.verdicts().forEach((finding, verdict) -> byNotebook
                .computeIfAbsent(finding.claim().notebook(), notebook -> new LinkedHashMap<>())
                .put(finding, verdict));
        byNotebook.forEach((notebook, ofNotebook) -> {
            html.append("<h3>").append(notebookLink(notebook)).append("</h3>\n");
            scrolling("Findings of " + notebook, FindingsTable.of(ofNotebook).toHtml(), "findings");
        });
    }

    private void tables() {
        html.append("<h2 id=\"tables\">Tables</h2>\n");
        var folder = tables(workspace, profile);
        for (var name : TableComparison.tables(folder)) {
            html.append("<section aria-label=\"Table ").append(name).append("\">\n");
            var table = ResultTable.read(folder.resolve(name + ".csv"));
            scrolling("Table " + name, table.view().toHtml(), "table");
            html.append("<p class=\"note\">").append(cellLink(name));
            if (outcomes.containsKey(name)) {
                var outcome = outcomes.get(name);
                html.append(
                        outcome.agrees()
                                ? "As in the reference run."
                                : "Not as in the reference run: "
                                        + Html.text(outcome.differences().get(0)) + ".");
            }
            html.append("</p>\n</section>\n");
        }
        none(TableComparison.tables(folder).isEmpty(), "table");
    }

    private Map<String, Outcome> outcomes(Path tables) {
        var expected = workspace.root().resolve("expected");
        var tolerances = expected.resolve("tolerances.json");
        var outcomes = new LinkedHashMap<String, Outcome>();
        if (Files.isRegularFile(tolerances) && Files.isDirectory(expected.resolve(profile))) {
            TableComparison.compareAll(expected.resolve(profile), tables, Tolerances.load(tolerances))
                    .forEach(outcome -> outcomes.put(outcome.table(), outcome));
        }
        return outcomes;
    }

    private void figures() {
        html.append("<h2 id=\"figures\">Figures</h2>\n");
        var figures = files("figures", ".svg");
        for (var file : figures) {
            var name = stem(file, ".svg");
            var svg = read(file);
            var title = SVG_TITLE.matcher(svg);
            var caption = title.find() ? title.group(1) : name;
            figure(caption, svg, cellLink(name));
        }
        none(figures.isEmpty(), "figure");
    }

    private void figure(String caption, String svg, String link) {
        html.append("<figure>\n<img alt=\"")
                .append(caption)
                .append("\" src=\"data:image/svg+xml;base64,")
                .append(Base64.getEncoder().encodeToString(svg.getBytes(StandardCharsets.UTF_8)))
                .append("\"/>\n<figcaption>")
                .append(caption)
                .append(". ")
                .append(link)
                .append("</figcaption>\n</figure>\n");
    }

    private void times() {
        html.append("<h2 id=\"times\">How long it took</h2>\n");
        if (!notebooks.runs().isEmpty()) {
            var rows = new StringBuilder("<table>\n<thead><tr><th scope=\"col\">notebook</th>"
                    + "<th scope=\"col\" style=\"text-align: right\">seconds</th></tr></thead>\n<tbody>\n");
            notebooks.runs().forEach((name, run) -> rows.append("<tr><th scope=\"row\">")
                    .append(notebookLink(name))
                    .append("</th>")
                    .append(seconds(run.seconds())));
            var total = notebooks.runs().values().stream()
                    .mapToDouble(ExecutedNotebooks.Run::seconds)
                    .sum();
            rows.append("<tr><th scope=\"row\"><strong>all</strong></th>").append(seconds(total));
            html.append(rows).append("</tbody>\n</table>\n");
        }
        none(notebooks.runs().isEmpty(), "executed notebook");
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "<td style=\"text-align: right\">%.1f</td></tr>%n", seconds);
    }

    private void provenance() {
        html.append("<h2 id=\"provenance\">Provenance</h2>\n");
        var results = new LinkedHashMap<Map<String, String>, List<String>>();
        for (var kind : List.of("findings", "tables", "figures")) {
            for (var sidecar : files(kind, ".provenance.json")) {
                var name = stem(sidecar, ".provenance.json");
                var facts = Provenance.of(sidecar.resolveSibling(name)).facts();
                results.computeIfAbsent(facts, any -> new ArrayList<>()).add(kind + "/" + name);
            }
        }
        results.forEach((facts, names) -> {
            var rows = new StringBuilder("<table>\n<tbody>\n");
            facts.forEach((fact, value) -> rows.append("<tr><th scope=\"row\">")
                    .append(Html.text(fact))
                    .append("</th><td>")
                    .append(Html.text(value))
                    .append("</td></tr>\n"));
            html.append("<details")
                    .append(results.size() == 1 ? " open=\"open\"" : "")
                    .append("><summary>")
                    .append(Html.text(String.join(", ", names)))
                    .append("</summary>\n");
            scrolling(
                    "Provenance of " + names.get(0),
                    rows.append("</tbody>\n</table>\n").toString(),
                    "facts");
            html.append("</details>\n");
        });
        none(results.isEmpty(), "result");
    }

    /** A region that scrolls sideways on its own, also by keyboard, where the page is too narrow for a table. */
    private void scrolling(String label, String table, String kind) {
        html.append("<div class=\"scroll ")
                .append(kind)
                .append("\" role=\"region\" tabindex=\"0\" aria-label=\"")
                .append(Html.text(label))
                .append("\">\n")
                .append(table)
                .append("</div>\n");
    }

    private void none(boolean none, String what) {
        if (none) {
            html.append("<p>The profile ")
                    .append(Html.text(profile))
                    .append(" has no ")
                    .append(what)
                    .append(" yet.</p>\n");
        }
    }

    private String notebookLink(String name) {
        var text = Html.text(name);
        return notebooks.runs().containsKey(name)
                ? "<a href=\"" + notebooks.folder() + text + ".html\">" + text + "</a>"
                : text;
    }

    private String cellLink(String result) {
        return notebooks
                .link(result)
                .map(link -> "<a href=\"" + Html.text(link) + "\">The cell that made " + Html.text(result) + "</a>. ")
                .orElse("");
    }

    private List<Path> files(String kind, String ending) {
        var folder = workspace.build().resolve(kind).resolve(profile);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(ending))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new IoFailure("Cannot list " + folder, e);
        }
    }

    private static String stem(Path file, String ending) {
        var name = file.getFileName().toString();
        return name.substring(0, name.length() - ending.length());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IoFailure("Cannot read " + file, e);
        }
    }

    private static String resource(String name) {
        try (var in = ReportPage.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IoFailure("Cannot read " + name + " of the library", e);
        }
    }
}
