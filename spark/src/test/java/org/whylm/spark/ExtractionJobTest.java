package org.whylm.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureStore;
import org.whylm.lm.LanguageModels;

/** Stores made by a job against those that the local extractor makes, byte by byte. */
class ExtractionJobTest {

    private static final String PROMPT = " This movie is";
    private static final ExtractionJob.Reading PROMPTED = new ExtractionJob.Reading(PROMPT, List.of());
    private static final List<String> TEXTS = Stores.texts(800);

    @TempDir
    private Path folder;

    private JavaSparkContext spark;

    @AfterEach
    void stop() {
        if (spark != null) {
            spark.close();
        }
    }

    private void start(String master, String... settings) {
        var conf = new SparkConf()
                .setMaster(master)
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.hadoop.fs.flaky.impl", FlakyFileSystem.class.getName());
        for (int i = 0; i < settings.length; i += 2) {
            conf.set(settings[i], settings[i + 1]);
        }
        spark = new JavaSparkContext(conf);
    }

    private ExtractionJob.Outcome run(String store, int partitions) {
        return run(store, partitions, TEXTS, PROMPTED);
    }

    private ExtractionJob.Outcome run(String store, int partitions, List<String> texts, ExtractionJob.Reading reading) {
        return new ExtractionJob(spark, store, 1, partitions)
                .run(List.of(ModelSource.of(Stores.TINY.toString())), texts, reading);
    }

    private Map<String, String> local() {
        return Stores.local(folder.resolve("local"), Stores.TINY.toString(), TEXTS, PROMPT);
    }

    @Test
    void anyNumberOfPartitionsGivesTheFilesOfTheLocalExtractor() {
        var expected = local();
        assertTrue(expected.size() >= 6, "several shards with and without the prompt");
        start("local[2]");
        for (int partitions : new int[] {0, 1, 2}) {
            var store = folder.resolve("spark-" + partitions);
            run(store.toString(), partitions);
            assertEquals(expected, Stores.content(store), partitions + " partitions");
        }
    }

    @Test
    void prefixesAreThoseOfTheLocalExtractor() {
        try (var model = LanguageModels.load(Stores.TINY.toString())) {
            new FeatureExtractor(model, new FeatureStore(folder.resolve("local")), FeatureExtractor.TRUNCATION)
                    .prefixes(TEXTS, 1, 4, 512);
        }
        start("local[2]");
        run(folder.resolve("spark").toString(), 0, TEXTS, new ExtractionJob.Reading("", List.of(1, 4, 512)));
        assertEquals(Stores.content(folder.resolve("local")), Stores.content(folder.resolve("spark")));
    }

    @Test
    void aJobThatIsStartedAgainComputesWhatIsNotCommitted() throws Exception {
        start("local[2]");
        var store = folder.resolve("spark");
        var first = run(store.toString(), 0);
        var expected = Stores.content(store);
        assertEquals(0, first.kept());

        var marks = Stores.all(store, "shard-*");
        Files.delete(marks.get(1));
        var segments = Stores.all(store, "*.features");
        var damaged = segments.get(segments.size() - 1);
        var bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 2] ^= 1;
        Files.write(damaged, bytes);

        var second = run(store.toString(), 0);
        assertEquals(expected, Stores.content(store));
        assertTrue(second.computed() >= 1 && second.computed() <= 2, second.toString());
        assertEquals(marks.size(), second.computed() + second.kept());
        assertEquals(new ExtractionJob.Outcome(0, marks.size(), 0), run(store.toString(), 0));
    }

    @Test
    void aStoreThatHasSomeOfTheTextsIsCompleted() {
        start("local[2]");
        var store = folder.resolve("spark");
        run(store.toString(), 0, TEXTS.subList(0, 300), PROMPTED);
        var before = Stores.content(store);
        run(store.toString(), 0);
        assertTrue(Stores.content(store).entrySet().containsAll(before.entrySet()));
        try (var model = LanguageModels.load(Stores.TINY.toString())) {
            var extractor = new FeatureExtractor(model, new FeatureStore(store), FeatureExtractor.TRUNCATION);
            var after = Stores.content(store);
            extractor.features(TEXTS, PROMPT);
            assertEquals(after, Stores.content(store), "a notebook finds everything there");
        }
    }

    @Test
    void aTaskThatFailsTwiceIsTriedAgain() throws Exception {
        start("local[2,4]");
        var store = folder.resolve("spark");
        run(store.toString(), 0);
        var expected = Stores.content(store);
        for (int partitions : new int[] {0, 1}) {
            for (var file : Stores.all(store, "{shard-*,*.features}")) {
                Files.delete(file);
            }
            // The plan is there, so that the writes that fail are those of tasks; of one task, if there is but one.
            FlakyFileSystem.FAILURES.set(2);
            run("flaky://" + store, partitions);
            assertEquals(0, FlakyFileSystem.FAILURES.get());
            assertEquals(expected, Stores.content(store));
            assertEquals(List.of(), Stores.all(store, ".partial"));
        }
    }

    @Test
    void whatIsDamagedIsNotTakenForCommitted() throws Exception {
        start("local[2]");
        var store = folder.resolve("spark");
        run(store.toString(), 0);
        var expected = Stores.content(store);
        var marks = Stores.all(store, "shard-*");
        Files.delete(Stores.all(store, "*.features").get(0));
        for (var mark : List.of("", "../../other.features\n", Files.readString(marks.get(1)))) {
            Files.writeString(marks.get(0), mark);
            assertTrue(run(store.toString(), 0).computed() >= 1, mark);
            assertEquals(expected, Stores.content(store));
        }

        var plan = Stores.all(store, "plan.tsv").get(0);
        for (var damaged : List.of("", "shard\tbatch\n", Files.readString(plan).replaceFirst("\n0\t0", "\n0\t1"))) {
            Files.writeString(plan, damaged);
            assertEquals(0, run(store.toString(), 0).computed(), "every feature is there");
            assertEquals(expected, Stores.content(store));
            Files.createDirectories(plan.getParent());
        }
    }

    @Test
    void anotherModelUnderTheSamePathIsRefused() {
        start("local[1]");
        var source = new ModelSource(Stores.TINY.toString(), "0".repeat(64));
        var failure = assertThrows(IllegalStateException.class, () -> source.load(spark.hadoopConfiguration()));
        assertTrue(failure.getMessage().contains("0".repeat(64)), failure.getMessage());
    }

    @Test
    void severalModelsAreOneJob() throws Exception {
        start("local[2]", "spark.speculation", "true");
        var second = Stores.TINY.resolveSibling("tiny-llama-tied");
        var store = folder.resolve("spark");
        new ExtractionJob(spark, store.toUri().toString(), 1, 0)
                .run(
                        List.of(
                                ModelSource.of(Stores.TINY.toString()),
                                ModelSource.of(second.toUri().toString())),
                        TEXTS.subList(0, 300),
                        PROMPTED);
        Stores.local(folder.resolve("local"), Stores.TINY.toString(), TEXTS.subList(0, 300), PROMPT);
        assertEquals(
                Stores.local(folder.resolve("local"), second.toString(), TEXTS.subList(0, 300), PROMPT),
                Stores.content(store));
        assertEquals(2, Stores.all(store, "plan.tsv").size());
    }
}
