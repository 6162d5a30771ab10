package org.whylm.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * How a Tablesaw table is shown: numbers one under the other at their decimal point, the best value of a row marked where
 * asked, long tables cut with a count.
 *
 * @param rows how many rows are shown at most
 * @param compared numeric columns among which the best value of each row is marked; none if empty
 * @param notes what is said below the table; none as a rule
 */
public record TableView(Table table, int rows, List<String> compared, Best best, List<String> notes) {

    /** Which of several values is the best. */
    public enum Best {
        /** As of accuracies. */
        LARGEST,
        /** As of losses. */
        SMALLEST
    }

    private static final int ROWS = 50;
    private static final int NAME = 24;
    private static final int DECIMALS = 4;

    /** @throws IllegalArgumentException if a compared column is not in the table or is not numeric */
    public TableView {
        compared = List.copyOf(compared);
        notes = List.copyOf(notes);
        for (var name : compared) {
            if (!table.columnNames().contains(name) || !(table.column(name) instanceof NumericColumn)) {
                throw new IllegalArgumentException("No numeric column " + name + " in the table " + table.name()
                        + ": it has " + String.join(", ", table.columnNames()));
            }
        }
    }

    /** The first 50 rows, nothing marked. */
    public static TableView of(Table table) {
        return new TableView(table, ROWS, List.of(), Best.LARGEST, List.of());
    }

    /** The same view with the largest value of each row marked. */
    public TableView markLargest(String... columns) {
        return new TableView(table, rows, List.of(columns), Best.LARGEST, notes);
    }

    /** The same view with the smallest value of each row marked. */
    public TableView markSmallest(String... columns) {
        return new TableView(table, rows, List.of(columns), Best.SMALLEST, notes);
    }

    /** The same view with these notes below it. */
    TableView noting(List<String> notes) {
        return new TableView(table, rows, compared, best, notes);
    }

    /** A {@code table} element; the first column names the rows if it is text. */
    public String toHtml() {
        var shown = Math.min(rows, table.rowCount());
        var columns =
                table.columns().stream().map(column -> cells(column, shown)).toList();
        var html = new StringBuilder("<table>\n");
        if (table.name() != null && !table.name().isBlank()) {
            html.append("<caption>").append(Html.text(table.name())).append("</caption>\n");
        }
        html.append("<thead><tr>");
        for (var column : table.columns()) {
            html.append("<th scope=\"col\"" + alignment(column) + ">" + Html.text(column.name()) + "</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (int row = 0; row < shown; row++) {
            html.append("<tr>");
            for (int c = 0; c < columns.size(); c++) {
                html.append(cell(c, row, Html.text(columns.get(c).get(row))));
            }
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table>\n");
        for (var note : notes(shown)) {
            html.append("<p class=\"note\">").append(Html.text(note)).append("</p>\n");
        }
        return html.toString();
    }

    /** The same as text in columns, the best values marked {@code *}. */
    @Override
    public String toString() {
        var shown = Math.min(rows, table.rowCount());
        var lines = new ArrayList<>(Collections.nCopies(shown + 1, ""));
        for (var column : table.columns()) {
            var cells = new ArrayList<>(List.of(column.name()));
            var texts = cells(column, shown);
            for (int row = 0; row < shown; row++) {
                cells.add(texts.get(row) + mark(column, row));
            }
            var width = cells.stream().mapToInt(String::length).max().orElse(0);
            for (int line = 0; line < lines.size(); line++) {
                var gap = " ".repeat(width - cells.get(line).length());
                var cell = column instanceof NumericColumn ? gap + cells.get(line) : cells.get(line) + gap;
                lines.set(line, lines.get(line) + (lines.get(line).isEmpty() ? "" : "  ") + cell);
            }
        }
        var text = new StringBuilder(table.name() == null || table.name().isBlank() ? "" : table.name() + "\n");
        lines.forEach(line -> text.append(line.stripTrailing()).append('\n'));
        notes(shown).forEach(note -> text.append(note).append('\n'));
        return text.toString().stripTrailing();
    }

    private String mark(Column<?> column, int row) {
        if (!compared.contains(column.name())) {
            return "";
        }
        return isBest(column, row) ? "*" : " ";
    }

    private List<String> notes(int shown) {
        var all = new ArrayList<String>();
        if (shown < table.rowCount()) {
            all.add(String.format(Locale.ROOT, "%,d of %,d rows shown", shown, table.rowCount()));
        }
        all.addAll(notes);
        return all;
    }

    private String cell(int index, int row, String text) {
        var column = table.column(index);
        if (index == 0 && !(column instanceof NumericColumn)) {
            return "<th scope=\"row\"" + left(text) + ">" + text + "</th>";
        }
        if (isBest(column, row)) {
            return "<td class=\"best\"" + alignment(column) + "><strong>" + text + "</strong></td>";
        }
        return "<td" + (column instanceof NumericColumn ? Html.RIGHT : left(text)) + ">" + text + "</td>";
    }

    private boolean isBest(Column<?> column, int row) {
        if (!compared.contains(column.name()) || column.isMissing(row)) {
            return false;
        }
        var values = compared.stream()
                .map(table::numberColumn)
                .filter(c -> !c.isMissing(row))
                .mapToDouble(c -> c.getDouble(row));
        var extreme = best == Best.LARGEST ? values.max() : values.min();
        return table.numberColumn(column.name()).getDouble(row) == extreme.orElseThrow();
    }

    /** A name stays on one line: {@code movies-fine*} would else be broken at its hyphen. */
    private static String left(String text) {
        return text.length() <= NAME ? Html.LEFT_ONE_LINE : Html.LEFT;
    }

    private static String alignment(Column<?> column) {
        return column instanceof NumericColumn ? Html.RIGHT : Html.LEFT;
    }

    /** Texts of a column: as its own print formatter gives them if it has one, else all with as many decimals as needed. */
    private static List<String> cells(Column<?> column, int rows) {
        if (!(column instanceof NumericColumn<?> numbers) || hasPrintFormatter(numbers, rows)) {
            return IntStream.range(0, rows).mapToObj(column::getString).toList();
        }
        var values = IntStream.range(0, rows)
                .filter(row -> !numbers.isMissing(row))
                .mapToDouble(numbers::getDouble)
                .toArray();
        var decimals = decimals(values);
        return IntStream.range(0, rows)
                .mapToObj(row -> numbers.isMissing(row) ? "" : format(numbers.getDouble(row), decimals))
                .toList();
    }

    private static boolean hasPrintFormatter(NumericColumn<?> column, int rows) {
        var plain = column.type().create("plain");
        IntStream.range(0, rows).forEach(row -> plain.appendObj(column.get(row)));
        return IntStream.range(0, rows).anyMatch(row -> !plain.getString(row).equals(column.getString(row)));
    }

    /** How many decimals show every value exactly, four at most; -1 asks for scientific notation, where four would hide one. */
    private static int decimals(double[] values) {
        for (int decimals = 0; decimals <= DECIMALS; decimals++) {
            var scale = Math.pow(10, decimals);
            if (Arrays.stream(values)
                    .allMatch(value -> !Double.isFinite(value)
                            || Math.abs(value) < 1e9
                                    && Math.abs(value * scale - Math.rint(value * scale)) < 1e-9 * scale)) {
                return decimals;
            }
        }
        boolean hidden = Arrays.stream(values)
                .anyMatch(value ->
                        Double.isFinite(value) && value != 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e9));
        return hidden ? -1 : DECIMALS;
    }

    private static String format(double value, int decimals) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "∞" : "-∞";
        }
        return String.format(Locale.ROOT, decimals < 0 ? "%.3e" : "%." + decimals + "f", value);
    }
}
