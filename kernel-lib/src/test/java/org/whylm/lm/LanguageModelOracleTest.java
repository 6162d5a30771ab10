package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Oracle: hidden states and read-outs that Hugging Face transformers computed from the same weights (float64 read-out). */
class LanguageModelOracleTest {

    private static final Path RESOURCES = Path.of("src", "test", "resources");
    private static final Path FIXTURES = RESOURCES.resolve("fixtures");

    /**
     * Its {@code reference.json} was made by a model whose rotary frequencies had been rounded to BF16 with the weights;
     * {@code from_pretrained} of transformers 5 keeps them in F32, as this library does. {@code from-pretrained.json} is what
     * that gives for the same cases.
     */
    private static final String ROUNDED_ROTARY = "tiny-llama-untied-bf16-sharded";

    record Case(
            String text,
            String prompt,
            int[] ids,
            float[] f,
            @SerializedName("log_partition") float logPartition,
            @SerializedName("phi_p") float[] conditionalMean,
            @SerializedName("mean_cross_entropy") double meanCrossEntropy) {}

    static Stream<Arguments> tinyModels() {
        var directories = Stream.of(
                Arguments.of("tiny-gpt2", "tiny-gpt2/reference.json"),
                Arguments.of("tiny-llama-tied", "tiny-llama-tied/reference.json"),
                Arguments.of(ROUNDED_ROTARY, ROUNDED_ROTARY + "/from-pretrained.json"));
        var files = Stream.of("f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "q5_0", "q5_1")
                .map(type -> "tiny-llama-gguf/" + type)
                .map(name -> Arguments.of(name + ".gguf", name + ".reference.json"));
        return Stream.concat(directories, files);
    }

    @ParameterizedTest
    @MethodSource("tinyModels")
    void tinyModelAgreesWithTransformers(String model, String reference) throws IOException {
        try (var loaded = LanguageModels.load(FIXTURES.resolve(model).toString())) {
            agrees(loaded, cases(FIXTURES.resolve(reference)), 1e-4f, 1e-4f);
        }
    }

    @Test
    void roundedRotaryFrequenciesMoveTheReferenceLittle() throws IOException {
        try (var loaded = LanguageModels.load(FIXTURES.resolve(ROUNDED_ROTARY).toString())) {
            agrees(loaded, cases(FIXTURES.resolve(ROUNDED_ROTARY).resolve("reference.json")), 5e-4f, 1e-4f);
        }
    }

    @Test
    void smolLm2AgreesWithTransformers() throws IOException {
        try (var loaded = LanguageModels.load("smollm2")) {
            agrees(loaded, cases(RESOURCES.resolve("reference/smollm2-135m-q4_1.json")), 2e-3f, 1e-4f);
        }
    }

    static void agrees(LanguageModel model, List<Case> cases, float tolerance, float meanTolerance) {
        assertFalse(cases.isEmpty());
        var readings = new ArrayList<Reading>();
        for (var expected : cases) {
            int[] ids = model.tokenizer().encode(expected.text(), expected.prompt());
            assertArrayEquals(expected.ids(), ids, expected.text());
            readings.add(Reading.everywhere(ids));
        }
        // Together, and so padded where their lengths differ: padding does not reach the states that are read.
        var batch = model.hiddenStates(readings);
        for (int index = 0; index < cases.size(); index++) {
            var expected = cases.get(index);
            var states = batch.get(index);
            var f = states[states.length - 1];
            assertArrayEquals(expected.f(), f, tolerance, "f of: " + expected.text());
            var prediction = model.outputEmbeddings().predict(new float[][] {f});
            assertEquals(expected.logPartition(), prediction.logPartition()[0], tolerance, expected.text());
            assertArrayEquals(
                    expected.conditionalMean(), prediction.conditionalMean()[0], meanTolerance, expected.text());
            assertEquals(expected.meanCrossEntropy(), meanCrossEntropy(model, states, expected.ids()), tolerance);
        }
    }

    private static double meanCrossEntropy(LanguageModel model, float[][] states, int[] ids) {
        var next = Arrays.copyOfRange(ids, 1, ids.length);
        var log = model.outputEmbeddings().logProbabilities(Arrays.copyOf(states, next.length), next);
        return -IntStream.range(0, next.length)
                .mapToDouble(i -> log[i])
                .average()
                .orElseThrow();
    }

    static List<Case> cases(Path file) throws IOException {
        JsonElement json = JsonParser.parseString(Files.readString(file));
        JsonArray array = json instanceof JsonObject object ? object.getAsJsonArray("cases") : json.getAsJsonArray();
        var gson = new Gson();
        return array.asList().stream()
                .map(each -> gson.fromJson(each, Case.class))
                .toList();
    }
}
