package org.whylm.report;

import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.whylm.run.AtomicFile;
import org.whylm.run.Provenance;
import org.whylm.run.RecordJson;
import org.whylm.run.Workspace;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A table of results under the name of its file. Its CSV is the same, byte for byte, whenever the numbers are: columns in
 * their order, numbers to six significant digits, missing cells empty.
 *
 * @param name of the file, without {@code .csv}: lower-case letters, digits and hyphens
 * @param view the table and how it is shown
 * @param beside further files: from what they hold, such as {@code predictions}, to their text; {@code NAME.predictions.csv}
 */
public record ResultTable(String name, TableView view, Map<String, String> beside) {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*");
    private static final MathContext DIGITS = new MathContext(6);
    private static final int ROWS_OF_A_PAGE = 200;

    /** What a CSV file does not say: how the table is shown. */
    private record Look(String title, List<String> compared, String best, Optional<List<String>> notes) {}

    /** @throws IllegalArgumentException if the name is not of that form */
    public ResultTable {
        requireName(name);
    }

    /** A table whose first 50 rows are shown, nothing marked. */
    public static ResultTable of(String name, Table table) {
        return new ResultTable(name, TableView.of(table), Map.of());
    }

    /** The same table with the largest value of each row marked. */
    public ResultTable markLargest(String... columns) {
        return new ResultTable(name, view.markLargest(columns), beside);
    }

    /** The same table with these notes below it. */
    ResultTable noting(List<String> notes) {
        return new ResultTable(name, view.noting(notes), beside);
    }

    /** The same table with a CSV file of what it was computed from beside it. */
    public ResultTable beside(String what, String csv) {
        return new ResultTable(name, view, Map.of(what, csv));
    }

    /** The table as CSV, with a line of column names. */
    public String toCsv() {
        var table = view.table();
        var lines = new ArrayList<List<String>>();
        lines.add(table.columnNames());
        for (int i = 0; i < table.rowCount(); i++) {
            int row = i;
            lines.add(table.columns().stream().map(column -> cell(column, row)).toList());
        }
        return Csv.text(lines);
    }

    /** Writes {@code build/tables/PROFILE/NAME.csv}, with its provenance and its look beside it. */
    Path write(Provenance provenance, Workspace workspace) {
        var file = workspace.results("tables", provenance.profile()).resolve(name + ".csv");
        AtomicFile.write(file, toCsv());
        RecordJson.write(
                lookOf(file),
                new Look(
                        view.table().name(),
                        view.compared(),
                        view.best().name().toLowerCase(Locale.ROOT),
                        Optional.of(view.notes())));
        beside.forEach((what, csv) -> AtomicFile.write(file.resolveSibling(name + "." + what + ".csv"), csv));
        provenance.write(file);
        return file;
    }

    /**
     * A table that {@link #write} left, as it was shown; a column of numbers only is numeric.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    static ResultTable read(Path file) {
        var look = RecordJson.read(lookOf(file), Look.class);
        var csv = Csv.read(file);
        var table = Table.create(look.title());
        for (var column : csv.columns()) {
            table.addColumns(column(
                    column, csv.rows().stream().map(row -> row.get(column)).toList()));
        }
        var view = new TableView(
                table,
                ROWS_OF_A_PAGE,
                look.compared(),
                TableView.Best.valueOf(look.best().toUpperCase(Locale.ROOT)),
                look.notes().orElse(List.of()));
        return new ResultTable(file.getFileName().toString().replaceFirst("\\.csv$", ""), view, Map.of());
    }

    private static Path lookOf(Path csv) {
        return csv.resolveSibling(csv.getFileName().toString().replaceFirst("\\.csv$", ".look.json"));
    }

    private static Column<?> column(String name, List<String> cells) {
        try {
            return DoubleColumn.create(
                    name, cells.stream().mapToDouble(cell -> cell.isEmpty() ? Double.NaN : Double.parseDouble(cell)));
        } catch (NumberFormatException e) {
            return StringColumn.create(name, cells);
        }
    }

    @Override
    public String toString() {
        return view.toString();
    }

    static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "The name \"" + name + "\" is not of lower-case letters, digits and hyphens");
        }
        return name;
    }

    private static String cell(Column<?> column, int row) {
        if (column.isMissing(row)) {
            return "";
        }
        if (!(column instanceof NumericColumn<?> numbers)) {
            return column.getUnformattedString(row);
        }
        var value = numbers.getDouble(row);
        if (!Double.isFinite(value)) {
            return String.valueOf(value);
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return String.valueOf((long) value);
        }
        var rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
        var size = Math.abs(value);
        return size >= 1e-5 && size < 1e9 ? rounded.toPlainString() : rounded.toString();
    }
}
