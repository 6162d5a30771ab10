package org.whylm.report;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.whylm.run.IoFailure;

/**
 * A CSV file with a line of column names.
 *
 * @param columns their names
 * @param rows each of as many cells
 */
public record Csv(List<String> columns, List<CSVRecord> rows) {

    /**
     * Reads a file.
     *
     * @throws UncheckedIOException if it cannot be read
     * @throws IllegalArgumentException if a row has too many or too few cells; the message names file and row
     */
    static Csv read(Path file) {
        var format = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        var csv = IoFailure.unless("Cannot read " + file, () -> {
            try (var parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
                return new Csv(parser.getHeaderNames(), parser.getRecords());
            }
        });
        for (var row : csv.rows) {
            if (!row.isConsistent()) {
                throw new IllegalArgumentException(file + ", row " + row.getRecordNumber() + ": " + row.size()
                        + " cells under " + csv.columns.size() + " columns");
            }
        }
        return csv;
    }

    /** The number that a cell is; NaN if it is none. */
    static double number(String cell) {
        try {
            return Double.parseDouble(cell);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** Lines of cells as text. */
    public static String text(List<? extends List<?>> lines) {
        var text = new StringBuilder();
        var format = CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get();
        return IoFailure.unless("Cannot write CSV", () -> {
            for (var line : lines) {
                format.printRecord(text, line.toArray());
            }
            return text.toString();
        });
    }
}
