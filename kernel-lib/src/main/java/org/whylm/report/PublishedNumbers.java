package org.whylm.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVRecord;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.run.Sha256;
import org.whylm.run.Workspace;

/**
 * Numbers that someone copied from a publication, beside those of a run. None is part of this project: they come from a CSV file with the columns
 * {@code table,row,column,value,source}, where a row is named by its leading text cells, joined by {@code " / "}.
 */
public final class PublishedNumbers {

    /** Name of the table and figure. */
    static final String NAME = "published";

    private static final List<String> COLUMNS = List.of("table", "row", "column", "value", "source");
    private static final double MARGIN = 0.05;

    /** @param ours NaN if the run has no such number */
    private record Number(String table, String row, String column, double value, String source, double ours) {

        String cell() {
            return table + ", " + row + ", " + column;
        }
    }

    private final Profile profile;
    private final Path file;
    private final List<Number> numbers;

    private PublishedNumbers(Profile profile, Path file, List<Number> numbers) {
        this.profile = profile;
        this.file = file;
        this.numbers = numbers;
    }

    /**
     * Reads a file, and the numbers of a run that are in its place.
     *
     * @param profile of the run
     * @throws IllegalArgumentException if a column is missing, a value is no number, or a number is there twice; the message names file
     *     and row
     */
    public static PublishedNumbers read(Path file, Workspace workspace, Profile profile) {
        var tables = workspace.results("tables", profile.name());
        var numbers = new ArrayList<Number>();
        var seen = new HashSet<String>();
        var csv = Csv.read(file);
        var missing = COLUMNS.stream()
                .filter(column -> !csv.columns().contains(column))
                .toList();
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(file + ": no column " + String.join(", ", missing) + "; the columns are "
                    + String.join(",", COLUMNS));
        }
        for (var row : csv.rows()) {
            var number = number(file, row, tables);
            if (!seen.add(number.cell())) {
                throw malformed(file, row, number.cell() + " is there twice");
            }
            numbers.add(number);
        }
        if (numbers.isEmpty()) {
            throw new IllegalArgumentException(file + " holds no number");
        }
        return new PublishedNumbers(profile, file, numbers);
    }

    private static Number number(Path file, CSVRecord row, Path tables) {
        var table = row.get("table");
        try {
            ResultTable.requireName(table);
        } catch (IllegalArgumentException e) {
            throw malformed(file, row, e.getMessage());
        }
        double value = Csv.number(row.get("value"));
        if (!Double.isFinite(value)) {
            throw malformed(file, row, "the value \"" + row.get("value") + "\" is no number");
        }
        return new Number(
                table,
                row.get("row"),
                row.get("column"),
                value,
                row.get("source"),
                ours(tables.resolve(table + ".csv"), row.get("row"), row.get("column")));
    }

    private static IllegalArgumentException malformed(Path file, CSVRecord row, String problem) {
        return new IllegalArgumentException(file + ", row " + row.getRecordNumber() + ": " + problem);
    }

    private static double ours(Path table, String row, String column) {
        try {
            return Files.isRegularFile(table) ? Csv.number(TableComparison.cell(table, row, column)) : Double.NaN;
        } catch (IllegalArgumentException e) {
            return Double.NaN; // no such row or column: said in the note
        }
    }

    /** A row a number: ours, the published one, ours less that one, and where it was published. */
    public ResultTable table() {
        var absent = numbers.stream()
                .filter(number -> Double.isNaN(number.ours()))
                .map(Number::cell)
                .toList();
        return Columns.of(numbers)
                .text("table", Number::table)
                .text("row", Number::row)
                .text("column", Number::column)
                .number("ours", 3, Number::ours)
                .number("published", 3, Number::value)
                .number("difference", 3, number -> number.ours() - number.value())
                .text("source", Number::source)
                .table(NAME, "Beside published numbers")
                .noting(
                        absent.isEmpty()
                                ? List.of()
                                : List.of("This run has no such number: " + String.join("; ", absent) + "."));
    }

    /** Both numbers on a line, those of a table under its name. */
    public Figure figure() {
        var rows = numbers.stream()
                .map(number -> {
                    var both = Stream.of(mark("published", number.value()), mark("ours", number.ours()));
                    var marks = both.filter(mark -> !Double.isNaN(mark.value())).toList();
                    return new ForestPlot.Row(number.table(), number.row() + ", " + number.column(), marks, Double.NaN);
                })
                .toList();
        var all = numbers.stream()
                .flatMapToDouble(number -> DoubleStream.of(number.value(), number.ours()))
                .filter(Double::isFinite)
                .summaryStatistics();
        double margin = Math.max(MARGIN * (all.getMax() - all.getMin()), MARGIN);
        double low = all.getMin() - margin, high = all.getMax() + margin;
        return new Figure(NAME, new ForestPlot("Beside published numbers", "as in the table", rows, low, high).chart());
    }

    private static ForestPlot.Mark mark(String series, double value) {
        return new ForestPlot.Mark(series, value, value, value);
    }

    /**
     * Writes both under {@code build/tables/PROFILE} and {@code build/figures/PROFILE}.
     *
     * @return the files
     */
    public List<Path> write(Workspace workspace) {
        var provenance =
                Provenance.start(profile).withDataset(file.getFileName().toString(), Sha256.of(file));
        return List.of(table().write(provenance, workspace), figure().write(provenance, workspace));
    }
}
