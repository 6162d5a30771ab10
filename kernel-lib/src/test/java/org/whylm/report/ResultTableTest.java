package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.whylm.report.TableComparison.Tolerances;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.run.Workspace;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class ResultTableTest {

    @TempDir
    Path root;

    private static ResultTable table() {
        return ResultTable.of(
                "01-table",
                Table.create(
                        StringColumn.create("task", "movies", "a \"b\", c", "x\ny", null, "e"),
                        DoubleColumn.create("v", 1.0 / 3, 1e6 / 3, 2e-9 / 3, Double.NaN, 1000),
                        IntColumn.create("n", 1, 2, 3, 4, 123456789)));
    }

    @Test
    void csvIsStable() {
        assertEquals("""
                task,v,n
                movies,0.333333,1
                "a ""b"", c",333333,2
                "x
                y",6.66667E-10,3
                "",,4
                e,1000,123456789
                """, table().toCsv());
        var noise = ResultTable.of("t", Table.create(DoubleColumn.create("v", Math.nextUp(0.1) + 1e-12, -0.0)));
        assertEquals("v\n0.1\n0\n", noise.toCsv());
    }

    @Test
    void theFileIsWholeAndItsProvenanceLiesBesideIt() throws IOException {
        var provenance =
                Provenance.start(Profile.load("quick")).withModel("m", "ab12").withDataset("movies", "cd34");
        var file = table().write(provenance, new Workspace(root));
        assertEquals(root.resolve("build/tables/quick/01-table.csv"), file);
        assertEquals(table().toCsv(), Files.readString(file));
        var written = Provenance.of(file);
        assertEquals(Map.of("m", "ab12"), written.models());
        assertEquals(Map.of("movies", "cd34"), written.datasets());
        assertTrue(written.seconds() >= 0 && written.environment().engine().contains("PyTorch"), written.toString());
        try (var files = Files.list(file.getParent())) {
            assertEquals(
                    "01-table.csv 01-table.look.json 01-table.provenance.json",
                    files.map(f -> f.getFileName().toString()).sorted().collect(Collectors.joining(" ")));
        }
    }

    @Test
    void aWrittenTableIsReadAsItWasShown() {
        var numbers = Table.create("Accuracy, %", StringColumn.create("task", "a"), DoubleColumn.create("f", 1.5));
        var table = new ResultTable("t", TableView.of(numbers).markSmallest("f"), Map.of())
                .noting(List.of("Warning: <other data>"));
        var provenance = Provenance.start(Profile.load("quick")).with(Map.of(), Map.of(), List.of("other data"));
        var file = table.write(provenance, new Workspace(root));
        var read = ResultTable.read(file);
        assertEquals(table.view().toHtml(), read.view().toHtml());
        assertTrue(read.view().toHtml().contains("<p class=\"note\">Warning: &lt;other data&gt;</p>"), read.toString());
        assertTrue(read.toString().endsWith("\nWarning: <other data>"), read.toString());
        assertEquals("other data", Provenance.of(file).facts().get("warning"));
        assertEquals("t", read.name());
    }

    private static CategoryChart chart() {
        var chart =
                new CategoryChartBuilder().width(300).height(200).title("<b>&").build();
        chart.addSeries("a", List.of("x", "y"), List.of(1, 2));
        return chart;
    }

    @Test
    void figuresAreWrittenAsVectorsAndPixels() throws IOException {
        var svg = new Figure("chart", chart()).write(Provenance.start(Profile.load("quick")), new Workspace(root));
        assertEquals(List.of("<b>&"), TableViewTest.texts(TableViewTest.parse(Files.readString(svg)), "title"));
        assertTrue(Figure.svg(chart()).equals(Files.readString(svg)), "the same chart gives the same text");
        assertTrue(
                Files.readString(svg).lines().findFirst().orElseThrow().contains("max-width: 100%"),
                "no wider than a notebook's cell");
        var image = ImageIO.read(svg.resolveSibling("chart.png").toFile());
        assertEquals(600, image.getWidth());
        assertEquals(400, image.getHeight());
        assertTrue(Files.exists(Provenance.sidecar(svg)));
    }

    @Test
    void namesThatAreNoFileNamesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> ResultTable.of("../x", Table.create()));
        assertThrows(IllegalArgumentException.class, () -> ResultTable.of("", Table.create()));
    }

    private String compare(String expected, String actual, Tolerances tolerances) throws IOException {
        var folders = new Path[] {root.resolve("expected"), root.resolve("actual")};
        var contents = new String[] {expected, actual};
        for (int i = 0; i < 2; i++) {
            Files.createDirectories(folders[i]);
            Files.deleteIfExists(folders[i].resolve("t.csv"));
            if (contents[i] != null) {
                Files.writeString(folders[i].resolve("t.csv"), contents[i]);
            }
        }
        return TableComparison.compareAll(folders[0], folders[1], tolerances).stream()
                .map(Object::toString)
                .collect(Collectors.joining("\n"));
    }

    @Test
    void aDifferingCellIsNamed() throws IOException {
        var exact = new Tolerances(0, Map.of(), Map.of(), List.of());
        var loose = new Tolerances(0, Map.of("t", Map.of("accuracy", 0.01)), Map.of(), List.of());
        var table = "task,features,accuracy,C\nmovies,f,0.90,10\nmovies,phi_p,0.80,\n";
        assertEquals("same     t (8 cells)", compare(table, table, exact));
        assertEquals(
                "differs  t: row movies / f, column accuracy: expected 0.90, got 0.91",
                compare(table, table.replace("0.90", "0.91"), exact));
        assertEquals("same     t (8 cells)", compare(table, table.replace("0.90", "0.91"), loose));
        var others = new Tolerances(0, Map.of("t", Map.of("*", 0.01, "C", 0.0)), Map.of(), List.of());
        assertEquals("same     t (8 cells)", compare(table, table.replace("0.90", "0.91"), others));
        assertEquals(
                "differs  t: row movies / f, column C: expected 10, got 10.001",
                compare(table, table.replace("10", "10.001"), others));
        assertEquals(
                "differs  t: row movies / f, column accuracy: expected 0.90, got 0.9101 (tolerance 0.01)",
                compare(table, table.replace("0.90", "0.9101"), loose));
        assertEquals(
                "differs  t: row movies / phi_p, column C: expected , got 100",
                compare(table, table.replace("0.80,", "0.80,100"), loose));
        assertEquals(
                "differs  t: row movies / f, column accuracy: expected 0.90, got NaN (tolerance 0.01)",
                compare(table, table.replace("0.90", "NaN"), loose));
        assertEquals(
                "differs  t: row movies / phi_p: missing; and 1 more",
                compare(table, table.replace("phi_p", "p_f"), loose));
        assertEquals("differs  t: row movies / f #2: extra", compare(table, table + "movies,f,0.9,10\n", exact));
        assertEquals(
                "differs  t: columns: expected task, features, accuracy, C; got task, features, accuracy",
                compare(table, "task,features,accuracy\n", exact));
        assertTrue(compare(table, null, exact).startsWith("differs  t: missing: "));
        assertTrue(compare(null, table, exact).startsWith("differs  t: extra: "));
        assertEquals("differs  t: row 2, column x: expected 2, got 3", compare("x\n1\n2\n", "x\n1\n3\n", exact));
        var ragged = assertThrows(IllegalArgumentException.class, () -> compare("x,y\n1,2\n", "x,y\n1\n", exact));
        assertTrue(ragged.getMessage().contains("row 1: 1 cells under 2 columns"), ragged.getMessage());
    }
}
