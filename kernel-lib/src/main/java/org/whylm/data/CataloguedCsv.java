package org.whylm.data;

import com.google.gson.JsonObject;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.whylm.run.Sha256;

/**
 * A CSV file as the catalog has it. What a user has under its name may be another one: that is no error, but is said.
 *
 * @param file its path below {@code WHYLM_DATA}
 * @param rows how many there are
 * @param sha256 of the file, if it is known
 * @param rowsSha256 of the sorted SHA-256s of the rows, each of its label's index, a tab and the text: the same whatever the order
 *     of the rows and however the file is packed
 * @param rest what only others read
 */
record CataloguedCsv(String file, int rows, Optional<String> sha256, Optional<String> rowsSha256, JsonObject rest) {

    /**
     * How a file differs from it, in words; empty if it does not.
     *
     * @param rowsOfPath its rows, read if they are needed; labels are names of the classes or their indices
     */
    Optional<String> difference(Path path, Supplier<List<LabelledCsv.Row>> rowsOfPath, List<String> classes) {
        if (sha256.isPresent() && sha256(path).equals(sha256.get())) {
            return Optional.empty();
        }
        var found = rowsOfPath.get();
        if (found.size() != rows) {
            return Optional.of(String.format(
                    Locale.ROOT, "%s has %,d rows, the catalogued file %,d", path.getFileName(), found.size(), rows));
        }
        if (sha256.isEmpty()) {
            return Optional.of(
                    path.getFileName() + " could not be compared: the catalog knows how many rows it has, and no hash");
        }
        var same = rowsSha256.filter(digest(found, classes)::equals).isPresent();
        return Optional.of(path.getFileName()
                + (same
                        ? " has the catalogued rows, in another order or packed in another way"
                        : " has as many rows as the catalogued file, but not the same"));
    }

    /** @throws DataException if it cannot be read */
    static String sha256(Path file) {
        try {
            return Sha256.of(file);
        } catch (UncheckedIOException e) {
            throw new DataException(e.getMessage(), e);
        }
    }

    private static String digest(List<LabelledCsv.Row> rows, List<String> classes) {
        return Sha256.of(rows.stream()
                .map(row -> Sha256.of(classes.indexOf(row.className(classes)) + "\t" + row.text()))
                .sorted()
                .collect(Collectors.joining("\n")));
    }
}
