package org.whylm.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.whylm.run.IoFailure;
import org.whylm.run.StrictJson;

/**
 * Reads CSV files, UTF-8, plain or gzipped whatever their name, whose header has the columns {@code label} and {@code text}, in any place; other columns
 * are left out. Whatever is malformed is an error with its line.
 */
final class LabelledCsv {

    private static final List<String> HEADER = List.of("label", "text");
    private static final List<String> TEXT = List.of("text");
    private static final int START = 64;
    private static final int LONGEST_LABEL = 200;
    private static final int SHOWN = 100;
    /** A text of which nothing can be seen: spaces of any kind, control and format characters. */
    private static final Pattern BLANK = Pattern.compile("[\\s\\p{Z}\\p{Cc}\\p{Cf}]*");

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /** One row, with the line of the file on which it begins, from 1. */
    record Row(int line, String label, String text) {

        /** The class that the label is the index of, or else the label. */
        String className(List<String> classes) {
            boolean isIndex = label.matches("\\d{1,4}") && Integer.parseInt(label) < classes.size();
            return isIndex ? classes.get(Integer.parseInt(label)) : label;
        }
    }

    private LabelledCsv() {}

    /** The rows of a file, at least one; a blank text is an error. */
    static List<Row> read(Path file) {
        return withoutBlanks(file, readWithBlanks(file));
    }

    /** The texts of a file that needs no label, at least one; a blank one is an error. */
    static List<String> texts(Path file) {
        return withoutBlanks(file, rows(file, TEXT)).stream().map(Row::text).toList();
    }

    private static List<Row> withoutBlanks(Path file, List<Row> rows) {
        for (var row : rows) {
            if (BLANK.matcher(row.text()).matches()) {
                throw malformed(file, row.line(), "the text is blank; give the row a text or take it out");
            }
        }
        return rows;
    }

    /** The rows of a file, those with a blank text too. */
    static List<Row> readWithBlanks(Path file) {
        return rows(file, HEADER);
    }

    private static List<Row> rows(Path file, List<String> columns) {
        var rows = new ArrayList<Row>();
        var line = 1L;
        try (var parser =
                CSVFormat.DEFAULT.builder().setIgnoreEmptyLines(false).get().parse(new StringReader(text(file)))) {
            var records = parser.iterator();
            var header = records.hasNext() ? records.next().toList() : List.<String>of();
            for (var column : columns) {
                if (Collections.frequency(header, column) != 1) {
                    throw malformed(
                            file,
                            1,
                            "the header must have " + String.join(" and ", columns)
                                    + (columns.size() > 1 ? ", once each" : " once") + "; it is "
                                    + shown(header.toString()) + hint(header, columns));
                }
            }
            line = parser.getCurrentLineNumber() + 1;
            while (records.hasNext()) {
                var row = records.next();
                boolean isEmptyLine = row.size() == 1 && row.get(0).isEmpty();
                if (header.size() == 1 || !isEmptyLine) { // of one column an empty line is a row with a blank text
                    rows.add(row(file, Math.toIntExact(line), row, header, columns));
                }
                line = parser.getCurrentLineNumber() + 1;
            }
        } catch (IOException | UncheckedIOException e) {
            throw malformed(
                    file,
                    line,
                    line == 1
                            ? "no header of a CSV file; it must have " + String.join(" and ", columns)
                            : e.getMessage().contains("EOF")
                                    ? "a quoted field is never closed"
                                    : "something follows a closing double quote");
        }
        if (rows.isEmpty()) {
            throw new DataException(file + ": holds no row after the header");
        }
        return rows;
    }

    /** The distinct labels: integers in numerical order, else in alphabetical order. */
    static List<String> classes(List<Row> rows) {
        var labels = rows.stream().map(Row::label).distinct().sorted().toList();
        Predicate<String> isInteger = label -> label.matches("-?\\d{1,9}");
        return labels.stream().allMatch(isInteger)
                ? labels.stream().sorted(Comparator.comparing(Integer::valueOf)).toList()
                : labels;
    }

    /** Rows as examples; a label is one of the names of the classes. */
    static List<Example> examples(Path file, List<Row> rows, List<String> classes) {
        var labels = new HashMap<String, Integer>();
        classes.forEach(name -> labels.put(name, labels.size()));
        var examples = new ArrayList<Example>(rows.size());
        for (var row : rows) {
            var label = labels.get(row.label());
            if (label == null) {
                throw malformed(
                        file,
                        row.line(),
                        "the label \"" + row.label() + "\" is none of the "
                                + (classes.size() > 20 ? classes.size() + " classes" : "classes " + classes));
            }
            examples.add(new Example(row.text(), label));
        }
        return examples;
    }

    /** A file's content as text; a byte sequence that is not UTF-8 is an error with its line. */
    static String text(Path file) {
        var bytes = ByteBuffer.wrap(bytes(file));
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes)
                    .toString();
            return text.indexOf(BYTE_ORDER_MARK) == 0 ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            var line = 1;
            for (var i = 0; i < bytes.position(); i++) {
                line += bytes.get(i) == '\n' ? 1 : 0;
            }
            boolean isUtf16 = List.of("fffe", "feff").contains(magic(bytes.array()));
            var what = isUtf16 ? "this is UTF-16" : "not UTF-8 at byte " + bytes.position();
            throw malformed(file, line, what + "; save the file as UTF-8");
        }
    }

    static DataException malformed(Path file, long line, String what) {
        return new DataException(file + ", line " + line + ": " + what);
    }

    private static byte[] bytes(Path file) {
        // As text and as rows it takes several times as much again.
        int limit = (int) Math.min(Integer.MAX_VALUE - 64, Runtime.getRuntime().maxMemory() / 8);
        try (var stream = new BufferedInputStream(Files.newInputStream(file))) {
            stream.mark(START);
            var start = stream.readNBytes(START);
            if (StrictJson.isLfsPointer(start)) {
                throw new DataException(file + StrictJson.lfsPointer());
            }
            stream.reset();
            // To the end of all members: what follows the first would otherwise be left out unnoticed where it is
            // damaged.
            var content = magic(start).equals("1f8b") ? new GzipCompressorInputStream(stream, true) : stream;
            var bytes = content.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new DataException(file + ": more than " + limit + " bytes"
                        + (content == stream ? "" : " when unpacked") + ", too many for a heap of "
                        + Runtime.getRuntime().maxMemory() + " bytes (java -Xmx)");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new DataException(file + ": there is no such file", e);
        } catch (EOFException e) {
            throw new DataException(file + ": cannot be read (it is cut off)", e);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read (" + IoFailure.reason(e) + ")", e);
        }
    }

    /** The first two bytes, in hexadecimal. */
    private static String magic(byte[] bytes) {
        return HexFormat.of().formatHex(Arrays.copyOf(bytes, 2));
    }

    private static Row row(Path file, int line, CSVRecord row, List<String> header, List<String> columns) {
        if (row.size() != header.size()) {
            throw malformed(
                    file,
                    line,
                    row.size() + (row.size() == 1 ? " column" : " columns") + " instead of " + String.join(",", header)
                            + "; a text with commas needs double quotes around it");
        }
        var label = columns.contains("label") ? row.get(header.indexOf("label")).strip() : "";
        if (columns.contains("label") && label.isEmpty()) {
            throw malformed(file, line, "the label is empty");
        }
        if (label.length() > LONGEST_LABEL) {
            throw malformed(
                    file,
                    line,
                    "the label has " + label.length() + " characters, \"" + shown(label) + "\": is it the text?");
        }
        return new Row(line, label, row.get(header.indexOf("text")));
    }

    /** What a header most probably is that has not the columns; empty if nothing is likely. */
    private static String hint(List<String> header, List<String> columns) {
        var whole = String.join(",", header);
        if (whole.startsWith("{")) {
            return ": this is JSON; save it as CSV";
        }
        if (whole.startsWith("PK\u0003\u0004")) {
            return ": this is a spreadsheet or a zip file; save it as CSV";
        }
        if (whole.indexOf(0) >= 0) {
            return ": this is UTF-16, or no text; save the file as UTF-8";
        }
        var likely =
                columns.stream().allMatch(name -> whole.toLowerCase(Locale.ROOT).contains(name));
        if (likely && header.size() == 1 && whole.matches(".*[;\t|].*")) {
            return ": separate the columns by commas";
        }
        if (likely
                && !header.containsAll(columns)
                && header.stream()
                        .map(name -> name.strip().toLowerCase(Locale.ROOT))
                        .toList()
                        .containsAll(columns)) {
            return ": write the names in small letters and without spaces, each once";
        }
        return "";
    }

    private static String shown(String text) {
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }
}
