package org.whylm.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.whylm.run.Sha256;
import org.whylm.run.Workspace;

/**
 * The default tasks on the real sentences, and CSV tasks on small files. The expected counts and digests were computed apart
 * from this code, with Python's csv and hashlib, from the files of the package.
 */
class DatasetCatalogTest {

    @TempDir
    Path folder;

    private static DatasetCatalog real() {
        return DatasetCatalog.load(Workspace.current(), Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        movies      | 4072 3994                | 988 987             | 2494e7af920803f00535a922de67f6f2d805edfc6ace161ba9ac0144a305ae92
        movies-fine | 1535 2537 458 2367 1627  | 368 620 104 578 409 | 2c3beb97c53f5c50765e1f209853946c2117be58e99e2bdcef1b15caeb4bf3fc
        products    | 985 1366                 | 231 353             | 7df1592f0030b90dfa9a384de476dc170324b1f5a3286b6f5a56a1c79d9a4117
        source      | 1203 1187 1198 1203      | 297 313 302 297     | ef5d8325e65307aade3d377ac7e384dc41303952fd8344acd5b8a7591124885c
        """)
    void labelsSplitAndOrderAgreeWithPython(String name, String train, String test, String digest) {
        var dataset = real().dataset(name);
        assertEquals(train, counts(dataset.train(), dataset.classes().size()));
        assertEquals(test, counts(dataset.test(), dataset.classes().size()));
        var lines = Stream.concat(dataset.train().stream(), dataset.test().stream())
                .map(example -> example.label() + "\t" + example.text())
                .collect(Collectors.joining("\n"));
        assertEquals(digest, Sha256.of(lines.getBytes(StandardCharsets.UTF_8)));
    }

    /** DESIGN counts 4,982 positive and 5,061 negative rows; two sentences occur twice: a positive and a negative one. */
    @Test
    void moviesHasTheKnownNumbersOfSentences() {
        var movies = real().dataset("movies");
        var examples = new ArrayList<>(movies.train());
        examples.addAll(movies.test());
        assertEquals((5061 - 1) + " " + (4982 - 1), counts(examples, 2));
        assertEquals(List.of("negative", "positive"), movies.classes());
    }

    @Test
    void everyTextOccursOnceAndOnItsSide() {
        for (var name : List.of("movies", "movies-fine", "products", "source")) {
            var dataset = real().dataset(name);
            var seen = new HashSet<String>();
            dataset.train().forEach(example -> {
                assertTrue(seen.add(example.text()));
                assertFalse(HashOrder.inTest(example.text()));
            });
            dataset.test().forEach(example -> {
                assertTrue(seen.add(example.text()));
                assertTrue(HashOrder.inTest(example.text()));
            });
        }
    }

    @Test
    void moviesAndMoviesFineShareTheirSentencesAndLimitsAreNested() {
        var movies = real().dataset("movies");
        var fine = real().dataset("movies-fine");
        var fineTrain = texts(fine.train());
        assertTrue(new HashSet<>(fineTrain).containsAll(texts(movies.train())));
        var small = movies.limit(1500, 600);
        assertTrue(movies.limit(3000, 900).train().containsAll(small.train()));
        var shared = new HashSet<>(texts(small.train()));
        shared.retainAll(texts(fine.limit(1500, 600).train()));
        assertEquals(1422, shared.size(), "as counted with Python");
    }

    @Test
    void everyTaskIsDescribed() {
        var catalog = real();
        assertEquals(
                List.of(
                        "movies",
                        "movies-fine",
                        "products",
                        "source",
                        "sst2",
                        "sst5",
                        "ag_news",
                        "dbpedia",
                        "cr",
                        "mpqa",
                        "imdb"),
                catalog.tasks());
        for (var name : catalog.tasks()) {
            var task = catalog.task(name);
            assertEquals(name, task.name());
            assertTrue(Stream.of(task.title(), task.source(), task.licence(), task.citation(), task.labelRule())
                    .noneMatch(String::isBlank));
            assertTrue(task.prompt().matches(" \\S.*\\S"), "a leading and no trailing space: " + task.prompt());
            assertEquals(name.equals("dbpedia"), task.sha256().isEmpty(), "nobody here has seen the files of dbpedia");
            assertTrue(task.sha256().values().stream().allMatch(hash -> hash.matches("[0-9a-f]{64}")));
            assertTrue(task.words("subset").size() >= 13);
            assertTrue(task.words("classWords").size() >= 2);
            assertEquals(List.of("positive", "negative"), task.words("posNeg"));
            assertTrue(task.classes().size() >= 2);
        }
        assertEquals(List.of(":)", ":("), catalog.task("movies").words("classWords"));
        assertThrows(
                IllegalArgumentException.class, () -> catalog.task("movies").words("subsets"));
        var unknown = assertThrows(IllegalArgumentException.class, () -> catalog.dataset("moveis"));
        assertTrue(unknown.getMessage().contains("movies-fine"));
    }

    @Test
    void boundariesFollowTheLabelRule() throws IOException {
        var ratings = List.of("-4", "-2.01", "-2", "-0.51", "-0.5", "0", "0.5", "0.51", "2", "2.01", "4");
        var rows = IntStream.range(0, ratings.size())
                .mapToObj(i -> i + "\t" + ratings.get(i) + "\tsentence \"" + ratings.get(i))
                .toList();
        var labels = List.of(0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4);
        var fine = workspaceWith("[-4,-2) [-2,-0.5) [-0.5,0.5] (0.5,2] (2,4]", rows)
                .dataset("t");
        var found = Stream.concat(fine.train().stream(), fine.test().stream())
                .collect(Collectors.toMap(Example::text, Example::label));
        for (var i = 0; i < ratings.size(); i++) {
            assertEquals(labels.get(i), found.get("sentence \"" + ratings.get(i)), ratings.get(i));
        }
    }

    @Test
    void ofEqualTextsTheFirstRowStays() throws IOException {
        var dataset = workspaceWith(
                        "[-4,-0.5) (0.5,4]", List.of("1\t2\tboth", "2\t-2\tboth", "3\t1\ttwice", "4\t3\ttwice"))
                .dataset("t");
        assertEquals(
                List.of(new Example("both", 0), new Example("twice", 1)),
                Stream.concat(dataset.train().stream(), dataset.test().stream())
                        .sorted((a, b) -> a.text().compareTo(b.text()))
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "2,no tabs|three columns",
                "2\t0.7|three columns",
                "2\t0.7\ta\tb|three columns",
                "2\t0.7\t |three columns",
                "2\tx\ta|\"x\" is no number",
                "2\tNaN\ta|\"NaN\" is no number",
                "2\t4.1\ta|\"4.1\" is no number from -4 to 4"
            })
    void aMalformedSentenceIsNamed(String row, String what) throws IOException {
        var catalog = workspaceWith("[-4,-0.5) (0.5,4]", List.of("1\t1\tgood", row));
        var error = assertThrows(DataException.class, () -> catalog.dataset("t"));
        assertTrue(error.getMessage().contains("s.txt, line 2: "), error.getMessage());
        assertTrue(error.getMessage().contains(what), error.getMessage());
    }

    @Test
    void aMissingOrAlteredFileAsksForAFetch() throws IOException {
        var catalog = workspaceWith("[-4,-0.5) (0.5,4]", List.of("1\t1\tgood"));
        assertTrue(catalog.available("t"));
        var file = folder.resolve("datasets/downloads/s.txt");
        Files.writeString(file, "1\t1\tworse\r\n");
        var altered = assertThrows(DataException.class, () -> catalog.dataset("t"));
        assertTrue(altered.getMessage().startsWith(file + " is not the catalogued file"), altered.getMessage());
        Files.delete(file);
        assertFalse(catalog.available("t"));
        var missing = assertThrows(DataException.class, () -> catalog.dataset("t"));
        assertEquals(file + " is missing: run `make fetch` or `./whylm fetch`", missing.getMessage());
    }

    @Test
    void csvTasksKeepTheirSplitsAndTakeIndicesOrNames() throws IOException {
        var catalog = DatasetCatalog.load(Workspace.current(), Optional.of(folder));
        assertFalse(catalog.available("sst2"));
        csv("sst2/train.csv", "1,good", "0,bad", "0,bad");
        gz("sst2/test.csv.gz", "positive,fine", "negative,\"poor,\nvery\"");
        assertTrue(catalog.available("sst2"));
        assertEquals(
                new TextDataset(
                        "sst2",
                        List.of("negative", "positive"),
                        List.of(new Example("good", 1), new Example("bad", 0), new Example("bad", 0)),
                        List.of(new Example("fine", 1), new Example("poor,\nvery", 0))),
                catalog.dataset("sst2"));
        csv("sst2/train.csv", "1,good", "2,bad");
        var error = assertThrows(DataException.class, () -> catalog.dataset("sst2"));
        assertEquals(
                folder.resolve("sst2/train.csv")
                        + ", line 3: the label \"2\" is none of the classes [negative, positive]",
                error.getMessage());
    }

    @Test
    void theCataloguedFileNameComesFirst() throws IOException {
        csv("ag_news/train8k.csv", "0,catalogued");
        csv("ag_news/train.csv", "1,own");
        csv("ag_news/test.csv", "3,test");
        var catalog = DatasetCatalog.load(Workspace.current(), Optional.of(folder));
        assertEquals("catalogued", catalog.dataset("ag_news").train().get(0).text());
        Files.delete(folder.resolve("ag_news/train8k.csv"));
        assertEquals("own", catalog.dataset("ag_news").train().get(0).text());
    }

    /** The digest was computed with Python's hashlib, as datasets/prepare.py does. */
    @Test
    void aCsvThatIsNotTheCataloguedOneIsSaid() throws IOException {
        Files.createDirectories(folder.resolve("datasets"));
        Files.writeString(
                folder.resolve("datasets/catalog.json"), """
                    {"assets": {}, "words": {"w": {}}, "tasks": {"t": {%s "words": "w", "classes": ["no", "yes"],
                     "csv": {"all": {"file": "t/all.csv", "rows": 2, "sha256": "%s",
                       "rowsSha256": "e933b1a5520fba461dce160b79ab27781c016526ee1be17a930911f8d6a223a6"}}}}}
                    """.formatted(TASK, Sha256.of("label,text\n0,bad\n1,good\n")));
        var catalog = DatasetCatalog.load(new Workspace(folder), Optional.of(folder));
        csv("t/all.csv", "0,bad", "1,good");
        assertEquals(List.of(), catalog.deviations("t"));
        csv("t/all.csv", "yes,good", "no,bad");
        assertEquals(
                List.of("t: all.csv has the catalogued rows, in another order or packed in another way"),
                catalog.deviations("t"));
        csv("t/all.csv", "1,good", "0,worse");
        assertEquals(
                List.of("t: all.csv has as many rows as the catalogued file, but not the same"),
                catalog.deviations("t"));
        csv("t/all.csv", "1,good");
        assertEquals(List.of("t: all.csv has 1 rows, the catalogued file 2"), catalog.deviations("t"));
        assertEquals(List.of(), real().deviations("movies"));
    }

    @Test
    void aTaskWithoutFixedSplitHasNoTestExamplesAndBlankTextsGoWhereTheCatalogSaysSo() throws IOException {
        csv("cr/all.csv", "0,bad", "1,", "1,good");
        var cr = DatasetCatalog.load(Workspace.current(), Optional.of(folder)).dataset("cr");
        assertEquals(List.of(new Example("bad", 0), new Example("good", 1)), cr.train());
        assertEquals(List.of(), cr.test());
        csv("imdb/train.csv", "0,bad", "1,");
        csv("imdb/test.csv", "0,bad");
        var catalog = DatasetCatalog.load(Workspace.current(), Optional.of(folder));
        var error = assertThrows(DataException.class, () -> catalog.dataset("imdb"));
        assertTrue(error.getMessage().contains("imdb/train.csv, line 3: the text is blank"), error.getMessage());
    }

    @Test
    void aMissingCsvSaysWhereItBelongs() {
        var without = assertThrows(DataException.class, () -> real().dataset("sst2"));
        assertTrue(without.getMessage().contains("set WHYLM_DATA to the folder that holds sst2/train.csv"));
        var with = DatasetCatalog.load(Workspace.current(), Optional.of(folder));
        var error = assertThrows(DataException.class, () -> with.dataset("cr"));
        assertTrue(error.getMessage().startsWith(folder.resolve("cr/all.csv") + " (or .csv.gz) is missing"));
    }

    @Test
    void anUnreadableCatalogIsNamed() throws IOException {
        Files.createDirectories(folder.resolve("datasets"));
        Files.writeString(folder.resolve("datasets/catalog.json"), "{\"tasks\": [");
        var error =
                assertThrows(DataException.class, () -> DatasetCatalog.load(new Workspace(folder), Optional.empty()));
        assertTrue(error.getMessage().startsWith(folder.resolve("datasets/catalog.json") + ": not a readable catalog"));
        assertNotEquals(null, error.getCause());
    }

    private static final String ASSET =
            "{\"archive\": \"x\", \"licence\": \"l\", \"citation\": \"c\", \"files\": [{\"path\": \"s.txt\","
                    + " \"sha256\": \"" + "0".repeat(64) + "\"}]}";
    private static final String TASK = "\"title\": \"t\", \"labelRule\": \"r\", \"prompt\": \"\", ";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"words\": \"w\"} | the task t needs either \"sentences\"",
                "{\"words\": \"w\", \"asset\": \"b\", \"sentences\": {}} | the task t needs either \"sentences\"",
                "{\"words\": \"v\", \"asset\": \"a\", \"sentences\": {}} | the word lists \"v\"; there are [w]"
            })
    void anIncompleteTaskIsNamed(String task, String what) throws IOException {
        Files.createDirectories(folder.resolve("datasets"));
        Files.writeString(
                folder.resolve("datasets/catalog.json"),
                "{\"assets\": {\"a\": " + ASSET + "}, \"words\": {\"w\": {}}, \"tasks\": {\"t\": {" + TASK
                        + task.substring(1) + "}}");
        var workspace = new Workspace(folder);
        var error = assertThrows(DataException.class, () -> DatasetCatalog.load(workspace, Optional.empty()));
        assertTrue(error.getMessage().contains(what), error.getMessage());
    }

    /** A catalog with one task {@code t} on a file of the given rows, a class for each interval. */
    private DatasetCatalog workspaceWith(String intervals, List<String> rows) throws IOException {
        var content = String.join("\r\n", rows);
        Files.createDirectories(folder.resolve("datasets/downloads"));
        Files.writeString(folder.resolve("datasets/downloads/s.txt"), content);
        var classes = Stream.of(intervals.split(" "))
                .map(interval -> "\"%s\": {\"file\": \"s.txt\", \"rating\": \"%s\"}".formatted(interval, interval))
                .collect(Collectors.joining(", "));
        Files.writeString(folder.resolve("datasets/catalog.json"), """
            {"assets": {"a": %s}, "words": {"w": {}},
             "tasks": {"t": {%s "asset": "a", "words": "w", "sentences": {%s}}}}
            """.formatted(
                ASSET.replace("0".repeat(64), Sha256.of(content.getBytes(StandardCharsets.UTF_8))), TASK, classes));
        return DatasetCatalog.load(new Workspace(folder), Optional.empty());
    }

    private void csv(String path, String... rows) throws IOException {
        var file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "label,text\n" + String.join("\n", rows) + "\n");
    }

    private void gz(String path, String... rows) throws IOException {
        var file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(("label,text\n" + String.join("\n", rows) + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static List<String> texts(List<Example> examples) {
        return examples.stream().map(Example::text).toList();
    }

    private static String counts(List<Example> examples, int classes) {
        return IntStream.range(0, classes)
                .mapToObj(label -> String.valueOf(examples.stream()
                        .filter(example -> example.label() == label)
                        .count()))
                .collect(Collectors.joining(" "));
    }
}
