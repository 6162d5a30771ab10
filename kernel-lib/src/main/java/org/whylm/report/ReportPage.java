package org.whylm.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.whylm.data.DatasetCatalog;
import org.whylm.lm.ModelCatalog;
import org.whylm.report.TableComparison.Outcome;
import org.whylm.report.TableComparison.Tolerances;
import org.whylm.run.AtomicFile;
import org.whylm.run.Input;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.run.Provenance.Environment;
import org.whylm.run.Workspace;
import org.whylm.statistics.Verdict;

/**
 * The reviewer's page: which findings held, every table and figure with a link to the cell that made it, what made them,
 * and how long it took. One file that loads nothing.
 */
public final class ReportPage {

    private static final String PAPER = "https://arxiv.org/abs/2010.03648";
    private static final String ROOT = "../../../";
    private static final String VERDICTS = "verdicts-";
    private static final String PAPER_PROFILE = "paper";
    private static final String EXACT_LANGUAGE = "07-exact-language";

    private static final Pattern SVG_TITLE = Pattern.compile("<title>(.*?)</title>", Pattern.DOTALL);

    private final Workspace workspace;
    private final String profile;
    private final ExecutedNotebooks notebooks;
    private final CorrectedVerdicts verdicts;
    private final Map<String, Outcome> outcomes;

    /** The result tables but those of verdicts, in the order of the notebooks. */
    private final List<String> tableNames;

    /** What made each result, by its kind and name. */
    private final Map<String, Provenance> made = new LinkedHashMap<>();

    private final StringBuilder html = new StringBuilder();

    private ReportPage(Workspace workspace, String profile) {
        this.workspace = workspace;
        this.profile = profile;
        this.notebooks = ExecutedNotebooks.load(workspace, profile);
        this.verdicts = CorrectedVerdicts.of(Claims.verdicts(workspace, profile));
        var tables = workspace.results("tables", profile);
        this.outcomes = outcomes(tables);
        this.tableNames = notebooks.inOrder(TableComparison.tables(tables).stream()
                .filter(name -> !name.startsWith(VERDICTS))
                .toList());
        for (var kind : List.of("findings", "tables", "figures")) {
            var folder = workspace.results(kind, profile);
            Input.names(folder, Provenance.SIDECAR)
                    .forEach(name -> made.put(kind + "/" + name, Provenance.of(folder.resolve(name))));
        }
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
        var page = new ReportPage(workspace, profile);
        if (page.notebooks.runs().isEmpty()
                && TableComparison.tables(workspace.results("tables", profile)).isEmpty()) {
            throw new IllegalStateException("No notebook was run with the profile " + profile + ": PROFILE=" + profile
                    + " make reproduce, or name one of the profiles that were run");
        }
        var file = workspace.results("report", profile).resolve("index.html");
        AtomicFile.write(file, page.html());
        var summary = SummaryFigure.of(page.verdicts, profile);
        AtomicFile.write(file.resolveSibling("summary.svg"), Figure.svg(summary));
        AtomicFile.write(file.resolveSibling("summary.png"), Figure.png(summary));
        return file;
    }

    /**
     * Writes {@code expected/PROFILE/claims.png}: what the reference run says of the primary claims, as a picture.
     *
     * @return the file
     * @throws IllegalArgumentException if the profile has no expected verdicts, or they are of other rules than the claims have now
     */
    public static Path writeExpected(Workspace workspace, String profile) {
        var folder = workspace.root().resolve("expected").resolve(profile);
        if (TableComparison.tables(folder).stream().noneMatch(name -> name.startsWith(VERDICTS))) {
            throw new IllegalArgumentException("There are no verdicts in " + folder);
        }
        var file = folder.resolve("claims.png");
        var verdicts = CorrectedVerdicts.of(Claims.expected(workspace, folder));
        AtomicFile.write(file, Figure.png(SummaryFigure.of(verdicts, profile)));
        return file;
    }

    /** The notebooks with claims of which the profile has no verdicts. */
    public static List<String> notRun(Workspace workspace, String profile) {
        return Claims.notRun(workspace, profile);
    }

    static String html(Workspace workspace, String profile) {
        return new ReportPage(workspace, profile).html();
    }

    private String html() {
        head();
        failures();
        primary();
        findings();
        tables();
        figures();
        times();
        provenance();
        return Html.page("whylm: which claims held", html.toString());
    }

    private void print(String format, Object... markup) {
        html.append(String.format(Locale.ROOT, format, markup));
    }

    private void head() {
        print(
                """
                <h1>Which claims held</h1>
                <p>A run of <a href="%s"><em>A Mathematical Exploration of Why Language Models Help Solve Downstream Tasks</em></a> \
                (Saunshi, Malladi, Arora, ICLR 2021) with the profile <strong>%s</strong>%s. \
                <a href="%sREADME.md">The repository</a> has the claims and thresholds (<code>notebooks/findings.json</code>) \
                and what was changed after a result had been seen (<code>docs/history-of-decisions.md</code>).</p>
                <table class="facts">
                <tbody>
                """,
                PAPER,
                Html.text(profile),
                profile.equals("quick") ? ", which shows that everything runs and leaves claims open" : "",
                ROOT);
        fact("Model", models());
        fact("Data", data());
        var warnings = made.values().stream().flatMap(each -> each.warnings().stream());
        fact("Warning", warnings.flatMap(List::stream).distinct().collect(Collectors.joining("; ")));
        fact("Tables", tablesAsExpected());
        fact("Run", machine());
        fact("Not run", String.join(", ", notRun(workspace, profile)));
        print(
                """
                </tbody>
                </table>
                <p class="counts"><span class="held">✓ %d held</span> <span class="failed">✗ %d refuted</span> \
                <span>? %d undecided</span> <span>%d not tested</span></p>
                <nav aria-label="Sections"><a href="#claims">Every claim</a> <a href="#tables">Tables</a> \
                <a href="#figures">Figures</a> <a href="#times">Times</a> <a href="#provenance">Provenance</a></nav>
                """,
                verdicts.count(Verdict.Held.class),
                verdicts.count(Verdict.Refuted.class),
                verdicts.count(Verdict.Undecided.class),
                verdicts.count(Verdict.NotTested.class));
    }

    /** A line of what the run was; none where there is nothing to say. */
    private void fact(String name, String text) {
        if (!text.isEmpty()) {
            html.append(row(name, text));
        }
    }

    private static String row(String name, String text) {
        return "<tr><th scope=\"row\">" + Html.text(name) + "</th><td>" + Html.text(text) + "</td></tr>\n";
    }

    /** The profile's model, and in place of which of the paper's; how many others were made of it. */
    private String models() {
        var names = new TreeSet<String>();
        made.values().forEach(each -> names.addAll(each.models().keySet()));
        var own = title(profile);
        var shown = names.remove(own) ? own + instead(own) : "";
        if (names.size() <= 2 || shown.isEmpty()) {
            return Stream.concat(Stream.of(shown), names.stream())
                    .filter(name -> !name.isEmpty())
                    .collect(Collectors.joining("; "));
        }
        return shown + "; and " + names.size() + " models that the notebooks made or trained (below, Provenance)";
    }

    private static String instead(String model) {
        var paper = title(PAPER_PROFILE);
        return model.equals(paper) ? "" : "; in place of the paper's " + paper;
    }

    /** What provenance calls the model of a profile; empty if there is no such profile. */
    private static String title(String profile) {
        if (!Profile.names().contains(profile.split("@")[0])) {
            return "";
        }
        return ModelCatalog.load().title(Profile.load(profile).model());
    }

    /** The tasks, and in place of which of the paper's. */
    private String data() {
        var catalog = DatasetCatalog.load();
        var tasks = catalog.tasks();
        return made.values().stream()
                .flatMap(each -> each.datasets().keySet().stream())
                .map(name -> name.split(",")[0])
                .distinct()
                .sorted(Comparator.comparing(name -> tasks.contains(name) ? tasks.indexOf(name) : Integer.MAX_VALUE))
                .map(name -> name
                        + Optional.of(name)
                                .filter(tasks::contains)
                                .flatMap(catalog::inPlaceOf)
                                .map(paper -> " in place of " + paper)
                                .orElse(""))
                .collect(Collectors.joining(", "));
    }

    /** How long it took, how much memory, on what. */
    private String machine() {
        var facts = new ArrayList<String>();
        var runs = notebooks.runs().values();
        if (!runs.isEmpty()) {
            long seconds = Math.round(notebooks.seconds());
            facts.add(String.format(
                    Locale.ROOT,
                    "%d min %d s for %d notebooks%s",
                    seconds / 60,
                    seconds % 60,
                    runs.size(),
                    notebooks.atATime() == 1 ? "" : ", " + notebooks.atATime() + " of them at a time"));
            if (notebooks.megabytes() > 0) {
                facts.add(String.format(Locale.ROOT, "at most %.1f GB of memory each", notebooks.megabytes() / 1e3));
            }
        }
        var environments = made.values().stream().map(Provenance::environment).toList();
        environments.stream().map(Environment::platform).distinct().forEach(facts::add);
        environments.stream()
                .map(it ->
                        "whylm " + it.version() + " at " + it.commit().replaceFirst("^([0-9a-f]{12})[0-9a-f]*", "$1"))
                .distinct()
                .forEach(facts::add);
        return String.join("; ", facts);
    }

    private String tablesAsExpected() {
        if (outcomes.isEmpty()) {
            return "none of this profile to compare with";
        }
        long agreeing = outcomes.values().stream().filter(Outcome::agrees).count();
        var largest = outcomes.values().stream()
                .flatMap(outcome -> outcome.largest().stream())
                .max(Comparator.comparingDouble(TableComparison.Difference::share))
                .map(it -> String.format(
                        Locale.ROOT,
                        "largest difference %s what is allowed: %s is %s, expected %s",
                        it.share() <= 1 ? String.format(Locale.ROOT, "%.0f%% of", 100 * it.share()) : "beyond",
                        it.where(),
                        it.actual(),
                        it.expected()))
                .orElse("no number differs");
        return agreeing + " of " + outcomes.size() + " as expected; " + largest;
    }

    private void primary() {
        print("""
                <h2 id="primary">The paper's claims</h2>
                <p>On how many subjects each claim held (the whole 95%% interval is on its side of the threshold), was refuted \
                (on the other), or is undecided (the threshold is inside). °: decided alone, undecided among the %d tests of \
                primary claims (Holm).</p>
                """, verdicts.adjusted().size());
        counts("The paper's claims", verdicts.primary());
        if (verdicts.primary().stream().anyMatch(verdicts::isTested)) {
            var caption = "Effect and interval of each primary claim against its threshold";
            html.append(Html.figure("", caption, Figure.svg(SummaryFigure.of(verdicts, profile)), ""));
        }
        var ofExactLanguage = verdicts.verdicts().keySet().stream()
                .filter(finding -> finding.claim().notebook().equals(EXACT_LANGUAGE))
                .toList();
        if (ofExactLanguage.stream().anyMatch(verdicts::isTested)) {
            print("""
                    <h2 id="exact">The exact language: claims of ours</h2>
                    <p>Models trained on a made-up language of which everything is known (notebook 07): what the paper's statements \
                    say of them, and what they do.</p>
                    """);
            counts("The exact language", ofExactLanguage);
        }
    }

    private void counts(String caption, List<Finding> shown) {
        html.append(Html.scrolling(caption, FindingsTable.counts(caption, verdicts, shown), "primary"));
    }

    private void failures() {
        notebooks.runs().forEach((name, run) -> {
            if (!run.failure().isEmpty()) {
                print(
                        "<p class=\"failure\"><strong class=\"failed\">%s failed.</strong> %s</p>\n",
                        notebookLink(name), Html.text(run.failure()));
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
            print("<h3>%s</h3>\n", notebookLink(notebook));
            var links = tableNames.stream()
                    .filter(table -> notebooks
                            .place(table)
                            .filter(place -> place.notebook().equals(notebook))
                            .isPresent())
                    .map(table -> "<a href=\"#table-" + table + "\">" + table + "</a>")
                    .collect(Collectors.joining(", "));
            if (!links.isEmpty()) {
                print("<p class=\"note\">Its tables: %s</p>\n", links);
            }
            var table = FindingsTable.of(ofNotebook).toHtml(this::claimLinks, verdicts::isLost);
            html.append(Html.scrolling("Findings of " + notebook, table, "findings"));
        });
    }

    /** The cell that decides a claim, and the table of its verdicts as a file. */
    private String claimLinks(Claim claim) {
        var links = new ArrayList<String>();
        notebooks.link(claim).ifPresent(link -> links.add("<a href=\"" + Html.text(link) + "\">cell</a>"));
        var table = VerdictTable.name(claim.notebook());
        if (Files.isRegularFile(workspace.results("tables", profile).resolve(table + ".csv"))) {
            links.add(csv(table, "verdicts (CSV)"));
            links.add(Html.text(comparison(table)));
        }
        return links.isEmpty() ? "" : "<br/><small>" + String.join(" · ", links) + "</small>";
    }

    private String csv(String table, String text) {
        return "<a href=\"../../tables/" + Html.text(profile) + "/" + table + ".csv\">" + text + "</a>";
    }

    private String comparison(String table) {
        if (!outcomes.containsKey(table)) {
            return "no reference";
        }
        var outcome = outcomes.get(table);
        return outcome.agrees()
                ? "as in the reference run"
                : "not as in the reference run: " + outcome.differences().get(0);
    }

    private void tables() {
        html.append("<h2 id=\"tables\">Tables</h2>\n");
        for (var name : tableNames) {
            var file = workspace.results("tables", profile).resolve(name + ".csv");
            var view = ResultTable.read(file).view();
            view.table().setName(caption(name, view.table().name()));
            var table = Html.scrolling("Table " + name, view.toHtml(), "table");
            var note = Stream.of(cellLink(name), csv(name, "CSV"), Html.text(comparison(name)))
                    .filter(text -> !text.isEmpty())
                    .collect(Collectors.joining(" · "));
            print(
                    "<section id=\"table-%s\" aria-label=\"Table %s\">\n%s<p class=\"note\">%s</p>\n</section>\n",
                    name, name, table, note);
        }
        none(tableNames.isEmpty(), "table");
    }

    /** What tells a result from others of the same title. */
    private String caption(String name, String title) {
        return title + " – " + name
                + notebooks
                        .place(name)
                        .map(place -> ", notebook " + place.notebook())
                        .orElse("");
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
        var folder = workspace.results("figures", profile);
        var names = notebooks.inOrder(Input.names(folder, ".svg"));
        for (var name : names) {
            var svg = Input.text(folder.resolve(name + ".svg"));
            var title = SVG_TITLE.matcher(svg);
            var caption = caption(name, title.find() ? title.group(1) : name);
            html.append(Html.figure(" id=\"figure-" + name + "\"", caption, svg, cellLink(name)));
        }
        none(names.isEmpty(), "figure");
    }

    private void times() {
        html.append("<h2 id=\"times\">How long it took</h2>\n");
        if (!notebooks.runs().isEmpty()) {
            html.append("<table>\n<thead><tr><th scope=\"col\">notebook</th>"
                    + "<th scope=\"col\" style=\"text-align: right\">seconds</th>"
                    + "<th scope=\"col\" style=\"text-align: right\">most memory, MB</th></tr></thead>\n<tbody>\n");
            notebooks.runs().forEach((name, run) -> time(notebookLink(name), run.seconds(), run.megabytes()));
            time("<strong>all</strong>", notebooks.seconds(), notebooks.megabytes());
            html.append("</tbody>\n</table>\n");
        }
        none(notebooks.runs().isEmpty(), "executed notebook");
    }

    private void time(String name, double seconds, int megabytes) {
        print(
                "<tr><th scope=\"row\">%s</th><td style=\"text-align: right\">%.1f</td>"
                        + "<td style=\"text-align: right\">%s</td></tr>\n",
                name, seconds, megabytes == 0 ? "" : String.format(Locale.ROOT, "%,d", megabytes));
    }

    private void provenance() {
        html.append("<h2 id=\"provenance\">Provenance</h2>\n");
        var results = new LinkedHashMap<Map<String, String>, List<String>>();
        made.forEach((name, provenance) -> results.computeIfAbsent(provenance.facts(), any -> new ArrayList<>())
                .add(name));
        results.forEach((facts, names) -> {
            var rows = new StringBuilder("<table>\n<tbody>\n");
            facts.forEach((fact, value) -> rows.append(row(fact, value)));
            print(
                    "<details%s><summary>%s</summary>\n%s</details>\n",
                    results.size() == 1 ? " open=\"open\"" : "",
                    Html.text(String.join(", ", names)),
                    Html.scrolling("Provenance of " + names.get(0), rows + "</tbody>\n</table>\n", "facts"));
        });
        none(results.isEmpty(), "result");
    }

    private void none(boolean none, String what) {
        if (none) {
            print("<p>The profile %s has no %s yet.</p>\n", Html.text(profile), what);
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
                .map(link -> "<a href=\"" + Html.text(link) + "\">the cell that made it</a>")
                .orElse("");
    }
}
