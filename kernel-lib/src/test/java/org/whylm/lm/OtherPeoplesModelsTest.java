package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.lm.weights.Safetensors;
import org.whylm.lm.weights.SafetensorsWriter;

/** Models as people have them: other layouts are read as their own libraries read them; what is not implemented is refused by its name. */
class OtherPeoplesModelsTest {

    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final String TEXT = "The movie is charming and funny from start to end.";
    private static final String PROMPT = " This movie is";

    private record Expected(int[] ids, float[] f, float log_partition, float[] phi_p) {}

    @TempDir
    Path folder;

    /** Oracle: Hugging Face transformers; a tokenizer that puts a space before a text, and a matrix in IQ4_NL. */
    @ParameterizedTest
    @CsvSource({"tiny-llama-prepend, tiny-llama-prepend/reference.json", "tiny-iq4nl.gguf, tiny-iq4nl.reference.json"})
    void aTextAndItsPromptAreReadAsOneText(String name, String reference) throws IOException {
        var expected = new Gson().fromJson(Files.readString(FIXTURES.resolve(reference)), Expected.class);
        try (var model = LanguageModels.load(FIXTURES.resolve(name).toString())) {
            assertArrayEquals(expected.ids(), model.tokenizer().encode(TEXT, PROMPT));
            var reading = model.reading(TEXT, PROMPT, 512);
            assertArrayEquals(expected.ids(), reading.ids());
            assertArrayEquals(model.tokenizer().encode(TEXT), Arrays.copyOf(reading.ids(), reading.positions()[0] + 1));
            var f = model.hiddenStates(List.of(Reading.atLast(reading.ids()))).get(0);
            assertArrayEquals(expected.f(), f[0], 1e-5f);
            var prediction = model.outputEmbeddings().predict(f);
            assertEquals(expected.log_partition(), prediction.logPartition()[0], 1e-4);
            assertArrayEquals(expected.phi_p(), prediction.conditionalMean()[0], 1e-5f);
        }
    }

    /** Where the text's last token would become another one, the prompt's ids are those after any text. */
    @Test
    void aPromptThatWouldChangeTheTextIsAContinuation() {
        try (var model = LanguageModels.load(FIXTURES.resolve("tiny-gpt2").toString())) {
            var tokenizer = model.tokenizer();
            var word = java.util.stream.IntStream.range(0, tokenizer.size())
                    .mapToObj(tokenizer::token)
                    .filter(token -> token.matches("[a-z]{3,}"))
                    .findFirst()
                    .orElseThrow();
            assertEquals(1, tokenizer.encode(word).length);
            var rest = word.substring(1);
            assertArrayEquals(tokenizer.encode(rest), tokenizer.encodeAfter(word.substring(0, 1), rest));
            assertArrayEquals(new int[0], tokenizer.encodeAfter("t", ""));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "layer_norm_epsilon; \"\"",
                "layer_norm_epsilon; {}",
                "layer_norm_epsilon; -1e5",
                "n_head; 7",
                "n_head; 4.5",
                "n_head; true",
                "n_layer; 0",
                "n_positions; 99999999999",
                "vocab_size; \"600\"",
                "tie_word_embeddings; \"true\"",
                "tie_word_embeddings; 1",
                "activation_function; \"relu\"",
                "activation_function; 3",
                "model_type; [\"gpt2\"]",
                "add_cross_attention; true",
                "scale_attn_by_inverse_layer_idx; true",
                "sliding_window; 16",
                "final_logit_softcapping; 30.0",
                "attn_logit_softcapping; 50",
                "num_local_experts; 4",
                "rope_scaling; {\"factor\": 2}",
                "logit_scale; 0.5",
                "embedding_multiplier; 12.0",
                "quantization_config; {\"bits\": 4}",
                "layer_types; [\"full_attention\"]",
                "attention_bias; true",
                "rotary_pct; 0.25",
                "num_hidden_layers; 2",
                "num_attention_heads; 2",
                "hidden_size; 32",
                "max_position_embeddings; 32",
                "tie_word_embeddings; null",
                "activation_function; null",
                "layer_norm_epsilon; null"
            })
    void aSettingThatIsSenselessOrNotImplementedIsRefusedByItsName(String key, String value) throws IOException {
        var model = copy("tiny-gpt2");
        edit(model.resolve("config.json"), json -> json.add(key, JsonParser.parseString(value)));
        assertRefused(model, "config.json: '" + key + "'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "rope_theta; 0",
                "rope_theta; -1",
                "num_key_value_heads; 3",
                "head_dim; 5",
                "hidden_act; \"relu\"",
                "max_position_embeddings; 0",
                "rope_scaling; {\"factor\": 4.0}",
                "rope_scaling; {\"rope_type\": \"llama3\", \"factor\": 8.0}",
                "rope_scaling; 4",
                "rope_parameters; {\"rope_theta\": 10000.0, \"partial_rotary_factor\": 0.5}",
                "rms_norm_eps; 1e999",
                "rms_norm_eps; null",
                "hidden_act; null"
            })
    void theSameOfALlama(String key, String value) throws IOException {
        var model = copy("tiny-llama-tied");
        var text = Files.readString(model.resolve("config.json")).strip();
        var other = JsonParser.parseString(text).getAsJsonObject();
        other.remove(key);
        var rest = other.toString();
        Files.writeString(
                model.resolve("config.json"), rest.substring(0, rest.length() - 1) + ",\"" + key + "\":" + value + "}");
        assertRefused(model, "config.json");
    }

    @Test
    void aKeyThatIsThereTwiceIsRefused() throws IOException {
        var model = copy("tiny-gpt2");
        var text = Files.readString(model.resolve("config.json")).strip();
        Files.writeString(model.resolve("config.json"), text.substring(0, text.length() - 1) + ", \"n_head\": 2}");
        assertRefused(model, "\"n_head\" appears twice");
    }

    @Test
    void whatChangesNothingIsNoReasonToRefuse() throws IOException {
        var model = copy("tiny-gpt2");
        edit(model.resolve("config.json"), json -> {
            json.addProperty("sliding_window", (Integer) null);
            json.addProperty("num_experts", 0);
            json.addProperty("logit_scale", 1.0);
            json.addProperty("transformers_version", "9.0");
            json.addProperty("unsloth_fixed", true);
        });
        LanguageModels.load(model.toString()).close();
    }

    /** A long context costs nothing before it is read, and gives the same states. */
    @Test
    void aContextOfAMillionTokensLoads() throws IOException {
        var model = copy("tiny-llama-tied");
        edit(model.resolve("config.json"), json -> json.addProperty("max_position_embeddings", Integer.MAX_VALUE));
        try (var huge = LanguageModels.load(model.toString());
                var usual =
                        LanguageModels.load(FIXTURES.resolve("tiny-llama-tied").toString())) {
            assertArrayEquals(usual.f(TEXT), huge.f(TEXT));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama.rope.scale_linear", "llama.rope.scaling.factor", "llama.attention.sliding_window",
                        "llama.expert_count",
                "llama.attn_logit_softcapping", "llama.final_logit_softcapping", "llama.logit_scale",
                        "llama.rope.scaling.attn_factor",
                "llama.attention.clamp_kqv", "llama.some_new_norm"
            })
    void metadataOfAGgufFileThatIsNotImplementedIsRefusedByItsName(String key) throws IOException {
        assertRefused(withMetadata(number(key, 4)), "'" + key + "' is 4.0");
    }

    @ParameterizedTest
    @CsvSource({
        "llama.attention.layer_norm_rms_epsilon, NaN",
        "llama.attention.layer_norm_rms_epsilon, -1",
        "llama.attention.layer_norm_rms_epsilon, Infinity",
        "llama.rope.freq_base, 0",
        "llama.rope.freq_base, -10000",
        "llama.rope.freq_base, Infinity"
    })
    void numbersOfAGgufFileAreSensible(String key, float value) throws IOException {
        var bytes = Files.readAllBytes(FIXTURES.resolve("tiny-llama-gguf/f32.gguf"));
        int at = indexOf(bytes, key) + key.length() + Integer.BYTES;
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(at, value);
        assertRefused(Files.write(folder.resolve("model.gguf"), bytes), "'" + key + "' is ");
    }

    /** The rows that a size was rounded up by, here probable ones, have no text; all else is as it was. */
    @Test
    void moreRowsThanTokensAndMoreTokensThanRowsBothWork() throws IOException {
        var padded = copy("tiny-gpt2");
        padRows(padded, 620);
        edit(padded.resolve("config.json"), json -> json.addProperty("vocab_size", 620));
        try (var model = LanguageModels.load(padded.toString());
                var usual = LanguageModels.load(FIXTURES.resolve("tiny-gpt2").toString())) {
            assertEquals(620, model.vocabularySize());
            assertArrayEquals(usual.f(TEXT), model.f(TEXT));
            assertEquals("", model.tokenizer().token(619));
            assertThrows(
                    IndexOutOfBoundsException.class, () -> model.tokenizer().token(620));
            assertTrue(model.tokenizer().has(599));
            assertFalse(model.tokenizer().has(600));
        }
        var more = copy("tiny-gpt2");
        edit(more.resolve("tokenizer.json"), json -> {
            var pad = json.getAsJsonArray("added_tokens").get(0).deepCopy().getAsJsonObject();
            pad.addProperty("id", 600);
            pad.addProperty("content", "[PAD]");
            json.getAsJsonArray("added_tokens").add(pad);
        });
        try (var model = LanguageModels.load(more.toString())) {
            assertArrayEquals(new int[] {600}, model.tokenizer().encode("[PAD]"));
            assertFalse(model.tokenizer().has(600), "the model has no row for it");
            var problem = assertThrows(IllegalArgumentException.class, () -> model.f("A [PAD] in a text"));
            assertTrue(problem.getMessage().contains("600"), problem.getMessage());
        }
    }

    /** Where configuration and file disagree whether {@code Φ} is the input embeddings, versions of transformers disagree too. */
    @ParameterizedTest
    @CsvSource({
        "tiny-llama-tied, embed_tokens.weight, lm_head.weight, model.norm.weight",
        "tiny-gpt2, wte.weight, lm_head.weight, ln_f.weight",
        "tiny-gpt-neox, embed_in.weight, embed_out.weight, final_layer_norm.weight"
    })
    void outputEmbeddingsThatAreTiedAndOthersAreRefused(String fixture, String input, String output, String norm)
            throws IOException {
        var model = copy(fixture);
        edit(model.resolve("config.json"), json -> json.addProperty("tie_word_embeddings", true));
        add(model, output, input, values -> values);
        LanguageModels.load(model.toString()).close();
        add(model, output, input, values -> {
            values[values.length - 1] += 1e-3f;
            return values;
        });
        assertRefused(model, "'tie_word_embeddings' is true");
        add(model, output, norm, values -> values);
        assertRefused(model, "'tie_word_embeddings' is true");
    }

    @Test
    void aWeightThatIsNotFiniteIsRefusedByItsTensor() throws IOException {
        var model = copy("tiny-gpt2");
        rewrite(model, "h.1.mlp.c_proj.bias", values -> {
            values[3] = Float.POSITIVE_INFINITY;
            return values;
        });
        assertRefused(model, "h.1.mlp.c_proj.bias' holds Infinity at index 3");
    }

    /** Finite weights whose products are not: no NaN leaves the model. */
    @Test
    void aStateThatIsNotFiniteIsAnError() throws IOException {
        var path = copy("tiny-gpt2");
        rewrite(path, "ln_f.bias", values -> {
            Arrays.fill(values, Float.MAX_VALUE);
            return values;
        });
        rewrite(path, "ln_f.weight", values -> {
            Arrays.fill(values, Float.MAX_VALUE);
            return values;
        });
        try (var model = LanguageModels.load(path.toString())) {
            var problem = assertThrows(UnsupportedModelException.class, () -> model.f(TEXT));
            assertTrue(problem.getMessage().contains(model.name()), problem.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "model.safetensors"})
    void aPointerOfGitLfsIsCalledThat(String file) throws IOException {
        var model = copy("tiny-gpt2");
        Files.writeString(
                model.resolve(file),
                "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0".repeat(64) + "\nsize 9\n");
        assertRefused(model, "Git LFS pointer");
    }

    /** A part of a model, or one that lacks a part: the message says what to do. */
    @Test
    void whatIsNoWholeModelIsToldHowToBecomeOne() throws IOException {
        var model = copy("tiny-gpt2");
        for (var file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            assertRefused(model.resolve(file), "one file of a model; give its folder, " + model);
        }
        assertRefused(
                Files.createFile(folder.resolve("pytorch_model.bin")), "put it beside the model's config.json and");
        Files.delete(model.resolve("tokenizer.json"));
        assertRefused(model, "no tokenizer.json: write it with transformers, AutoTokenizer.from_pretrained(");
        Files.move(model.resolve("model.safetensors"), model.resolve("pytorch_model.bin"));
        assertRefused(
                model, "but pytorch_model.bin: write it with transformers, AutoModelForCausalLM.from_pretrained(");
        Files.delete(model.resolve("config.json"));
        assertRefused(model, "no config.json: give a folder");
        Files.createFile(model.resolve("adapter_config.json"));
        assertRefused(model, "no config.json, but an adapter: merge it");
        Files.createFile(model.resolve("small.gguf"));
        assertRefused(model, "a folder with small.gguf; give that file");
        var gguf = Files.copy(FIXTURES.resolve("tiny-llama-gguf/q4_0.gguf"), folder.resolve("ggml-model-q4_0.bin"));
        LanguageModels.load(gguf.toString()).close();
        assertRefused(Path.of("/"), "no config.json");
        assertThrows(IllegalArgumentException.class, () -> LanguageModels.load(" "));
    }

    @Test
    void aShardThatIsMissingIsNamed() throws IOException {
        var model = Files.createTempDirectory(folder, "sharded");
        for (var file : org.whylm.run.Input.folder(FIXTURES.resolve("tiny-llama-untied-bf16-sharded"))) {
            Files.copy(file, model.resolve(file.getFileName()));
        }
        Files.delete(model.resolve("model-00003-of-00005.safetensors"));
        assertRefused(model, "the shard model-00003-of-00005.safetensors is not beside it");
    }

    /** Where a file of a model cannot be read the message says of which model, and why. */
    @Test
    void aFileThatCannotBeReadIsOneOfTheModel() throws IOException {
        var model = copy("tiny-gpt2");
        Files.write(model.resolve("config.json"), new byte[] {'{', (byte) 0xff});
        var error = assertThrows(UncheckedIOException.class, () -> LanguageModels.load(model.toString()));
        assertEquals(
                "The model " + model + ": Cannot read " + model.resolve("config.json") + ": it is not UTF-8",
                error.getMessage());
    }

    private Path copy(String fixture) throws IOException {
        var copy = Files.createTempDirectory(folder, fixture);
        for (var name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.copy(FIXTURES.resolve(fixture).resolve(name), copy.resolve(name));
        }
        return copy;
    }

    private static void edit(Path file, Consumer<JsonObject> change) throws IOException {
        var json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        change.accept(json);
        Files.writeString(
                file,
                new com.google.gson.GsonBuilder().serializeNulls().create().toJson(json));
    }

    private interface Change {
        float[] of(float[] values);
    }

    private static void rewrite(Path model, String ending, Change change) {
        rewrite(model, ending, -1, change);
    }

    /** Puts a tensor into the file, made of another one, whose name ends so. */
    private static void add(Path model, String name, String ofEnding, Change change) {
        var shapes = new LinkedHashMap<String, long[]>();
        var values = new LinkedHashMap<String, float[]>();
        try (var weights = Safetensors.open(model)) {
            for (var each : weights.names()) {
                if (!each.equals(name)) {
                    shapes.put(each, weights.shape(each));
                    values.put(each, weights.values(each));
                }
                if (each.endsWith(ofEnding)) {
                    shapes.put(name, weights.shape(each));
                    values.put(name, change.of(weights.values(each)));
                }
            }
        }
        SafetensorsWriter.write(model.resolve("model.safetensors"), shapes, values::get);
    }

    private static void padRows(Path model, int rows) {
        rewrite(model, "wte.weight", rows, values -> {
            int d = values.length / 600;
            var padded = Arrays.copyOf(values, rows * d);
            System.arraycopy(values, 0, padded, values.length, (rows - 600) * d);
            return padded;
        });
    }

    private static void rewrite(Path model, String ending, int rows, Change change) {
        var shapes = new LinkedHashMap<String, long[]>();
        var values = new LinkedHashMap<String, float[]>();
        try (var weights = Safetensors.open(model)) {
            for (var name : weights.names()) {
                boolean changed = name.endsWith(ending);
                var shape = weights.shape(name);
                shape[0] = changed && rows > 0 ? rows : shape[0];
                shapes.put(name, shape);
                values.put(name, changed ? change.of(weights.values(name)) : weights.values(name));
            }
        }
        SafetensorsWriter.write(model.resolve("model.safetensors"), shapes, values::get);
    }

    private static byte[] number(String key, float value) {
        var utf8 = key.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + utf8.length + 4 + 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(utf8.length)
                .put(utf8)
                .putInt(6)
                .putFloat(value)
                .array();
    }

    /** The fixture with one entry more, and a second one that keeps the data aligned. */
    private Path withMetadata(byte[] entry) throws IOException {
        var sound = Files.readAllBytes(FIXTURES.resolve("tiny-llama-gguf/f32.gguf"));
        var header = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(16, header.getLong(16) + 2);
        var out = new ByteArrayOutputStream();
        out.write(sound, 0, 24);
        out.write(entry);
        int filled = entry.length + number("x", 0).length;
        out.write(number("x" + "x".repeat((32 - filled % 32) % 32), 0));
        out.write(sound, 24, sound.length - 24);
        return Files.write(folder.resolve("more.gguf"), out.toByteArray());
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    private static void assertRefused(Path model, String problem) {
        var error = assertThrows(RuntimeException.class, () -> LanguageModels.load(model.toString()));
        assertTrue(
                error instanceof UnsupportedModelException
                        || error.getClass() == IllegalArgumentException.class
                        || error instanceof org.whylm.lm.weights.WeightsFormatException,
                error.toString());
        assertTrue(error.getMessage().contains(problem), error.getMessage());
        assertTrue(error.getMessage().contains(model.toString()), error.getMessage());
    }
}
