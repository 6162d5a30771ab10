package org.whylm.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
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
        try (var parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
            var csv = new Csv(parser.getHeaderNames(), parser.getRecords());
            for (var row : csv.rows) {
                if (!row.isConsistent()) {
                    throw new IllegalArgumentException(file + ", row " + row.getRecordNumber() + ": " + row.size()
                            + " cells under " + csv.columns.size() + " columns");
                }
            }
            return csv;
        } catch (IOException e) {
            throw new IoFailure("Cannot read " + file, e);
        }
    }

    /** Lines of cells as text. */
    public static String text(List<? extends List<?>> lines) {
        var text = new StringBuilder();
        try (var printer = new CSVPrinter(
                text, CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get())) {
            for (var line : lines) {
                printer.printRecord(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
