package org.whylm.lm;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.whylm.lm.weights.Gguf;
import org.whylm.run.Engine;

/**
 * The map between text and the token ids of a model, by Hugging Face's tokenizers library.
 *
 * <p>No token is added to the text, nothing is cut off and nothing padded. A special token written out in the text, such as
 * {@code <|endoftext|>}, becomes that token's one id: as in Hugging Face's tokenizers, and in llama.cpp with
 * {@code parse_special}.
 *
 * <p>Instances may be shared between threads.
 */
public final class Tokenizer implements AutoCloseable {

    private static final Map<String, String> OPTIONS =
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

    private final HuggingFaceTokenizer tokenizer;
    private final int size;

    private Tokenizer(HuggingFaceTokenizer tokenizer, int size) {
        this.tokenizer = tokenizer;
        this.size = size;
    }

    /**
     * The tokenizer of a Hugging Face {@code tokenizer.json}.
     *
     * @throws UncheckedIOException if the file cannot be read
     * @throws IllegalArgumentException if it does not describe a tokenizer
     */
    public static Tokenizer fromJson(Path tokenizerJson) {
        try {
            return of(Files.readString(tokenizerJson), tokenizerJson);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the tokenizer " + tokenizerJson, e);
        }
    }

    /**
     * The byte-level BPE tokenizer that a GGUF file carries ({@code tokenizer.ggml.model} is {@code gpt2}), with the
     * pre-tokenizer {@code gpt-2}, {@code smollm}, {@code llama-bpe} or {@code default}, each cutting as in llama.cpp.
     *
     * @throws IllegalArgumentException if the file has no tokenizer, or one of another kind
     * @throws org.whylm.lm.weights.WeightsFormatException if its metadata have the wrong type
     */
    public static Tokenizer fromGguf(Gguf gguf) {
        return of(GgufTokenizer.json(gguf).toString(), gguf.source());
    }

    private static Tokenizer of(String json, Path source) {
        Engine.stayOffline();
        try {
            int size = size(JsonParser.parseString(json).getAsJsonObject());
            var bytes = new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8));
            return new Tokenizer(HuggingFaceTokenizer.newInstance(bytes, OPTIONS), size);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the tokenizer " + source, e);
        } catch (EngineException e) {
            throw e;
        } catch (JsonParseException | IllegalStateException | ClassCastException | UnsupportedOperationException e) {
            throw new IllegalArgumentException(source + " is not a tokenizer in JSON: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(source + " holds no usable tokenizer: " + e.getMessage(), e);
        }
    }

    /** One more than the highest id of the vocabulary and the added tokens. */
    private static int size(JsonObject tokenizer) {
        var vocabulary = tokenizer.getAsJsonObject("model").get("vocab");
        int size = vocabulary.isJsonArray()
                ? vocabulary.getAsJsonArray().size()
                : ids(vocabulary.getAsJsonObject().asMap().values().stream());
        var added = tokenizer.getAsJsonArray("added_tokens");
        return added == null
                ? size
                : Math.max(size, ids(added.asList().stream().map(t -> t.getAsJsonObject()
                        .get("id"))));
    }

    private static int ids(Stream<JsonElement> ids) {
        return 1 + ids.mapToInt(JsonElement::getAsInt).max().orElse(-1);
    }

    /**
     * The token ids of a text.
     *
     * @throws IllegalArgumentException if the text has an unpaired surrogate, which UTF-8 cannot express
     */
    public int[] encode(String text) {
        var encoder = StandardCharsets.UTF_8.newEncoder();
        if (!encoder.canEncode(text)) {
            throw new IllegalArgumentException("The text has an unpaired surrogate: \"" + text + "\"");
        }
        return LongStream.of(tokenizer.encode(text).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /**
     * The text that one token stands for. Bytes that are not complete UTF-8 characters, as in a token that is half of a
     * character, show as U+FFFD.
     *
     * @throws IndexOutOfBoundsException if the vocabulary has no such id
     */
    public String token(int id) {
        return decode(new int[] {id});
    }

    /**
     * The text that tokens stand for, special tokens written out, incomplete UTF-8 as U+FFFD.
     *
     * @throws IndexOutOfBoundsException if the vocabulary has no such id
     */
    public String decode(int[] ids) {
        var longs =
                IntStream.of(ids).mapToLong(id -> Objects.checkIndex(id, size)).toArray();
        return tokenizer.decode(longs, false);
    }

    /** Number of token ids: one more than the highest. */
    public int size() {
        return size;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
