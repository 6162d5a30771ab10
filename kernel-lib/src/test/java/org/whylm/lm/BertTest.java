package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Oracle: the transformed state at the first token as Hugging Face transformers computed it. {@code tiny-bert} has today's
 * names and no special tokens; {@code tiny-bert-legacy} is made like the published {@code bert-base-cased}: WordPiece,
 * {@code [CLS]} and {@code [SEP]}, norms named gamma and beta, pooler and next-sentence head in the checkpoint.
 */
class BertTest {

    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures");

    record Case(String text, long[] ids, float[] f) {}

    record Reference(List<Case> cases) {}

    private static List<Case> cases(String model) throws IOException {
        var json = Files.readString(FIXTURES.resolve(model).resolve("reference.json"));
        return new Gson().fromJson(json, Reference.class).cases();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-bert", "tiny-bert-legacy"})
    void agreesWithTransformers(String model) throws IOException {
        var cases = cases(model);
        try (var bert = Bert.load(FIXTURES.resolve(model))) {
            var f = bert.f(cases.stream().map(Case::text).toList());
            for (int i = 0; i < cases.size(); i++) {
                assertArrayEquals(cases.get(i).ids(), bert.encode(cases.get(i).text()));
                assertArrayEquals(cases.get(i).f(), f[i], 1e-4f, cases.get(i).text());
            }
        }
    }

    @Test
    void neitherOrderNorCompanyOfATextMatters() throws IOException {
        var texts = new ArrayList<String>();
        cases("tiny-bert").forEach(c -> texts.addAll(List.of(c.text(), c.text() + " too")));
        try (var bert = Bert.load(FIXTURES.resolve("tiny-bert"))) {
            var together = bert.f(texts);
            Collections.reverse(texts);
            var reversed = bert.f(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertArrayEquals(reversed[texts.size() - 1 - i], together[i], 1e-5f);
                assertArrayEquals(bert.f(List.of(texts.get(i)))[0], reversed[i], 1e-5f);
            }
        }
    }

    @Test
    void aLongTextIsCutBehindTheLastPositionAndKeepsItsEnd() throws IOException {
        try (var bert = Bert.load(FIXTURES.resolve("tiny-bert-legacy"))) {
            var ids = bert.encode("a great movie ".repeat(100));
            assertEquals(20, bert.maximumLength());
            assertEquals(20, ids.length);
            assertEquals(2, ids[0], "[CLS]");
            assertEquals(3, ids[19], "[SEP]");
        }
    }

    @Test
    void aTextWithoutTokensIsRefused() {
        try (var bert = Bert.load(FIXTURES.resolve("tiny-bert"))) {
            var failure = assertThrows(IllegalArgumentException.class, () -> bert.f(List.of("fine", "")));
            assertTrue(failure.getMessage().contains("No tokens"), failure.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"hidden_act\": \"gelu\"|\"hidden_act\": \"relu\"|hidden_act",
                "\"is_decoder\": false|\"is_decoder\": true|is_decoder",
                "\"num_attention_heads\": 4|\"num_attention_heads\": 5|num_attention_heads",
                "\"num_hidden_layers\": 2|\"num_hidden_layers\": 1|encoder.layer.1",
                "\"num_hidden_layers\": 2|\"num_hidden_layers\": 3|encoder.layer.2",
                "\"model_type\": \"bert\"|\"model_type\": \"roberta\"|roberta"
            })
    void aSettingThatIsNotSupportedIsNamed(String from, String to, String named, @TempDir Path copy)
            throws IOException {
        for (var file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.copy(FIXTURES.resolve("tiny-bert").resolve(file), copy.resolve(file));
        }
        var config = Files.readString(copy.resolve("config.json"));
        assertTrue(config.contains(from));
        Files.writeString(copy.resolve("config.json"), config.replace(from, to), StandardCharsets.UTF_8);

        var failure = assertThrows(UnsupportedModelException.class, () -> Bert.load(copy));
        assertTrue(failure.getMessage().contains(named), failure.getMessage());
    }

    @Test
    void aCausalModelIsRefused() {
        var failure = assertThrows(UnsupportedModelException.class, () -> Bert.load(FIXTURES.resolve("tiny-gpt2")));
        assertTrue(failure.getMessage().contains("model_type"), failure.getMessage());
    }
}
