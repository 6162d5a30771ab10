package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.WeightsFormatException;
import org.whylm.run.Workspace;

class TokenizerTest {

    private record Case(String text, String prompt, int[] ids) {

        String prompted() {
            return prompt == null ? text : text + prompt;
        }
    }

    /** Oracle: ids by Hugging Face transformers, {@code reference.json} of each tiny model. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-gpt2", "tiny-bert", "tiny-llama-tied", "tiny-llama-untied-bf16-sharded"})
    void idsOfAHuggingFaceFolderEqualTheOracle(String model) throws IOException {
        try (var tokenizer = Tokenizer.fromJson(resource("fixtures/" + model + "/tokenizer.json"))) {
            assertCases(tokenizer, "fixtures/" + model + "/reference.json");
            assertEquals(600, tokenizer.size());
        }
    }

    /** Oracle: ids by Hugging Face transformers, {@code *.reference.json} of each tiny GGUF file. */
    @ParameterizedTest
    @ValueSource(strings = {"f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "q5_0", "q5_1"})
    void idsOfAGgufFileEqualTheOracle(String type) throws IOException {
        try (var gguf = Gguf.open(resource("fixtures/tiny-llama-gguf/" + type + ".gguf"));
                var tokenizer = Tokenizer.fromGguf(gguf)) {
            assertCases(tokenizer, "fixtures/tiny-llama-gguf/" + type + ".reference.json");
        }
    }

    /** Oracles: ids by llama.cpp of sentences with digits after spaces and of the reference sentences. */
    @Test
    void idsOfSmolLm2EqualLlamaCpp() throws IOException {
        try (var gguf = Gguf.open(smolLm2());
                var tokenizer = Tokenizer.fromGguf(gguf)) {
            assertEquals(49_152, tokenizer.size());
            for (var name : new String[] {"smollm2-tokens", "smollm2-135m-q4_1"}) {
                var cases = new Gson().fromJson(text("reference/" + name + ".json"), Case[].class);
                assertTrue(cases.length > 0);
                for (var expected : cases) {
                    assertArrayEquals(expected.ids(), tokenizer.encode(expected.prompted()), expected.prompted());
                }
            }
        }
    }

    /** Oracle: pieces by the Python package regex on llama.cpp's patterns, merged by Hugging Face tokenizers. */
    @ParameterizedTest
    @ValueSource(strings = {"llama-bpe", "default"})
    void preTokenizersCutLikeLlamaCpp(String name) throws IOException {
        try (var gguf = Gguf.open(resource("fixtures/pre-tokenizers/" + name + ".gguf"));
                var tokenizer = Tokenizer.fromGguf(gguf)) {
            assertCases(tokenizer, "fixtures/pre-tokenizers/" + name + ".reference.json");
        }
    }

    /** Oracle: ids by sentencepiece for the pieces that stand in the file; {@code make.py} there makes both. */
    @ParameterizedTest
    @ValueSource(strings = {"prefix", "no-prefix", "prefix-user-defined", "no-bytes"})
    void idsOfASentencePieceVocabularyEqualSentencePiece(String name) throws IOException {
        try (var gguf = Gguf.open(resource("fixtures/sentencepiece/" + name + ".gguf"));
                var tokenizer = Tokenizer.fromGguf(gguf)) {
            var json = JsonParser.parseString(text("fixtures/sentencepiece/" + name + ".reference.json"));
            var cases = new Gson().fromJson(json.getAsJsonObject().get("cases"), Case[].class);
            assertTrue(cases.length > 100);
            boolean starts = !name.equals("prefix-user-defined");
            for (var expected : cases) {
                assertArrayEquals(expected.ids(), tokenizer.encode(expected.text()), expected.text());
                if (!name.equals("no-bytes")) {
                    var text = expected.text().replace('▁', ' ');
                    var ids = Arrays.copyOfRange(expected.ids(), starts ? 1 : 0, expected.ids().length);
                    assertEquals(text, tokenizer.decode(ids));
                    int[] joined = tokenizer.encode(expected.text(), " is great");
                    assertArrayEquals(tokenizer.encode(expected.text() + " is great"), joined, expected.text());
                }
            }
        }
    }

    /** Oracle: ids by sentencepiece of the pieces of gemma-3-270m; where {@code ./whylm fetch gemma-3-270m} has brought the file. */
    @Test
    void idsOfGemmaEqualSentencePiece() throws IOException {
        var file = Workspace.current().downloads().resolve("models/gemma-3-270m-q4_k_m.gguf");
        assumeTrue(Files.exists(file), file + " is not there: its licence is for a person to accept");
        try (var gguf = Gguf.open(file);
                var tokenizer = Tokenizer.fromGguf(gguf)) {
            assertEquals(262_144, tokenizer.size());
            for (var expected : new Gson().fromJson(text("reference/gemma3-tokens.json"), Case[].class)) {
                assertArrayEquals(expected.ids(), tokenizer.encode(expected.text()), expected.text());
            }
        }
    }

    /** The rule of the joined text: a start token stands once, and what is put before a text is not put before what follows it. */
    @Test
    void whatFollowsATextHasNeitherStartNorPrefix() {
        try (var gguf = Gguf.open(resource("fixtures/sentencepiece/prefix.gguf"));
                var tokenizer = Tokenizer.fromGguf(gguf)) {
            assertArrayEquals(new int[] {1}, tokenizer.encode(""));
            var movie = tokenizer.encodeContinuation(" movie");
            assertEquals(1, movie.length);
            assertEquals(" movie", " " + tokenizer.decode(movie));
            assertArrayEquals(movie, Arrays.copyOfRange(tokenizer.encode("movie"), 1, 2));
        }
    }

    /** The template says that {@code <s>} stands first; that it is the start token, and is wanted, says {@code tokenizer_config.json}. */
    @Test
    void aTextStartsWithTheTokenThatTheConfigurationNames(@TempDir Path folder) throws IOException {
        var given = resource("fixtures/tiny-llama-prepend/tokenizer.json");
        var json = Files.copy(given, folder.resolve("tokenizer.json"));
        for (var config : new String[] {
            "{\"bos_token\": \"<s>\"}", "{\"bos_token\": {\"content\": \"<s>\"}, \"add_bos_token\": true}"
        }) {
            Files.writeString(folder.resolve("tokenizer_config.json"), config);
            try (var without = Tokenizer.fromJson(given);
                    var with = Tokenizer.fromJson(json)) {
                var ids = without.encode("The movie", " is");
                assertEquals(1, with.encode("The movie")[0]);
                assertArrayEquals(ids, Arrays.copyOfRange(with.encode("The movie", " is"), 1, ids.length + 1));
            }
        }
        Files.writeString(
                folder.resolve("tokenizer_config.json"), "{\"bos_token\": \"<s>\", \"add_bos_token\": false}");
        try (var tokenizer = Tokenizer.fromJson(json)) {
            assertNotEquals(1, tokenizer.encode("The movie")[0]);
        }
    }

    /** A template that closes the text too, as of models tuned with {@code add_eos_token}: a text that goes on is begun, not closed. */
    @Test
    void aTemplateThatClosesATextBeginsIt(@TempDir Path folder) throws IOException {
        var text = Files.readString(resource("fixtures/tiny-llama-prepend/tokenizer.json"));
        var json = JsonParser.parseString(text).getAsJsonObject();
        var template = json.getAsJsonObject("post_processor").getAsJsonArray("single");
        template.add(template.get(0));
        var file = Files.writeString(folder.resolve("tokenizer.json"), json.toString());
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"bos_token\": \"<s>\"}");
        try (var tokenizer = Tokenizer.fromJson(file)) {
            var ids = tokenizer.encode("The movie");
            assertEquals(1, ids[0]);
            assertNotEquals(1, ids[ids.length - 1]);
            assertNotEquals(1, ids[1]);
        }
    }

    /** Of a merge that is there twice llama.cpp takes the first; its maker wrote the text's other merges behind it. */
    @Test
    void theFirstOfEqualMergesOfAGgufFileCounts(@TempDir Path folder) throws IOException {
        var bytes = Files.readAllBytes(resource("fixtures/tiny-llama-gguf/q4_0.gguf"));
        var latin1 = new String(bytes, StandardCharsets.ISO_8859_1);
        int merges = latin1.indexOf("tokenizer.ggml.merges");
        var first = new String("Ġ t".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        int last = latin1.lastIndexOf(first.substring(0, 3), latin1.indexOf("tokenizer.ggml.bos_token_id"));
        assertTrue(merges < latin1.indexOf(first, merges) && latin1.indexOf(first, merges) < last);
        while (bytes[last - Long.BYTES] != first.length()) {
            last = latin1.lastIndexOf(first.substring(0, 3), last - 1);
        }
        System.arraycopy(first.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, last, first.length());
        try (var gguf = Gguf.open(Files.write(folder.resolve("twice.gguf"), bytes));
                var twice = Tokenizer.fromGguf(gguf);
                var once = tiny()) {
            var text = "What the theatre is there for";
            assertArrayEquals(once.encode(text), twice.encode(text));
        }
    }

    /** A tokenizer keeps its start token when it is written and read again. */
    @Test
    void aWrittenTokenizerGivesTheSameIds(@TempDir Path folder) {
        try (var gguf = Gguf.open(resource("fixtures/sentencepiece/prefix.gguf"));
                var tokenizer = Tokenizer.fromGguf(gguf)) {
            tokenizer.write(folder);
            try (var read = Tokenizer.fromJson(folder.resolve("tokenizer.json"))) {
                assertArrayEquals(tokenizer.encode("The movie is great."), read.encode("The movie is great."));
                assertEquals(1, read.encode("The movie")[0]);
            }
        }
    }

    /** A tokenizer from GGUF and one from {@code tokenizer.json} of the same vocabulary agree on any text. */
    @Test
    void bothSourcesAgreeOnRandomTexts() {
        var alphabet = "abcXYZ 0123 \t\n.,'s\u00a0é€中ü😀<|endoftext|>\u0000\u0301½²'LL";
        var points = alphabet.codePoints().toArray();
        var random = new Random(1);
        try (var gguf = Gguf.open(resource("fixtures/tiny-llama-gguf/q4_0.gguf"));
                var one = Tokenizer.fromGguf(gguf);
                var other = Tokenizer.fromJson(resource("fixtures/tiny-llama-tied/tokenizer.json"))) {
            for (int i = 0; i < 2_000; i++) {
                var text = new StringBuilder();
                random.ints(random.nextInt(40), 0, points.length).forEach(p -> text.appendCodePoint(points[p]));
                var ids = one.encode(text.toString());
                assertArrayEquals(other.encode(text.toString()), ids, text.toString());
                assertEquals(text.toString(), one.decode(ids));
            }
        }
    }

    @Test
    void threadsMayShareATokenizer() {
        try (var tokenizer = tiny()) {
            var texts = IntStream.range(0, 2_000).mapToObj(i -> "movie " + i).toList();
            assertEquals(
                    texts,
                    texts.parallelStream()
                            .map(t -> tokenizer.decode(tokenizer.encode(t)))
                            .toList());
        }
    }

    @Test
    void aSpecialTokenInTheTextIsOneId() {
        try (var tokenizer = tiny()) {
            assertArrayEquals(new int[] {0}, tokenizer.encode("<|endoftext|>"));
            assertEquals("<|endoftext|>", tokenizer.token(0));
        }
    }

    @Test
    void aLongTextIsNeitherCutNorPadded() {
        try (var tokenizer = tiny()) {
            assertEquals(20_000, tokenizer.encode("!".repeat(20_000)).length);
            assertEquals(0, tokenizer.encode("").length);
        }
    }

    @Test
    void oneTokenReadsAsItsTextAndHalfACharacterAsReplacement() {
        try (var tokenizer = tiny()) {
            assertEquals("A", tokenizer.token(33));
            for (int id : tokenizer.encode("é")) {
                assertEquals("\uFFFD", tokenizer.token(id));
            }
            assertEquals("é", tokenizer.decode(tokenizer.encode("é")));
            assertThrows(IndexOutOfBoundsException.class, () -> tokenizer.token(600));
            assertThrows(IndexOutOfBoundsException.class, () -> tokenizer.token(-1));
        }
    }

    @Test
    void anUnpairedSurrogateIsRefused() {
        try (var tokenizer = tiny()) {
            assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("a\ud83d b"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "[]", "{}", "{\"model\": {}}", "{\"model\": {\"vocab\": {\"a\": \"b\"}}}", "{\"model\":"})
    void whatIsNoTokenizerIsNamedInTheError(String json, @TempDir Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("tokenizer.json"), json);
        var error = assertThrows(IllegalArgumentException.class, () -> Tokenizer.fromJson(file));
        assertTrue(error.getMessage().contains("tokenizer.json"), error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokenizer.ggml.pre gpt-2 gpt-X", "tokenizer.ggml.model gpt2 bert"})
    void anUnknownTokenizerOfAGgufFileIsAnError(String change, @TempDir Path folder) throws IOException {
        var parts = change.split(" ");
        var bytes = Files.readAllBytes(resource("fixtures/tiny-llama-gguf/q4_0.gguf"));
        var latin1 = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = latin1.indexOf(parts[1], latin1.indexOf(parts[0]));
        System.arraycopy(parts[2].getBytes(StandardCharsets.US_ASCII), 0, bytes, at, parts[1].length());
        var file = Files.write(folder.resolve("model.gguf"), bytes);
        try (var gguf = Gguf.open(file)) {
            var error = assertThrows(IllegalArgumentException.class, () -> Tokenizer.fromGguf(gguf));
            assertTrue(error.getMessage().contains("model.gguf"), error.getMessage());
            assertTrue(error.getMessage().contains("\"" + parts[2] + "\" is not supported"), error.getMessage());
        }
    }

    /** Property: damaged vocabularies give a tokenizer or one of the two documented exceptions. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pre-tokenizers/llama-bpe",
                "sentencepiece/no-prefix",
                "sentencepiece/prefix-user-defined",
                "sentencepiece/no-bytes"
            })
    void noDamageOfAVocabularyEscapes(String name, @TempDir Path folder) throws IOException {
        var sound = Files.readAllBytes(resource("fixtures/" + name + ".gguf"));
        var random = new Random(5);
        int rejected = 0;
        for (int i = 0; i < 300; i++) {
            var bytes = sound.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) (' ' + random.nextInt(95));
            }
            try (var gguf = Gguf.open(Files.write(folder.resolve("damaged" + i + ".gguf"), bytes));
                    var tokenizer = Tokenizer.fromGguf(gguf)) {
                tokenizer.decode(tokenizer.encode("A gorgeous, witty, seductive movie."));
            } catch (WeightsFormatException | IllegalArgumentException e) {
                assertTrue(e.getMessage().contains("damaged"), e.getMessage());
                rejected++;
            }
        }
        assertTrue(
                rejected > (name.startsWith("pre") ? 100 : 10),
                "only " + rejected + " of the damaged files were rejected");
    }

    private static Tokenizer tiny() {
        return Tokenizer.fromJson(resource("fixtures/tiny-gpt2/tokenizer.json"));
    }

    private static void assertCases(Tokenizer tokenizer, String reference) throws IOException {
        var cases = JsonParser.parseString(text(reference)).getAsJsonObject().getAsJsonArray("cases");
        assertTrue(cases.size() > 0);
        for (var json : cases) {
            var expected = new Gson().fromJson((JsonObject) json, Case.class);
            assertArrayEquals(expected.ids(), tokenizer.encode(expected.prompted()), expected.prompted());
            assertEquals(expected.prompted(), tokenizer.decode(expected.ids()));
        }
    }

    private static Path smolLm2() {
        var path = Workspace.current().downloads().resolve("models").resolve("SmolLM2-135M-Instruct.Q4_1.gguf");
        assertTrue(Files.exists(path), path + " is missing: `make test` fetches it before the tests run");
        return path;
    }

    private static String text(String name) throws IOException {
        return Files.readString(resource(name));
    }

    private static Path resource(String name) {
        try {
            return Path.of(TokenizerTest.class.getResource("/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
