package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.run.StrictJson;

/** Damage that would end the process in the native library, or give other ids, is an exception before it. */
class TokenizerJsonTest {

    private static final Path SOUND = Path.of("src/test/resources/fixtures/tiny-gpt2/tokenizer.json");

    @TempDir
    Path folder;

    /** The first four ended the process in Hugging Face's library 0.21.4, three of them grammatical JSON. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"ByteLevel\", \"add_prefix_space\": 1e999}",
                "{\"type\": \"\\ud800\"}",
                "{\"type\": ByteLevel}",
                "NaN",
                "{\"type\": \"ByteLevel\"; \"add_prefix_space\": true}",
                "[]",
                "{\"type\": [\"ByteLevel\"]}",
                "{\"type\": \"ByteLevel\", \"use_regex\": \"yes\"}",
                "{\"type\": \"ByteLevel\", \"use_regex\": true, \"use_regex\": true}",
                "{\"type\": \"CTC\"}",
                "{\"type\": \"Strip\", \"content\": \" \", \"start\": 0, \"stop\": 1}",
                "{\"type\": \"Strip\", \"content\": \"ab\", \"start\": 0, \"stop\": 0}",
                "{\"type\": \"Strip\", \"content\": \" \", \"start\": -1, \"stop\": 0}",
                "{\"type\": \"Replace\", \"pattern\": \"a\", \"content\": \"b\"}",
                "{\"type\": \"Sequence\", \"decoders\": {}}",
                "{\"type\": \"Sequence\", \"decoders\": [{\"type\": \"Fuse\", \"more\": 1}]}",
                "{\"type\": \"WordPiece\", \"prefix\": \"##\"}"
            })
    void aDamagedDecoderIsRefused(String decoder) throws IOException {
        assertRefused(Files.readString(SOUND)
                .replaceFirst("(?s)\"decoder\": *\\{.*?\\}", "\"decoder\": " + decoder.replace("\\", "\\\\")));
    }

    @Test
    void aDecoderNestedWithoutEndIsRefused() throws IOException {
        var open = "{\"type\": \"Sequence\", \"decoders\": [";
        assertRefused(Files.readString(SOUND)
                .replaceFirst("(?s)\"decoder\": *\\{.*?\\}", "\"decoder\": " + open.repeat(200) + "]}".repeat(200)));
    }

    /** The first nine ended the process in the same library, when it was loaded or at a text; the others are like them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "normalizer: {'type': 'Precompiled', 'precompiled_charsmap': ''}",
                "normalizer: {'type': 'Precompiled', 'precompiled_charsmap': '!!!'}",
                "normalizer: {'type': 'Precompiled', 'precompiled_charsmap': 'AAAAQGFiY2Q='}",
                "normalizer: {'type': 'Precompiled', 'precompiled_charsmap': 'AAAAAGFiY2Q='}",
                "normalizer: {'type': 'Precompiled', 'precompiled_charsmap': 'BAAAAP///38='}",
                "normalizer: {'type': 'Replace', 'pattern': {'String': ''}, 'content': 'x'}",
                "normalizer: {'type': 'Replace', 'pattern': {'Regex': 'x*'}, 'content': 'éé'}",
                "normalizer: {'type': 'Prepend', 'prepend': ''}",
                "pre_tokenizer: {'type': 'Split', 'pattern': {'Regex': '(a|aa)+$'}, 'behavior': 'Isolated', 'invert': false}",
                "normalizer: {'type': 'Replace', 'pattern': {'Regex': 'x|'}, 'content': 'éé'}",
                "normalizer: {'type': 'Replace', 'pattern': {'Regex': '(?=x)'}, 'content': 'éé'}",
                "pre_tokenizer: {'type': 'Split', 'pattern': {'Regex': '(?:a?){9}$'}, 'behavior': 'Isolated',"
                        + " 'invert': false}",
                "pre_tokenizer: {'type': 'Split', 'pattern': {'Regex': 'a{1,2}+$'}, 'behavior': 'Isolated', 'invert':"
                        + " false}",
                "pre_tokenizer: {'type': 'Split', 'pattern': {'Regex': 'a*a*a*a*a*a*[^a]'}, 'behavior': 'Isolated',"
                        + " 'invert': false}",
                "pre_tokenizer: {'type': 'Split', 'pattern': {'Regex': '\\\\s*\\\\s*\\\\s*\\\\S\\\\S'}, 'behavior':"
                        + " 'Isolated', 'invert': false}",
                "pre_tokenizer: {'type': 'Split', 'pattern': {'Regex': 'a+a+$'}, 'behavior': 'Isolated', 'invert':"
                        + " false}",
                "normalizer: {'type': 'Replace', 'pattern': {'Regex': 'a+a+$'}, 'content': 'x'}",
            })
    void aPartThatEndsTheProcessIsRefused(String part) throws IOException {
        int colon = part.indexOf(':');
        var value = JsonParser.parseString(part.substring(colon + 1).replace('\'', '"'));
        assertRefused(edited(json -> json.add(part.substring(0, colon), value)));
    }

    @Test
    void mergesAndAddedTokensThatEndTheProcessAreRefused() throws IOException {
        assertRefused(edited(json -> json.getAsJsonObject("model").addProperty("continuing_subword_prefix", "##")));
        assertRefused(edited(json -> {
            json.add(
                    "normalizer", JsonParser.parseString("{'type': 'Strip', 'strip_left': true, 'strip_right': true}"));
            json.getAsJsonArray("added_tokens")
                    .add(JsonParser.parseString("{'id': 600, 'content': ' ', 'single_word': false, 'lstrip': false,"
                            + " 'rstrip': false, 'normalized': true, 'special': false}"));
        }));
        var nested = "(".repeat(3000) + "a" + ")".repeat(3000);
        assertTrue(SafePattern.problem(nested).isPresent());
    }

    /** The last two ended the process, at 1,500 spaces and at 6,000 letters. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?:a*|b)a*c",
                "(a|a)*b",
                "a*(?i)x|a*y",
                "(?=a*a*b)",
                "(?>a*a*b)",
                "a{2,}a{0,9}a{0,9}b",
                "a{0,5000}a*b",
                "a*b|a*c|a*d|a*e|a*f|a*g|a*h|a*i|a*j",
                "(?~ab)",
                "(?{print})",
                "(*FAIL)",
                "(?(1)a|b)",
                "(?<n>a)\\k<n>",
                "(?x)a #b",
                "[]a]",
                "[a",
                "(a",
                "a)",
                "*a",
                "a**",
                "\\Qa\\E",
                "(?:a{1,3}+|b)c",
                "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?b",
                "\\s*\\s*\\s*\\S\\S",
                "a+a+$"
            })
    void aPatternThatMayTryTooMuchIsRefused(String pattern) {
        assertTrue(SafePattern.problem(pattern).isPresent(), pattern);
        assertFalse(SafePattern.consumes(pattern), pattern);
    }

    @Test
    void longTextsStayBelowTheLimitOfTheLibrary() throws IOException {
        var file = Files.writeString(
                folder.resolve("tokenizer.json"),
                edited(json -> json.add(
                        "pre_tokenizer",
                        JsonParser.parseString(
                                "{'type': 'Split', 'pattern': {'Regex': 'a*[^a]|a*[^ab]|a+(?!a|$)|a*[^ac]'},"
                                        + " 'behavior': 'Isolated', 'invert': false}"))));
        try (var tokenizer = Tokenizer.fromJson(file)) {
            assertEquals(Optional.empty(), SafePattern.problem("a*[^a]|a*[^ab]|a+(?!a|$)|a*[^ac]"));
            assertTrue(tokenizer.encode("a".repeat(4000)).length > 0);
            var tooLong = "a".repeat(SafePattern.LONGEST_TEXT + 1);
            var error = assertThrows(IllegalArgumentException.class, () -> tokenizer.encode(tooLong));
            assertTrue(error.getMessage().contains("524,289 characters"), error.getMessage());
        }
    }

    /**
     * Patterns of published tokenizers: GPT-2, GPT-NeoX and Phi; Llama 3; GPT-4; Qwen 2 and 3; Mistral and GPT-4o; DeepSeek; Falcon; BLOOM;
     * Kimi; StarCoder and T5; Gemma's and Llama 2's parts have none. As in their tokenizer.json, or as llama.cpp quotes them.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+"
                        + "|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s",
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{M}]*[\\p{Ll}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}",
                "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+",
                " ?[^(\\s|[.,!?…。，、।۔،])]+",
                " {2,}",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[^\\r"
                        + "\\n"
                        + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r"
                        + "\\n"
                        + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}|"
                        + " ?[^\\s\\p{L}\\p{N}]+[\\r"
                        + "\\n"
                        + "/]*|\\s*[\\r"
                        + "\\n"
                        + "]+|\\s+(?!\\S)|\\s+",
                "[^\\r"
                        + "\\n"
                        + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|\\p{N}|"
                        + " ?[^\\s\\p{L}\\p{N}]+[\\r"
                        + "\\n"
                        + "/]*|\\s*[\\r"
                        + "\\n"
                        + "]+|\\s+(?!\\S)|\\s+",
                "\\p{N}{1,3}",
                "[一-龥぀-ゟ゠-ヿ]+",
                "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                        + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
                "[\r\n]",
                "\\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-Ֆ]+",
                "\\s?[!-/:-~！-／：-～‘-‟　-。]+",
                "\\s+$",
                "[\\p{P}\\$\\+<=>\\^~\\|`]+",
                " ?[^(\\s|.,!?…。，、।۔،)]+",
                "[\\p{Han}]+|[^\\r"
                        + "\\n"
                        + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}|\\s*[\\r"
                        + "\\n"
                        + "]+",
                "'(?i:[sdmt]|ll|ve|re)|[^\\r"
                        + "\\n"
                        + "\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++[\\r"
                        + "\\n"
                        + "]*|\\s*[\\r"
                        + "\\n"
                        + "]|\\s+(?!\\S)|\\s+",
                "[^\\n]+|[\\n]+",
                "([\\t\\n]|    |  )",
                "<sentinel:[0-9]+>",
                "[0-9][0-9][0-9]"
            })
    void patternsOfKnownModelsAreAccepted(String pattern) {
        assertEquals(Optional.empty(), SafePattern.problem(pattern));
        assertTrue(SafePattern.consumes(pattern), pattern);
    }

    @Test
    void idsThatTheLibraryWouldNotGiveAreRefused() throws IOException {
        assertRefused(edited(json -> json.getAsJsonObject("model").addProperty("dropout", 0.5)));
        assertRefused(edited(
                json -> json.getAsJsonObject("model").getAsJsonObject("vocab").addProperty("!", 2147483647)));
        assertRefused(edited(
                json -> json.getAsJsonObject("model").getAsJsonObject("vocab").addProperty("!", -1)));
        assertRefused(edited(
                json -> json.getAsJsonObject("model").getAsJsonObject("vocab").addProperty("!", 5.5)));
        assertRefused(edited(
                json -> json.getAsJsonObject("model").getAsJsonObject("vocab").addProperty("new", 7)));
        assertRefused(edited(json ->
                json.getAsJsonArray("added_tokens").get(0).getAsJsonObject().addProperty("id", 5)));
        assertRefused(edited(json ->
                json.getAsJsonArray("added_tokens").get(0).getAsJsonObject().addProperty("content", "new")));
        assertRefused(edited(json -> json.getAsJsonObject("model").addProperty("type", "Quantum")));
    }

    @Test
    void whatThereIsNoUseForIsNotHandedOn() throws IOException {
        var checked = TokenizerJson.of(StrictJson.readObject(SOUND), SOUND);
        var encoding = JsonParser.parseString(new String(checked.encoding(), StandardCharsets.UTF_8))
                .getAsJsonObject();
        assertTrue(encoding.get("post_processor").isJsonNull());
        assertTrue(encoding.get("truncation").isJsonNull());
        assertEquals(600, checked.ids().cardinality());
    }

    private interface Edit {
        void change(JsonObject json);
    }

    private static String edited(Edit edit) throws IOException {
        var json = JsonParser.parseString(Files.readString(SOUND)).getAsJsonObject();
        edit.change(json);
        return json.toString();
    }

    private void assertRefused(String json) throws IOException {
        var file = Files.writeString(folder.resolve("tokenizer.json"), json);
        var error = assertThrows(IllegalArgumentException.class, () -> Tokenizer.fromJson(file));
        assertEquals(IllegalArgumentException.class, error.getClass());
        assertTrue(error.getMessage().startsWith(file.toString()), error.getMessage());
    }
}
