package org.whylm.lm;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.gson.Gson;
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
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
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

    private static final String UNKNOWN = "\uFFFD";

    private final HuggingFaceTokenizer tokenizer;
    private final String json;
    private final int size;
    private final Optional<VocabularyRestriction> restriction;

    private Tokenizer(
            HuggingFaceTokenizer tokenizer, String json, int size, Optional<VocabularyRestriction> restriction) {
        this.tokenizer = tokenizer;
        this.json = json;
        this.size = size;
        this.restriction = restriction;
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
            return new Tokenizer(HuggingFaceTokenizer.newInstance(bytes, OPTIONS), json, size, Optional.empty());
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
        int[] ids = LongStream.of(tokenizer.encode(text).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
        return restriction.map(kept -> kept.restrict(ids)).orElse(ids);
    }

    /**
     * The text that one token stands for. Bytes that are not complete UTF-8 characters, as in a token that is half of a
     * character, show as U+FFFD, and so does the unknown token of a restricted vocabulary.
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
        if (restriction.isPresent()) {
            return restricted(restriction.get(), ids);
        }
        var longs =
                IntStream.of(ids).mapToLong(id -> Objects.checkIndex(id, size)).toArray();
        return tokenizer.decode(longs, false);
    }

    /** Decodes the stretches between unknown tokens. */
    private String restricted(VocabularyRestriction kept, int[] ids) {
        var text = new StringBuilder();
        int from = 0;
        for (int to = 0; to <= ids.length; to++) {
            if (to == ids.length || ids[to] == kept.unknown()) {
                var known = IntStream.range(from, to)
                        .mapToLong(at -> kept.kept()[Objects.checkIndex(ids[at], kept.size())])
                        .toArray();
                text.append(known.length == 0 ? "" : tokenizer.decode(known, false));
                text.append(to == ids.length ? "" : UNKNOWN);
                from = to + 1;
            }
        }
        return text.toString();
    }

    /** Number of token ids: one more than the highest. */
    public int size() {
        return restriction.map(VocabularyRestriction::size).orElse(size);
    }

    /** The id that stands for every token outside a restricted vocabulary; none if the vocabulary is whole. */
    public OptionalInt unknown() {
        return restriction.stream().mapToInt(VocabularyRestriction::unknown).findAny();
    }

    /**
     * This tokenizer with fewer ids. Both share native memory: close one of them, when neither is needed.
     *
     * @throws IllegalArgumentException if the restriction is of a vocabulary of another size, or this one is restricted already
     */
    public Tokenizer restrictedTo(VocabularyRestriction kept) {
        if (restriction.isPresent() || kept.originalSize() != size) {
            throw new IllegalArgumentException("A restriction of " + kept.originalSize() + " ids for "
                    + (restriction.isPresent() ? "a restricted vocabulary" : "a vocabulary of " + size));
        }
        return new Tokenizer(tokenizer, json, size, Optional.of(kept));
    }

    /**
     * Writes {@code tokenizer.json} and, of a restricted vocabulary, {@value VocabularyRestriction#FILE}, each under a temporary
     * name first.
     *
     * @param directory created if it is not there
     * @throws UncheckedIOException if a file cannot be written
     */
    public void write(Path directory) {
        write(directory, "tokenizer.json", json);
        restriction.ifPresent(kept -> write(directory, VocabularyRestriction.FILE, new Gson().toJson(kept)));
    }

    private static void write(Path directory, String name, String content) {
        try {
            Files.createDirectories(directory);
            var partial = Files.createTempFile(directory, name, ".partial");
            Files.writeString(partial, content);
            Files.move(partial, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + name + " to " + directory, e);
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
