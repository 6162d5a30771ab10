package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.CategoryChartBuilder;
import org.w3c.dom.Element;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.run.Workspace;
import org.whylm.statistics.Statistic;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class ReportPageTest {

    @TempDir
    Path root;

    private Workspace workspace;

    @BeforeEach
    void results() throws IOException {
        workspace = new Workspace(root);
        write("notebooks/findings.json", """
                [{"id": "a", "notebook": "01-n", "claim": "A <claim>.", "source": "S", "kind": "primary", "measured": "t",
                  "rules": {"x": "> 0", "y": "> 0", "z": "> 0"}},
                 {"id": "b", "notebook": "02-m", "claim": "B.", "source": "S", "kind": "further", "measured": "t",
                  "rules": {"x": "> 0"}}]
                """);
        write("expected/tolerances.json", "{\"byDefault\": 0, \"tables\": {}, \"factors\": {}, \"optional\": []}");
        write("expected/quick/table-1.csv", "task,f\nmovies,0.5\n");
        write("build/notebooks/quick/timings.json", """
                {"01-n": {"seconds": 12.34, "megabytes": 2345, "failure": null},
                 "02-m": {"seconds": 1.0, "megabytes": 12, "failure": "cell [2]: <script>"}}
                """);
        write("build/notebooks/paper/timings.json", """
                {"03-o": {"seconds": 99.0, "megabytes": 12, "failure": null}}
                """);
        write("build/notebooks/quick/01-n.ipynb", """
                {"cells": [{"cell_type": "markdown", "id": "no", "source": "\\"table-1\\""},
                           {"cell_type": "code", "id": "c1", "source": ["var t =\\n", "ResultTable.of(\\"table-1\\", rows)"]}]}
                """);
        var provenance = Provenance.start(Profile.load("quick")).withModel("m", "ab");
        var findings = Claims.of("01-n", workspace, subject -> "this run did not include it");
        findings.decide("a", "x", Statistic.between(0.2, 0.1, 0.3));
        findings.decide("a", "y", Statistic.between(-0.2, -0.3, -0.1));
        findings.write(provenance, workspace);
        var table = Table.create("T", StringColumn.create("task", "movies"), DoubleColumn.create("f", 0.75));
        ResultTable.of("table-1", table).write(provenance, workspace);
        var chart = new CategoryChartBuilder().width(200).height(100).title("C").build();
        chart.addSeries("s", List.of("k"), List.of(1));
        new Figure("figure-1", chart).write(provenance, workspace);
    }

    private void write(String file, String text) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        Files.writeString(root.resolve(file), text);
    }

    private static Element page(Workspace workspace, String profile) {
        return TableViewTest.parse(ReportPage.html(workspace, profile).replace("<!DOCTYPE html>", ""));
    }

    private static List<String> attributes(Element root, String tag, String name) {
        var nodes = root.getElementsByTagName(tag);
        var values = new ArrayList<String>();
        for (int i = 0; i < nodes.getLength(); i++) {
            values.add(((Element) nodes.item(i)).getAttribute(name));
        }
        return values;
    }

    @Test
    void thePageSaysWhichFindingsHeld() {
        var text = page(workspace, "quick").getTextContent();
        assertTrue(text.contains("✓ 1 held") && text.contains("✗ 1 refuted") && text.contains("2 not tested"));
        assertTrue(text.contains("A <claim>."), "claims are text");
        assertTrue(text.contains("z: this run did not include it"));
        assertTrue(text.contains("x: the notebook was not run with the profile quick"));
        assertTrue(text.contains("Models: m.") && text.contains("0 of 2 tables as expected"), text);
    }

    @Test
    void resultsLinkToTheCellThatMadeThem() {
        var links = attributes(page(workspace, "quick"), "a", "href");
        assertTrue(links.contains("../../notebooks/quick/01-n.html#cell-id=c1"), links.toString());
        assertTrue(links.contains("../../notebooks/quick/01-n.html"), links.toString());
        assertFalse(links.toString().contains("03-o.html"), "of another profile");
    }

    @Test
    void tablesFiguresTimesFailuresAndProvenanceAreThere() {
        var root = page(workspace, "quick");
        var text = root.getTextContent();
        assertTrue(TableViewTest.texts(root, "td").containsAll(List.of("0.75", "12.3", "13.3", "SHA-256 ab")));
        assertTrue(text.contains("Not as in the reference run: row movies, column f: expected 0.5, got 0.75."));
        assertTrue(text.contains("02-m failed. cell [2]: <script>"));
        assertEquals(
                List.of("Effect and interval of each primary claim against its threshold", "C"),
                attributes(root, "img", "alt"));
        assertTrue(attributes(root, "img", "src").get(0).startsWith("data:image/svg+xml;base64,"));
    }

    /** Self-contained: whatever is not a link to a notebook beside it is in the page. */
    @Test
    void thePageLoadsNothing() {
        var root = page(workspace, "quick");
        assertEquals(0, root.getElementsByTagName("script").getLength());
        assertEquals(0, root.getElementsByTagName("link").getLength());
        assertFalse(TableViewTest.texts(root, "style").get(0).contains("url("));
        for (var href : attributes(root, "a", "href")) {
            assertTrue(href.startsWith("#") || href.startsWith("../../notebooks/quick/"), href);
        }
    }

    @Test
    void aProfileThatWasNotRunLeavesThePagesOfOthersAlone() throws IOException {
        var quick = ReportPage.write(workspace, "quick");
        var page = Files.readString(quick);
        assertEquals(root.resolve("build/report/quick/index.html"), quick);
        assertEquals(List.of("02-m"), ReportPage.notRun(workspace, "quick"));
        var refusal = assertThrows(IllegalStateException.class, () -> ReportPage.write(workspace, "standard"));
        assertTrue(refusal.getMessage().contains("PROFILE=standard make reproduce"), refusal.getMessage());
        assertEquals(root.resolve("build/report/paper/index.html"), ReportPage.write(workspace, "paper"));
        assertEquals(page, Files.readString(quick));
        assertFalse(Files.exists(root.resolve("build/report/standard")));
    }

    @Test
    void aRunThatLeftNothingIsAPageToo() throws IOException {
        var empty = new Workspace(root.resolve("empty"));
        Files.createDirectories(empty.root().resolve("notebooks"));
        Files.copy(root.resolve("notebooks/findings.json"), empty.root().resolve("notebooks/findings.json"));
        var text = page(empty, "quick").getTextContent();
        assertTrue(text.contains("0 held") && text.contains("4 not tested"), text);
        assertTrue(text.contains("The profile quick has no table yet."), text);
    }
}
