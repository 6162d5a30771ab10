package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        var encoding = JsonParser.parseString(checked.encoding()).getAsJsonObject();
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
