package org.whylm.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user's own CSV files: what is read, and that every kind of malformed row is named with its file and line. */
class FromCsvTest {

    @TempDir
    Path folder;

    private Path train;
    private Path test;

    @BeforeEach
    void files() throws IOException {
        train = folder.resolve("mine.csv");
        test = folder.resolve("held-out.csv");
        Files.writeString(train, "label,text\nham,hello\nspam,buy\n");
        Files.writeString(test, "label,text\nham,hi\n");
    }

    @Test
    void readsQuotesCommasLineBreaksEmptyLinesAndSpaces() throws IOException {
        Files.writeString(
                train,
                "\uFEFFlabel,text\r\n spam ,\"buy \"\"now\"\", or\r\nnever\"\r\n\r\nham, crème brûlée 🍮 \r\nham,a 'quote\" inside");
        assertEquals(
                new TextDataset(
                        "mine",
                        List.of("ham", "spam"),
                        List.of(
                                new Example("buy \"now\", or\r\nnever", 1),
                                new Example(" crème brûlée 🍮 ", 0),
                                new Example("a 'quote\" inside", 0)),
                        List.of(new Example("hi", 0))),
                TextDataset.fromCsv(train, test));
    }

    @Test
    void readsGzip() throws IOException {
        var zipped = folder.resolve("mine.csv.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
            out.write(Files.readAllBytes(train));
        }
        assertEquals(TextDataset.fromCsv(train, test), TextDataset.fromCsv(zipped, test));
        var named = Files.copy(zipped, folder.resolve("named.csv"));
        assertEquals(
                TextDataset.fromCsv(train, test).train(),
                TextDataset.fromCsv(named, test).train());
        var whole = Files.readAllBytes(zipped);
        for (int length : new int[] {20, whole.length - 8, whole.length - 2}) {
            Files.write(zipped, Arrays.copyOf(whole, length));
            assertFails(zipped, test, zipped + ": cannot be read (it is cut off)");
        }
        Files.copy(train, zipped, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(TextDataset.fromCsv(train, test), TextDataset.fromCsv(zipped, test));
        Files.writeString(zipped, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
        var error = assertThrows(DataException.class, () -> TextDataset.fromCsv(zipped, test));
        assertTrue(error.getMessage().startsWith(zipped + " is a Git LFS pointer"), error.getMessage());
    }

    /** What follows the first member of a gzip file is read or refused; Java's own reader leaves out what is damaged. */
    @Test
    void everyMemberOfAGzipFileIsRead() throws IOException {
        var zipped = folder.resolve("mine.csv.gz");
        var members = new ByteArrayOutputStream();
        int second = 0;
        for (var part : List.of("label,text\nham,hello\n", "spam,buy\n")) {
            second = members.size();
            try (var out = new GZIPOutputStream(members)) {
                out.write(part.getBytes(StandardCharsets.UTF_8));
            }
        }
        Files.write(zipped, members.toByteArray());
        assertEquals(TextDataset.fromCsv(train, test), TextDataset.fromCsv(zipped, test));
        for (int at : new int[] {second, second + 1, second + 2}) {
            var damaged = members.toByteArray();
            damaged[at] ^= 4;
            Files.write(zipped, damaged);
            var error = assertThrows(DataException.class, () -> TextDataset.fromCsv(zipped, test));
            assertTrue(error.getMessage().startsWith(zipped + ": cannot be read ("), error.getMessage());
        }
    }

    @Test
    void numbersAreOrderedAsNumbers() throws IOException {
        Files.writeString(train, "label,text\n10,a\n9,b\n-1,c\n");
        Files.writeString(test, "label,text\n9,d\n");
        var dataset = TextDataset.fromCsv(train, test);
        assertEquals(List.of("-1", "9", "10"), dataset.classes());
        assertEquals(List.of(new Example("d", 1)), dataset.test());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "label,words\\nham,a             | 1 | the header must have label and text, once each; it is [label, words]",
                "text,label,text\\na,ham,b      | 1 | the header must have label and text, once each; it is [text, label, text]",
                "id,text,label\\n1,a,ham\\na,spam | 3 | 2 columns instead of id,text,label; a text with commas needs double quotes around it",
                "ham,hello\\nspam,buy            | 1 | the header must have label and text, once each; it is [ham, hello]",
                "label,text\\nham,a\\nspam       | 3 | 1 column instead of label,text; a text with commas needs double quotes around it",
                "label,text\\nham,a\\nham,b,c    | 3 | 3 columns instead of label,text; a text with commas needs double quotes around it",
                "label,text\\n\\nham,\"b\\nc\"\\n,d | 5 | the label is empty",
                "label,text\\nham,a\\nham,\" \"  | 3 | the text is blank; give the row a text or take it out",
                "label,text\\nham,a\\nham,       | 3 | the text is blank; give the row a text or take it out",
                "label,text\\nham,a\\nham,\u00a0\u200b\u200e | 3 | the text is blank; give the row a text or take it out",
                "label;text\\nham;a             | 1 | the header must have label and text, once each; it is [label;text]: separate the columns by commas",
                "Label, Text\\nham,a            | 1 | the header must have label and text, once each; it is [Label,  Text]: write the names in small letters and without spaces, each once",
                "PK\u0003\u0004aaaa                 | 1 | the header must have label and text, once each; it is [PK\u0003\u0004aaaa]: this is a spreadsheet or a zip file; save it as CSV",
                "l\u0000a\u0000b\u0000e\u0000l            | 1 | the header must have label and text, once each; it is [l\u0000a\u0000b\u0000e\u0000l]: this is UTF-16, or no text; save the file as UTF-8",
                "{\"label\": \"a\"}              | 1 | the header must have label and text, once each; it is [{\"label\": \"a\"}]: this is JSON; save it as CSV",
                "{\"label\":\"a\",\"text\":\"b\"}   | 1 | no header of a CSV file; it must have label and text",
            })
    void aMalformedRowIsNamed(String content, int line, String what) throws IOException {
        Files.writeString(train, content.replace("\\n", "\n"));
        assertFails(train, test, train + ", line " + line + ": " + what);
        Files.writeString(train, "label,text\nham,hello\nspam,buy\n");
        Files.writeString(test, content.replace("\\n", "\r\n"));
        assertFails(train, test, test + ", line " + line + ": " + what);
    }

    @Test
    void aTextInPlaceOfALabelIsNamed() throws IOException {
        Files.writeString(train, "label,text\nham,a\n" + "buy now ".repeat(100) + ",spam\n");
        var error = assertThrows(DataException.class, () -> TextDataset.fromCsv(train, test));
        assertTrue(error.getMessage().startsWith(train + ", line 3: the label has 799 characters"), error.getMessage());
        assertTrue(error.getMessage().length() < 400, error.getMessage());
    }

    @Test
    void wrongQuotesAreNamedWithTheLineOnWhichTheRowBegins() throws IOException {
        Files.writeString(train, "label,text\nham,a\nham,\"never\nclosed\n");
        assertFails(train, test, train + ", line 3: a quoted field is never closed");
        Files.writeString(train, "label,text\nham,a\nham,\"closed\" early\n");
        assertFails(train, test, train + ", line 3: something follows a closing double quote");
    }

    @Test
    void badUtf8IsNamedWithLineAndByte() throws IOException {
        Files.write(train, "label,text\nham,é\nham,café\n".getBytes(StandardCharsets.ISO_8859_1));
        assertFails(train, test, train + ", line 2: not UTF-8 at byte 15; save the file as UTF-8");
    }

    @Test
    void aFileOfAnotherUnicodeIsCalledThat() throws IOException {
        for (var charset : List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE)) {
            Files.write(train, "\uFEFFlabel,text\na,b\n".getBytes(charset));
            assertFails(train, test, train + ", line 1: this is UTF-16; save the file as UTF-8");
        }
    }

    @Test
    void missingAndEmptyFilesAreNamed() throws IOException {
        assertFails(folder.resolve("none.csv"), test, folder.resolve("none.csv") + ": there is no such file");
        Files.writeString(train, "label,text\n\n");
        assertFails(train, test, train + ": holds no row after the header");
        Files.writeString(train, "");
        assertFails(train, test, train + ", line 1: the header must have label and text, once each; it is []");
        assertFails(folder, test, folder + ": cannot be read (Is a directory)");
    }

    @Test
    void theClassesAreThoseOfTheTrainingFile() throws IOException {
        Files.writeString(test, "label,text\nham,hi\neggs,hi\n");
        assertFails(train, test, test + ", line 3: the label \"eggs\" is none of the classes [ham, spam]");
        Files.writeString(train, "label,text\nham,hi\nham,ho\n");
        assertFails(train, test, train + ": every row has the label \"ham\"; a task needs two classes or more");
    }

    private static void assertFails(Path train, Path test, String message) {
        var error = assertThrows(DataException.class, () -> TextDataset.fromCsv(train, test));
        assertEquals(message, error.getMessage());
    }
}
