package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.EngineThreads;

@ExtendWith(EngineThreads.class)
class PaddedTest {

    @Test
    void statesAreThoseOfOneThread() {
        var random = new Random(2);
        try (var model = LanguageModels.load("src/test/resources/fixtures/tiny-gpt2")) {
            var readings = readings(random, model.vocabularySize());
            JniUtils.setNumThreads(1);
            var one = model.hiddenStates(readings);
            var oneBehind = model.statesAfter(List.of(0, 1, 2), readings);
            for (int threads : new int[] {2, 3, 4, 6}) {
                JniUtils.setNumThreads(threads);
                assertStates(one, model.hiddenStates(readings));
                var behind = model.statesAfter(List.of(0, 1, 2), readings);
                for (int block = 0; block < 3; block++) {
                    assertStates(oneBehind.get(block), behind.get(block));
                }
            }
        }
    }

    /** 2,000 tokens in texts of 1 to 40, which are read at up to three places. */
    private static List<Reading> readings(Random random, int vocabulary) {
        return IntStream.range(0, 100)
                .mapToObj(text -> {
                    int length = 1 + random.nextInt(40);
                    var positions = random.ints(text % 4, 0, length).toArray();
                    return new Reading(random.ints(length, 0, vocabulary).toArray(), positions);
                })
                .toList();
    }

    /** Texts of all lengths, in any order, go through a network in parts; each is read as if it were alone. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tiny-gpt2",
                "tiny-llama-tied",
                "families/gptneox.gguf",
                "families/gptneox-sequential.gguf",
                "families/qwen3.gguf",
                "families/gemma3.gguf"
            })
    void manyTextsAreReadAsEachAlone(String name) {
        JniUtils.setNumThreads(3);
        var random = new Random(3);
        try (var model = LanguageModels.load("src/test/resources/fixtures/" + name)) {
            int half = model.blocks() / 2;
            var readings = readings(random, model.vocabularySize());
            var together = model.hiddenStates(readings);
            var after = model.statesAfter(List.of(model.blocks(), half), readings);
            var whole = readings.stream()
                    .map(reading -> Reading.everywhere(reading.ids()))
                    .toList();
            var from = model.hiddenStatesFrom(
                    half,
                    model.statesAfter(List.of(half), whole).get(0),
                    readings.stream().map(Reading::positions).toList());
            assertStates(together, from);
            for (int text = 0; text < readings.size(); text++) {
                var one = List.of(readings.get(text));
                var everywhere = model.hiddenStates(List.of(whole.get(text))).get(0);
                int at = 0;
                for (int position : readings.get(text).positions()) {
                    assertArrayEquals(everywhere[position], together.get(text)[at++], 1e-4f);
                }
                assertStates(model.hiddenStates(one), together.subList(text, text + 1));
                assertStates(
                        model.statesAfter(List.of(half), one).get(0),
                        after.get(1).subList(text, text + 1));
                assertStates(
                        model.statesAfter(List.of(model.blocks()), one).get(0),
                        after.get(0).subList(text, text + 1));
            }
        }
    }

    /** Texts longer than a part, and than the positions that a rotation begins with, among short ones. */
    @Test
    void longTextsAmongShortOnes(@TempDir Path folder) throws IOException {
        var fixture = Path.of("src/test/resources/fixtures/tiny-llama-tied");
        try (var files = Files.list(fixture)) {
            for (var file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        var config = folder.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replaceFirst("\"max_position_embeddings\": \\d+", "\"max_position_embeddings\": 4096"));
        JniUtils.setNumThreads(2);
        var random = new Random(5);
        try (var model = LanguageModels.load(folder.toString());
                var other = LanguageModels.load(folder.toString())) {
            var readings = IntStream.of(1500, 10, 600, 30, 300, 20, 250, 40)
                    .mapToObj(length -> Reading.atLast(
                            random.ints(length, 0, model.vocabularySize()).toArray()))
                    .toList();
            var together = model.hiddenStates(readings);
            for (int text = 0; text < readings.size(); text++) {
                assertStates(other.hiddenStates(readings.subList(text, text + 1)), together.subList(text, text + 1));
            }
        }
    }

    @Test
    void aWrongTextIsFoundAmongMany() {
        try (var model = LanguageModels.load("src/test/resources/fixtures/tiny-gpt2")) {
            var readings = new ArrayList<>(readings(new Random(6), model.vocabularySize()));
            readings.add(7, Reading.atLast(new int[] {1, model.vocabularySize(), 2}));
            var word = assertThrows(IllegalArgumentException.class, () -> model.hiddenStates(readings));
            assertTrue(word.getMessage().startsWith("Token id " + model.vocabularySize() + " at position 1 "));
            readings.set(7, Reading.atLast(new int[model.maximumLength() + 1]));
            var length = assertThrows(IllegalArgumentException.class, () -> model.statesAfter(List.of(0), readings));
            assertTrue(length.getMessage().contains("truncate it"));
        }
    }

    private static void assertStates(List<float[][]> expected, List<float[][]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int text = 0; text < expected.size(); text++) {
            assertEquals(expected.get(text).length, actual.get(text).length);
            for (int row = 0; row < expected.get(text).length; row++) {
                assertArrayEquals(expected.get(text)[row], actual.get(text)[row], 1e-4f);
            }
        }
    }
}
