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
import java.util.Map;
import javax.imageio.ImageIO;
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
                {"01-n": {"seconds": 12.34, "megabytes": 2345, "atATime": 2, "failure": null},
                 "02-m": {"seconds": 1.0, "megabytes": 12, "failure": "cell [2]: <script>"}}
                """);
        write("build/notebooks/paper/timings.json", """
                {"03-o": {"seconds": 99.0, "megabytes": 12, "failure": null}}
                """);
        write("build/notebooks/quick/01-n.ipynb", """
                {"cells": [{"cell_type": "markdown", "id": "no", "source": "\\"table-1\\""},
                           {"cell_type": "code", "id": "c1", "source": ["var t =\\n", "ResultTable.of(\\"table-1\\", rows)"]},
                           {"cell_type": "code", "id": "c2", "source": "var claims = run.claims();"}]}
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
        assertTrue(text.contains("not tested on 1: this run did not include it"), text);
        assertTrue(text.contains("Modelm"), text);
        assertTrue(text.contains(
                "0 of 2 as expected; largest difference beyond what is allowed: table-1, movies, f is 0.75"));
        assertTrue(
                text.contains("0 min 13 s for 2 notebooks, 2 of them at a time; at most 2.3 GB of memory each"), text);
        assertTrue(text.contains("Not run02-m"), text);
    }

    @Test
    void resultsLinkToTheCellThatMadeThem() {
        var links = attributes(page(workspace, "quick"), "a", "href");
        assertTrue(links.contains("../../notebooks/quick/01-n.html#cell-id=c1"), links.toString());
        assertTrue(links.contains("../../notebooks/quick/01-n.html"), links.toString());
        assertTrue(links.contains("../../notebooks/quick/01-n.html#cell-id=c2"), "the cell that decides: " + links);
        assertTrue(links.containsAll(List.of("#claim-01-n-a", "#table-table-1", "../../tables/quick/table-1.csv")));
        assertTrue(links.contains("../../tables/quick/verdicts-01-n.csv"), links.toString());
        assertFalse(links.toString().contains("03-o.html"), "of another profile");
    }

    @Test
    void tablesFiguresTimesFailuresAndProvenanceAreThere() {
        var root = page(workspace, "quick");
        var text = root.getTextContent();
        assertTrue(TableViewTest.texts(root, "td").containsAll(List.of("0.75", "12.3", "2,345", "13.3", "SHA-256 ab")));
        assertTrue(text.contains("not as in the reference run: row movies, column f: expected 0.5, got 0.75"));
        assertTrue(text.contains("02-m failed. cell [2]: <script>"));
        assertEquals(
                List.of("Effect and interval of each primary claim against its threshold", "C – figure-1"),
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
            assertTrue(
                    href.matches("#.*|../../(notebooks|tables)/quick/.*|../../../README.md|https://arxiv.org/.*"),
                    href);
        }
    }

    /** The reference run's verdicts as its tables have them: rounded numbers decide nothing. */
    @Test
    void theReferenceRunIsAPicture() throws IOException {
        write("expected/quick/verdicts-01-n.csv", """
                claim,on,value,low,high,p,training share,kind,held if,verdict
                a,x,0.2,0,0.3,0.01,0,primary,> 0,held
                a,y,0.2,0,0.3,,,primary,> 0,undecided
                a,z,,,,,,primary,> 0,not tested
                """);
        var picture = ImageIO.read(ReportPage.writeExpected(workspace, "quick").toFile());
        assertTrue(picture.getWidth() > picture.getHeight(), "two lines");
        var verdicts = Claims.expected(workspace, root.resolve("expected/quick"));
        assertEquals(
                List.of("held", "undecided", "not tested", "not tested"),
                verdicts.values().stream().map(Object::toString).toList());
        write("expected/quick/verdicts-01-n.csv", """
                claim,on,value,low,high,p,training share,kind,held if,verdict
                a,x,0.2,0,0.3,0.01,0,primary,> 0.1,held
                """);
        var changed = assertThrows(IllegalArgumentException.class, () -> ReportPage.writeExpected(workspace, "quick"));
        assertTrue(changed.getMessage().contains("a on x: held if > 0.1, but"), changed.getMessage());
    }

    @Test
    void tablesStandInTheOrderOfTheCellsThatMadeThem() {
        var cells = List.of(new ExecutedNotebooks.Cell("1", "\"z\""), new ExecutedNotebooks.Cell("2", "\"a\""));
        var runs = Map.of(
                "02-m", new ExecutedNotebooks.Run(1, 1, 1, "", List.of(new ExecutedNotebooks.Cell("3", "\"b\""))),
                "01-n", new ExecutedNotebooks.Run(1, 1, 1, "", cells));
        assertEquals(
                List.of("z", "a", "b", "unknown"),
                new ExecutedNotebooks("", runs).inOrder(List.of("a", "b", "unknown", "z")));
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
