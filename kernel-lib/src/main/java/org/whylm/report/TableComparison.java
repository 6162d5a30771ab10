package org.whylm.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.whylm.run.IoFailure;
import org.whylm.run.RecordJson;

/**
 * Result tables against those of the reference run. Rows are matched by their leading text columns. Numbers may differ by
 * the tolerance of their column; everything else must be equal.
 */
public final class TableComparison {

    /**
     * How far numbers may be from the reference run: {@code expected/tolerances.json}.
     *
     * @param byDefault largest absolute difference in a column that is not named
     * @param tables largest absolute difference by table and column; {@code *} stands for the table's other columns
     * @param optional tables that a run may lack, since they need data or training of the user's
     */
    public record Tolerances(double byDefault, Map<String, Map<String, Double>> tables, List<String> optional) {

        /** @throws IllegalArgumentException if the file is malformed */
        public static Tolerances load(Path file) {
            return RecordJson.read(file, Tolerances.class);
        }

        double of(String table, String column) {
            var columns = tables.getOrDefault(table, Map.of());
            return columns.getOrDefault(column, columns.getOrDefault("*", byDefault));
        }
    }

    /**
     * One table's outcome.
     *
     * @param table its name
     * @param cells how many cells the reference run has
     * @param differences what differs, each named by row and column; empty if the tables agree
     */
    public record Outcome(String table, int cells, List<String> differences) {

        public boolean agrees() {
            return differences.isEmpty();
        }

        /** One line. */
        @Override
        public String toString() {
            if (agrees()) {
                return "same     " + table + " (" + cells + " cells)";
            }
            var others = differences.size() - 1;
            return "differs  " + table + ": " + differences.get(0) + (others > 0 ? "; and " + others + " more" : "");
        }
    }

    private record Grid(List<String> columns, List<CSVRecord> rows) {

        List<String> leadingTextColumns() {
            return columns.stream()
                    .takeWhile(column -> rows.stream()
                            .map(row -> row.get(column))
                            .anyMatch(cell -> !cell.isEmpty() && !isNumber(cell)))
                    .toList();
        }
    }

    private TableComparison() {}

    /**
     * Compares every table of two folders; a table in one of them only is a difference, unless it is optional and was not run.
     *
     * @return one outcome a table, by name
     * @throws UncheckedIOException if a file cannot be read
     */
    public static List<Outcome> compareAll(Path expected, Path actual, Tolerances tolerances) {
        var names = new TreeSet<>(tables(expected));
        names.addAll(tables(actual));
        return names.stream()
                .filter(name -> !tolerances.optional().contains(name) || Files.exists(actual.resolve(name + ".csv")))
                .map(name -> compare(name, expected.resolve(name + ".csv"), actual.resolve(name + ".csv"), tolerances))
                .toList();
    }

    /** Names of the tables in a folder, without {@code .csv}, sorted; none if there is no such folder. */
    public static List<String> tables(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".csv"))
                    .map(name -> name.substring(0, name.length() - ".csv".length()))
                    .filter(name -> !name.contains("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new IoFailure("Cannot list " + folder, e);
        }
    }

    private static Outcome compare(String name, Path expectedFile, Path actualFile, Tolerances tolerances) {
        if (!Files.exists(actualFile)) {
            return new Outcome(name, 0, List.of("missing: there is no " + actualFile));
        }
        if (!Files.exists(expectedFile)) {
            return new Outcome(name, 0, List.of("extra: the reference run has no " + expectedFile));
        }
        var expected = read(expectedFile);
        var actual = read(actualFile);
        var differences = new ArrayList<String>();
        if (!expected.columns().equals(actual.columns())) {
            differences.add("columns: expected " + String.join(", ", expected.columns()) + "; got "
                    + String.join(", ", actual.columns()));
            return new Outcome(name, 0, differences);
        }
        var keys = expected.leadingTextColumns();
        var expectedRows = byKey(expected, keys);
        var actualRows = byKey(actual, keys);
        expectedRows.forEach((key, row) -> {
            var other = actualRows.get(key);
            if (other == null) {
                differences.add("row " + key + ": missing");
                return;
            }
            for (var column : expected.columns()) {
                var tolerance = tolerances.of(name, column);
                if (!agree(row.get(column), other.get(column), tolerance)) {
                    differences.add("row " + key + ", column " + column + ": expected " + row.get(column) + ", got "
                            + other.get(column) + (tolerance > 0 ? " (tolerance " + tolerance + ")" : ""));
                }
            }
        });
        actualRows.keySet().stream()
                .filter(key -> !expectedRows.containsKey(key))
                .forEach(key -> differences.add("row " + key + ": extra"));
        return new Outcome(name, expected.rows().size() * expected.columns().size(), differences);
    }

    private static boolean agree(String expected, String actual, double tolerance) {
        if (expected.equals(actual)) {
            return true;
        }
        if (!isNumber(expected) || !isNumber(actual)) {
            return false;
        }
        var difference = Math.abs(Double.parseDouble(expected) - Double.parseDouble(actual));
        return difference <= tolerance * (1 + 1e-9);
    }

    private static boolean isNumber(String cell) {
        try {
            return Double.isFinite(Double.parseDouble(cell));
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** Rows by their leading text columns; a number tells rows apart that these do not. */
    private static Map<String, CSVRecord> byKey(Grid grid, List<String> keys) {
        var rows = new LinkedHashMap<String, CSVRecord>();
        for (var row : grid.rows()) {
            var key = keys.isEmpty()
                    ? String.valueOf(row.getRecordNumber())
                    : keys.stream().map(row::get).collect(Collectors.joining(" / "));
            var unique = key;
            for (int i = 2; rows.containsKey(unique); i++) {
                unique = key + " #" + i;
            }
            rows.put(unique, row);
        }
        return rows;
    }

    private static Grid read(Path file) {
        var format = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        try (var parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
            var grid = new Grid(parser.getHeaderNames(), parser.getRecords());
            for (var row : grid.rows()) {
                if (!row.isConsistent()) {
                    throw new IllegalArgumentException(file + ", row " + row.getRecordNumber() + ": " + row.size()
                            + " cells under " + grid.columns().size() + " columns");
                }
            }
            return grid;
        } catch (IOException e) {
            throw new IoFailure("Cannot read " + file, e);
        }
    }
}
