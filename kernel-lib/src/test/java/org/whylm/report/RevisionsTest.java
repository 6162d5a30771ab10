package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.data.Example;
import org.whylm.data.TaskSize;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureKind;
import org.whylm.lm.FakeHub;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.ModelCatalog;
import org.whylm.lm.ModelFetchException;
import org.whylm.probe.QualityProbe;
import org.whylm.report.Revisions.RevisionsSettings;

/** Revisions made here: a tiny GPT-2, and that with ever more of its parameters replaced by noise. */
class RevisionsTest {

    private static final Path TINY = Path.of("src/test/resources/fixtures/tiny-gpt2");
    private static final List<String> STEPS = List.of("step0", "step1", "step512", "step143000");

    @TempDir
    Path folder;

    @BeforeEach
    void make() throws IOException {
        for (int step = 0; step < STEPS.size(); step++) {
            var revision = Files.createDirectories(folder.resolve("tiny").resolve(STEPS.get(step)));
            for (var name : List.of("config.json", "tokenizer.json")) {
                Files.copy(TINY.resolve(name), revision.resolve(name));
            }
            var weights = ByteBuffer.wrap(Files.readAllBytes(TINY.resolve("model.safetensors")))
                    .order(ByteOrder.LITTLE_ENDIAN);
            var random = new Random(step);
            double noise = 0.02 * (STEPS.size() - 1 - step);
            for (int at = 8 + (int) weights.getLong(0); at < weights.capacity(); at += Float.BYTES) {
                weights.putFloat(at, (float) (weights.getFloat(at) + noise * random.nextGaussian()));
            }
            Files.write(revision.resolve("model.safetensors"), weights.array());
        }
        System.setProperty("whylm.hub.cache", folder.resolve("cache").toString());
    }

    @AfterEach
    void restore() {
        System.clearProperty("whylm.hub.cache");
        System.clearProperty("whylm.hub.endpoint");
    }

    private static TextDataset data() {
        return new TextDataset("test", List.of("bad", "good"), examples(30, 0), examples(12, 1000));
    }

    private static List<Example> examples(int n, int offset) {
        return IntStream.range(offset, offset + n)
                .mapToObj(i -> new Example(i % 2 == 0 ? "a bad movie " + i : "what a good movie " + i, i % 2))
                .toList();
    }

    private Revisions revisions(String model) {
        var settings = new RevisionsSettings(model, STEPS, new TaskSize("test", 30, 12), 6);
        return new Revisions(settings, data(), folder.resolve("store"));
    }

    private static void assertAlike(ModelFamily expected, ModelFamily actual) {
        assertArrayEquals(expected.excess(), actual.excess());
        for (var features : expected.features()) {
            assertArrayEquals(expected.downstreamLoss(features), actual.downstreamLoss(features));
        }
    }

    @Test
    void everyRevisionIsMeasuredOnceByItself() throws IOException {
        var model = folder.resolve("tiny").toString();
        var used = new ArrayList<String>();
        var family = revisions(model).family((name, sha256) -> used.add(name));
        assertEquals(STEPS.stream().map(step -> model + " at " + step).toList(), used);
        for (var quality : family.models()) {
            try (var one = LanguageModels.load(model + "/" + quality.model())) {
                var probe = QualityProbe.of(data(), data().limit(0, 6), one);
                var f = one.hiddenStates(probe.readings());
                assertEquals(
                        probe.crossEntropy(
                                one,
                                one.statesAfter(List.of(one.blocks()), probe.readings())
                                        .get(0)),
                        quality.pretrainingLoss(),
                        1e-6);
                assertEquals(42, f.size());
                assertEquals(
                        List.of(new FeatureKind.ConditionalMean().label(), "f"),
                        List.copyOf(quality.downstream().keySet()));
            }
        }
        for (var step : STEPS) {
            Files.delete(folder.resolve("tiny").resolve(step).resolve("model.safetensors"));
        }
        assertAlike(family, revisions(model).family((name, sha256) -> {}));
    }

    @Test
    void weightsOfTheHubAreOnDiskOneRevisionAtATimeAndARunGoesOn() throws Exception {
        FakeHub.assumeClient();
        var expected = revisions(folder.resolve("tiny").toString()).family((name, sha256) -> {});
        try (var hub = new FakeHub()) {
            System.setProperty("whylm.hub.endpoint", hub.address());
            for (var step : STEPS.subList(0, 3)) {
                hub.revision("org/tiny", step, folder.resolve("tiny").resolve(step));
            }
            ModelCatalog.load().fetch("hub:org/tiny@step1"); // a user's own
            var error = assertThrows(
                    ModelFetchException.class, () -> revisions("hub:org/tiny").family((name, sha256) -> {}));
            assertTrue(error.getMessage().contains("no revision step143000"), error.getMessage());
            hub.revision("org/tiny", "step143000", folder.resolve("tiny/step143000"));
            int before = hub.requests().size();
            assertAlike(expected, revisions("hub:org/tiny").family((name, sha256) -> {}));
            var since = hub.requests().subList(before, hub.requests().size());
            assertTrue(since.stream().allMatch(request -> request.contains("step143000")), since.toString());
            for (var step : STEPS) {
                assertEquals(step.equals("step1"), ModelCatalog.load().available("hub:org/tiny@" + step), step);
            }
            try (var files = Files.walk(folder.resolve("cache"))) {
                long size = Files.size(TINY.resolve("model.safetensors"));
                long weights = files.filter(file -> file.getParent().endsWith("blobs"))
                        .filter(file -> file.toFile().length() == size)
                        .count();
                assertEquals(1, weights, "only the user's own");
            }
        }
    }
}
