package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.run.Workspace;

/**
 * The families, in the settings that their members differ in. Oracle: hidden states and read-outs of Hugging Face transformers;
 * {@code families/make.py} says how those models and files were made.
 */
class FamiliesTest {

    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures");
    private static final Path FAMILIES = FIXTURES.resolve("families");

    @TempDir
    Path folder;

    static Stream<Path> directories() throws IOException {
        var tiny = Stream.of(
                        "tiny-gpt-neox",
                        "tiny-gpt-neox-sequential",
                        "tiny-qwen2",
                        "tiny-qwen3",
                        "tiny-mistral-window",
                        "tiny-gemma3",
                        "tiny-llama3-rope")
                .map(FIXTURES::resolve);
        try (var files = Files.list(FAMILIES)) {
            return Stream.concat(tiny, files.filter(Files::isDirectory).sorted().toList().stream());
        }
    }

    static Stream<Path> files() throws IOException {
        try (var files = Files.list(FAMILIES)) {
            return files.filter(file -> file.toString().endsWith(".gguf")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("directories")
    void aDirectoryAgreesWithTransformers(Path directory) throws IOException {
        agrees(copy(directory), directory.resolve("reference.json"), 1e-4f);
    }

    @ParameterizedTest
    @MethodSource("files")
    void aGgufFileAgreesWithTheModelItWasMadeOf(Path file) throws IOException {
        agrees(file, FAMILIES.resolve(file.getFileName().toString().replace(".gguf", ".reference.json")), 1e-4f);
    }

    /** A real model, where {@code ./whylm fetch gemma-3-270m} has brought the file. */
    @Test
    void gemmaAgreesWithTransformers() throws IOException {
        var file = Workspace.current().downloads().resolve("models/gemma-3-270m-q4_k_m.gguf");
        assumeTrue(Files.exists(file), "gemma-3-270m is fetched only by those who accept its terms");
        agrees(file, FIXTURES.resolveSibling("reference").resolve("gemma3-270m-q4_k_m.json"), 2e-3f);
    }

    private static void agrees(Path model, Path reference, float tolerance) throws IOException {
        try (var loaded = LanguageModels.load(model.toString())) {
            LanguageModelOracleTest.agrees(loaded, LanguageModelOracleTest.cases(reference), tolerance, 1e-4f);
        }
    }

    /** The form of published files says the same as that of transformers 5. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-gpt-neox", "tiny-qwen3", "tiny-llama3-rope"})
    void bothFormsOfAConfigurationGiveTheSameNumbers(String name) throws IOException {
        var published = copy(FIXTURES.resolve(name));
        Files.write(
                published.resolve("config.json"),
                Files.readAllBytes(FIXTURES.resolve(name).resolve("config-published-form.json")));
        try (var one = LanguageModels.load(copy(FIXTURES.resolve(name)).toString());
                var other = LanguageModels.load(published.toString())) {
            var reading = List.of(Reading.everywhere(one.tokenizer()
                    .encode("A film of many words, each of which is read at its own place in the text.")));
            assertArrayEquals(
                    one.hiddenStates(reading).get(0),
                    other.hiddenStates(reading).get(0));
        }
    }

    /** A text of one token more than the window is where the window is first seen. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-mistral-window", "tiny-gemma3"})
    void theWindowIsAsLongAsItSays(String name) throws IOException {
        int window = 8;
        var wide = copy(FIXTURES.resolve(name));
        edit(wide, "sliding_window", "64");
        try (var model = LanguageModels.load(copy(FIXTURES.resolve(name)).toString());
                var other = LanguageModels.load(wide.toString())) {
            var ids = model.tokenizer().encode("A gorgeous, witty, seductive movie.");
            var reading = List.of(Reading.everywhere(ids));
            var f = model.hiddenStates(reading).get(0);
            var g = other.hiddenStates(reading).get(0);
            for (int position = 0; position < ids.length; position++) {
                boolean same = Arrays.equals(f[position], g[position]);
                assertEquals(position < window, same, "position " + position);
            }
        }
    }

    /** A wrong number never: what is not implemented is refused by its key. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "tiny-gpt-neox; hidden_act; \"relu\"",
                "tiny-gpt-neox; num_attention_heads; 5",
                "tiny-gpt-neox; rope_theta; 20000.0",
                "tiny-gpt-neox; rope_scaling; {\"rope_type\": \"dynamic\", \"factor\": 2.0}",
                "tiny-gpt-neox; rope_parameters; {\"partial_rotary_factor\": 1.5}",
                "tiny-qwen2; hidden_act; \"quick_gelu\"",
                "tiny-qwen2; num_key_value_heads; 3",
                "tiny-qwen2; layer_types; [\"full_attention\"]",
                "tiny-qwen2; layer_types; [\"full_attention\", \"full_attention\", \"full_attention\", \"sliding_attention\"]",
                "tiny-qwen2; layer_types; [\"full_attention\", \"full_attention\", \"full_attention\", \"linear_attention\"]",
                "tiny-qwen2; layer_types; [1, 2, 3, 4]",
                "tiny-qwen2; rope_parameters; {\"full_attention\": {\"rope_theta\": 5.0}}",
                "tiny-qwen2; attn_logit_softcapping; 50.0",
                "tiny-qwen3; num_experts; 8",
                "tiny-qwen3; rope_scaling; {\"rope_type\": \"yarn\", \"factor\": 4.0}",
                "tiny-qwen3; rope_scaling; {\"type\": \"linear\", \"factor\": 4.0}",
                "tiny-mistral-window; sliding_window; 0",
                "tiny-mistral-window; layer_types; [\"full_attention\"]",
                "tiny-gemma3; final_logit_softcapping; 30.0",
                "tiny-gemma3; attn_logit_softcapping; 50.0",
                "tiny-gemma3; use_bidirectional_attention; true",
                "tiny-gemma3; hidden_activation; \"relu\"",
                "tiny-gemma3; hidden_act; \"silu\"",
                "tiny-gemma3; query_pre_attn_scalar; 0",
                "tiny-gemma3; rope_parameters; {\"rope_theta\": 10000.0, \"rope_type\": \"default\"}",
                "tiny-gemma3; rope_scaling; {\"rope_type\": \"linear\", \"factor\": 8.0}",
                "tiny-llama3-rope; rope_parameters; {\"rope_type\": \"longrope\"}",
                "tiny-llama3-rope; rope_parameters; {\"rope_type\": \"llama3\", \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0}",
                "tiny-llama3-rope; rope_parameters; {\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 4.0, \"high_freq_factor\": 1.0}",
                "tiny-llama3-rope; residual_multiplier; 0.5"
            })
    void whatIsNotImplementedIsRefusedByItsKey(String name, String key, String value) throws IOException {
        var model = copy(FIXTURES.resolve(name));
        edit(model, key, value);
        var error = assertThrows(UnsupportedModelException.class, () -> LanguageModels.load(model.toString()));
        assertTrue(error.getMessage().contains(model.resolve("config.json").toString()), error.getMessage());
        boolean named = error.getMessage().contains(key)
                || key.equals("num_key_value_heads") && error.getMessage().contains("heads of keys");
        assertTrue(named, error.getMessage());
    }

    /** A value that would switch a thing off is no reason to pass where the thing is what we compute. */
    @ParameterizedTest
    @CsvSource({"gpt2, gpt2", "gptneox, gptneox", "qwen3, qwen3"})
    void aModelThatIsNotCausalIsRefused(String name, String architecture) throws IOException {
        var sound = Files.readAllBytes(FAMILIES.resolve(name + ".gguf"));
        var header = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(16, header.getLong(16) + 2);
        var out = new ByteArrayOutputStream();
        out.write(sound, 0, 24);
        out.write(flag(architecture + ".attention.causal", 0));
        int filled = out.size() - 24 + flag("x", 0).length;
        out.write(flag("x" + "x".repeat((32 - filled % 32) % 32), 0)); // keeps the data aligned
        out.write(sound, 24, sound.length - 24);
        var file = Files.write(folder.resolve("model.gguf"), out.toByteArray());
        var error = assertThrows(UnsupportedModelException.class, () -> LanguageModels.load(file.toString()));
        assertTrue(error.getMessage().contains(".attention.causal' is false"), error.getMessage());
    }

    private static byte[] flag(String key, int value) {
        var utf8 = key.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + utf8.length + Integer.BYTES + 1)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(utf8.length)
                .put(utf8)
                .putInt(7)
                .put((byte) value)
                .array();
    }

    @Test
    void otherArchitecturesAreNamed() throws IOException {
        var model = copy(FIXTURES.resolve("tiny-qwen3"));
        edit(model, "model_type", "\"qwen3_moe\"");
        var error = assertThrows(UnsupportedModelException.class, () -> LanguageModels.load(model.toString()));
        assertTrue(error.getMessage().contains("architecture 'qwen3_moe'"), error.getMessage());
        assertTrue(error.getMessage().contains("Gemma 3"), error.getMessage());
    }

    /** A part that a model has and its configuration does not say, or the other way round, is no wrong number. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "tiny-qwen2; model_type; \"llama\"; tensors that the architecture does not use",
                "tiny-qwen3; model_type; \"qwen2\"; no tensor",
                "tiny-mistral-window; tie_word_embeddings; true; is not the input embeddings",
                "families/llama-biases; attention_bias; false; tensors that the architecture does not use",
                "families/gpt-neox-tied; attention_bias; true; no tensor",
                "tiny-gemma3; tie_word_embeddings; false; no tensor"
            })
    void tensorsAreAllReadAndNoneIsMissing(String name, String key, String value, String problem) throws IOException {
        var model = copy(FIXTURES.resolve(name));
        edit(model, key, value);
        var error = assertThrows(UnsupportedModelException.class, () -> LanguageModels.load(model.toString()));
        assertTrue(
                error.getMessage().contains(problem) || error.getMessage().contains("config.json"), error.getMessage());
    }

    /** With the tokenizer, which is the same for all. */
    private Path copy(Path fixture) {
        try {
            var copy = Files.createTempDirectory(folder, "model");
            for (var name : List.of("config.json", "model.safetensors")) {
                Files.copy(fixture.resolve(name), copy.resolve(name));
            }
            Files.copy(FIXTURES.resolve("tiny-gpt2/tokenizer.json"), copy.resolve("tokenizer.json"));
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void edit(Path model, String key, String value) throws IOException {
        var file = model.resolve("config.json");
        var json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        json.add(key, JsonParser.parseString(value));
        Files.writeString(file, new GsonBuilder().serializeNulls().create().toJson(json));
    }
}
