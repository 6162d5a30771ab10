package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.report.TableComparison.Tolerances;
import org.whylm.run.Workspace;

/** The comparison can fail: in every column of every expected table, and before a verdict turns. */
class TableComparisonTest {

    private static final Path EXPECTED = Workspace.current().root().resolve("expected");

    @TempDir
    Path folder;

    private boolean agrees(String name, String expected, String actual, Tolerances tolerances) throws IOException {
        var there = Files.createDirectories(folder.resolve("expected"));
        var here = Files.createDirectories(folder.resolve("actual"));
        Files.writeString(there.resolve(name + ".csv"), expected);
        Files.writeString(here.resolve(name + ".csv"), actual);
        var outcome = TableComparison.compareAll(there, here, tolerances).get(0);
        Files.delete(there.resolve(name + ".csv"));
        Files.delete(here.resolve(name + ".csv"));
        return outcome.agrees();
    }

    @Test
    void noToleranceIsWiderThanHalfTheInterval() throws IOException {
        var wide = new Tolerances(10, Map.of(), Map.of(), List.of());
        var table = "task,test,low,high\na,80,78,82\n";
        assertTrue(agrees("t", table, table.replace("80", "81.9"), wide));
        assertFalse(agrees("t", table, table.replace("80", "82.1"), wide));
        assertFalse(agrees("t", table, table.replace("78", "75.9"), wide));
    }

    @Test
    void whatTurnsAVerdictIsADifference() throws IOException {
        var wide = new Tolerances(10, Map.of(), Map.of(), List.of());
        var table = "claim,on,value,low,high,held if,verdict\nc,a,0.05,0.01,0.09,> 0,held\n";
        assertTrue(agrees("verdicts-n", table, table.replace("0.01", "0.005"), wide));
        assertFalse(agrees("verdicts-n", table, table.replace("0.01", "-0.001"), wide));
        assertFalse(agrees("verdicts-n", table, table.replace(",held\n", ",undecided\n"), wide));
    }

    @Test
    void sizesAreComparedByTheirRatio() throws IOException {
        var tolerances = new Tolerances(0, Map.of(), Map.of("t*", Map.of("C", 10.0)), List.of());
        assertTrue(agrees("table", "f,C\na,0.01\n", "f,C\na,0.1\n", tolerances));
        assertFalse(agrees("table", "f,C\na,0.01\n", "f,C\na,1\n", tolerances));
        assertFalse(agrees("table", "f,C\na,0.01\n", "f,C\na,-0.01\n", tolerances));
    }

    /** A cell of every column is pushed past its tolerance and missed; no tolerance swallows its column. */
    @TestFactory
    Stream<DynamicTest> everyColumnOfEveryExpectedTableCanFail() {
        var tolerances = Tolerances.load(EXPECTED.resolve("tolerances.json"));
        return Stream.of("quick", "standard")
                .filter(profile -> Files.isDirectory(EXPECTED.resolve(profile)))
                .flatMap(profile -> TableComparison.tables(EXPECTED.resolve(profile)).stream()
                        .map(name -> dynamicTest(
                                profile + "/" + name,
                                () -> check(name, EXPECTED.resolve(profile).resolve(name + ".csv"), tolerances))));
    }

    private void check(String name, Path file, Tolerances tolerances) throws IOException {
        var expected = Files.readString(file);
        try (var parser = CSVParser.parse(file, StandardCharsets.UTF_8, CSVFormat.DEFAULT)) {
            var rows = parser.getRecords().stream()
                    .map(row -> List.of(row.values()))
                    .toList();
            var header = rows.get(0);
            for (int column = 0; column < header.size(); column++) {
                double largest = 0;
                double tolerance = tolerances.of(name, header.get(column));
                double factor = tolerances.factor(name, header.get(column));
                boolean numeric = false;
                boolean pushedOnce = false;
                for (int row = 1; row < rows.size(); row++) {
                    var cell = rows.get(row).get(column);
                    if (!cell.matches("-?[0-9.]+(E-?[0-9]+)?")) {
                        continue;
                    }
                    double value = Double.parseDouble(cell);
                    numeric = true;
                    largest = Math.max(largest, Math.abs(value));
                    double pushed = Double.isNaN(factor)
                            ? value + 1.001 * tolerance + 1e-6 + 1e-9 * Math.abs(value)
                            : value * 1.001 * factor + Math.signum(value) * 1.001 * tolerance;
                    if (!pushedOnce && (value != 0 || Double.isNaN(factor))) {
                        pushedOnce = true;
                        assertFalse(
                                agrees(name, expected, with(rows, row, column, String.valueOf(pushed)), tolerances),
                                header.get(column) + " of row " + row + ": " + cell + " and " + pushed);
                    }
                }
                assertTrue(
                        !numeric || largest == 0 || tolerance <= largest / 2,
                        "the tolerance " + tolerance + " of " + header.get(column) + " swallows a column up to "
                                + largest);
            }
        }
        assertTrue(agrees(name, expected, expected, tolerances));
    }

    private static String with(List<List<String>> rows, int row, int column, String cell) throws IOException {
        var changed = new ArrayList<>(rows);
        var cells = new ArrayList<>(rows.get(row));
        cells.set(column, cell);
        changed.set(row, cells);
        var csv = new StringBuilder();
        try (var printer = new CSVPrinter(
                csv, CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get())) {
            printer.printRecords(changed);
        }
        return csv.toString();
    }

    @Test
    void aCellIsFoundByItsRow() throws IOException {
        var file = folder.resolve("t.csv");
        Files.writeString(file, "task,features,test\nmovies,f,86.8\n");
        assertEquals("86.8", TableComparison.cell(file, "movies / f", "test"));
    }
}
