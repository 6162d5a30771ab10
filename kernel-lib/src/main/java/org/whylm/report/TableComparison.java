package org.whylm.report;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVRecord;
import org.whylm.run.Input;
import org.whylm.run.RecordJson;
import org.whylm.statistics.Rule;

/**
 * Result tables against those of the reference run. Rows are matched by their leading text columns. Numbers may differ by
 * the tolerance of their column, but by no more than half of the interval that stands beside them, nor by as much as would turn a
 * verdict; everything else, verdicts too, must be equal.
 */
public final class TableComparison {

    /**
     * How far numbers may be from the reference run: {@code expected/tolerances.json}.
     *
     * @param byDefault largest absolute difference in a column that is not named
     * @param tables largest absolute difference by table and column; {@code *} stands for the table's other columns, and a table's
     *     name may end with it
     * @param factors largest ratio by table and column, for numbers whose size is what matters
     * @param optional tables that a run may lack, since they need data or training of the user's
     */
    public record Tolerances(
            double byDefault,
            Map<String, Map<String, Double>> tables,
            Map<String, Map<String, Double>> factors,
            List<String> optional) {

        /** @throws IllegalArgumentException if the file is malformed */
        public static Tolerances load(Path file) {
            return RecordJson.read(file, Tolerances.class);
        }

        double of(String table, String column) {
            var columns = columns(tables, table);
            return columns.getOrDefault(column, columns.getOrDefault("*", byDefault));
        }

        /** NaN where a column has none. */
        double factor(String table, String column) {
            return columns(factors, table).getOrDefault(column, Double.NaN);
        }

        private static Map<String, Double> columns(Map<String, Map<String, Double>> tables, String table) {
            return tables.keySet().stream()
                    .filter(name -> name.equals(table)
                            || name.endsWith("*") && table.startsWith(name.substring(0, name.length() - 1)))
                    .findFirst()
                    .map(tables::get)
                    .orElse(Map.of());
        }
    }

    /**
     * One table's outcome.
     *
     * @param table its name
     * @param cells how many cells the reference run has
     * @param differences what differs, each named by row and column; empty if the tables agree
     * @param largest the number that differs most of those that may differ; none if all are equal
     */
    public record Outcome(String table, int cells, List<String> differences, Optional<Difference> largest) {

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

    /**
     * A number that is not that of the reference run.
     *
     * @param where table, row and column
     * @param share of what is allowed; more than 1 if it is not
     */
    public record Difference(String where, String expected, String actual, double share) {}

    private static List<String> leadingTextColumns(Csv csv) {
        return csv.columns().stream()
                .takeWhile(column -> csv.rows().stream()
                        .map(row -> row.get(column))
                        .anyMatch(cell -> !cell.isEmpty() && !isNumber(cell)))
                .toList();
    }

    private static final String RULE = "held if";

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
        names.remove(PublishedNumbers.NAME); // no result of a run
        return names.stream()
                .filter(name -> !tolerances.optional().contains(name) || Files.exists(actual.resolve(name + ".csv")))
                .map(name -> compare(name, expected.resolve(name + ".csv"), actual.resolve(name + ".csv"), tolerances))
                .toList();
    }

    /** Names of the tables in a folder, without {@code .csv}, sorted; none if there is no such folder. */
    public static List<String> tables(Path folder) {
        return Input.names(folder, ".csv").stream()
                .filter(name -> !name.contains("."))
                .sorted()
                .toList();
    }

    private static Outcome compare(String name, Path expectedFile, Path actualFile, Tolerances tolerances) {
        if (!Files.exists(actualFile)) {
            return new Outcome(name, 0, List.of("missing: there is no " + actualFile), Optional.empty());
        }
        if (!Files.exists(expectedFile)) {
            return new Outcome(name, 0, List.of("extra: the reference run has no " + expectedFile), Optional.empty());
        }
        var expected = Csv.read(expectedFile);
        var actual = Csv.read(actualFile);
        var differences = new ArrayList<String>();
        if (!expected.columns().equals(actual.columns())) {
            differences.add("columns: expected " + String.join(", ", expected.columns()) + "; got "
                    + String.join(", ", actual.columns()));
            return new Outcome(name, 0, differences, Optional.empty());
        }
        var keys = leadingTextColumns(expected);
        var expectedRows = byKey(expected, keys);
        var actualRows = byKey(actual, keys);
        var all = new ArrayList<Difference>();
        expectedRows.forEach((key, row) -> {
            var other = actualRows.get(key);
            if (other == null) {
                differences.add("row " + key + ": missing");
                return;
            }
            for (var column : expected.columns()) {
                var tolerance = Math.min(
                        tolerances.of(name, column),
                        Math.min(halfInterval(expected.columns(), row, column), turning(row, column)));
                double factor = tolerances.factor(name, column);
                double share = share(row.get(column), other.get(column), tolerance, factor);
                if (share > 0 && isNumber(row.get(column)) && isNumber(other.get(column))) {
                    all.add(new Difference(
                            name + ", " + key + ", " + column, row.get(column), other.get(column), share));
                }
                if (share > 1 + 1e-9) {
                    differences.add("row " + key + ", column " + column + ": expected " + row.get(column) + ", got "
                            + other.get(column) + (tolerance > 0 ? " (tolerance " + tolerance + ")" : ""));
                }
            }
        });
        actualRows.keySet().stream()
                .filter(key -> !expectedRows.containsKey(key))
                .forEach(key -> differences.add("row " + key + ": extra"));
        var largest = all.stream().max(Comparator.comparingDouble(Difference::share));
        return new Outcome(name, expected.rows().size() * expected.columns().size(), differences, largest);
    }

    /** How large a difference is, in shares of what is allowed; of no two numbers none is. */
    private static double share(String expected, String actual, double tolerance, double factor) {
        if (expected.equals(actual)) {
            return 0;
        }
        if (!isNumber(expected) || !isNumber(actual)) {
            return Double.POSITIVE_INFINITY;
        }
        double first = Csv.number(expected), second = Csv.number(actual);
        if (first == second) {
            return 0;
        }
        double share = Math.abs(first - second) / tolerance;
        double ratio = Math.abs(Math.log(first / second)) / Math.log(factor);
        return ratio < share ? ratio : share;
    }

    /** Half the width of the interval that a number has beside it; infinite if it has none. */
    static double halfInterval(List<String> columns, CSVRecord row, String column) {
        for (int first = Math.max(0, columns.indexOf(column) - 2); first <= columns.indexOf(column); first++) {
            if (first + 2 < columns.size()
                    && columns.get(first + 1).endsWith("low")
                    && columns.get(first + 2).endsWith("high")) {
                double width = Csv.number(row.get(first + 2)) - Csv.number(row.get(first + 1));
                return width > 0 ? width / 2 : Double.POSITIVE_INFINITY;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    /** How far the end of an interval that is nearest to the threshold is from it; infinite in a table without verdicts. */
    static double turning(CSVRecord row, String column) {
        boolean isEnd = row.isMapped(RULE) && List.of("low", "high").contains(column) && isNumber(row.get("low"));
        return isEnd
                ? Math.abs(Csv.number(row.get(column)) - Rule.of(row.get(RULE)).threshold())
                : Double.POSITIVE_INFINITY;
    }

    /**
     * A cell of a table, as text; empty if it is missing.
     *
     * @param key the leading text cells of its row, joined by {@code " / "}
     * @throws IllegalArgumentException if there is no such row or column
     */
    static String cell(Path table, String key, String column) {
        var row = row(table, key);
        if (!row.isMapped(column)) {
            throw new IllegalArgumentException("No column " + column + " in " + table);
        }
        return row.get(column);
    }

    /** The same for all cells of the row. */
    static CSVRecord row(Path table, String key) {
        var csv = Csv.read(table);
        var row = byKey(csv, leadingTextColumns(csv)).get(key);
        if (row == null) {
            throw new IllegalArgumentException("No row " + key + " in " + table);
        }
        return row;
    }

    private static boolean isNumber(String cell) {
        return Double.isFinite(Csv.number(cell));
    }

    /** Rows by their leading text columns; a number tells rows apart that these do not. */
    private static Map<String, CSVRecord> byKey(Csv csv, List<String> keys) {
        var rows = new LinkedHashMap<String, CSVRecord>();
        for (var row : csv.rows()) {
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
}
