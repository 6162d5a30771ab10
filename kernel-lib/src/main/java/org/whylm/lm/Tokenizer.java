package org.whylm.lm;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.whylm.lm.weights.Gguf;
import org.whylm.run.AtomicFile;
import org.whylm.run.Engine;
import org.whylm.run.Input;
import org.whylm.run.IoFailure;
import org.whylm.run.StrictJson;

/**
 * The map between text and the token ids of a model, by Hugging Face's tokenizers library.
 *
 * <p>The start token of a model that expects one comes first; no other token is added to the text, nothing is cut off and nothing padded. A special token written out in the text, such as
 * {@code <|endoftext|>}, becomes that token's one id: as in Hugging Face's tokenizers, and in llama.cpp with
 * {@code parse_special}.
 *
 * <p>Instances may be shared between threads.
 */
public final class Tokenizer implements AutoCloseable {

    private static final Map<String, String> OPTIONS =
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

    /** The file that names the start token. */
    static final String CONFIG = "tokenizer_config.json";

    private static final String UNKNOWN = "\uFFFD";

    /** Texts that a continuation is looked at behind; the first that stays as it is before it counts. */
    private static final List<String> BEFORE = List.of("\n", "a", ".");

    private final HuggingFaceTokenizer tokenizer;
    private final byte[] json;

    /** The ids that stand for a text. */
    private final BitSet ids;

    /** The ids before a text. */
    private final int[] start;

    private final int rows;
    private final Optional<VocabularyRestriction> restriction;

    private Tokenizer(
            HuggingFaceTokenizer tokenizer,
            byte[] json,
            BitSet ids,
            int[] start,
            int rows,
            Optional<VocabularyRestriction> restriction) {
        this.tokenizer = tokenizer;
        this.json = json;
        this.ids = ids;
        this.start = start;
        this.rows = rows;
        this.restriction = restriction;
    }

    /**
     * The tokenizer of a Hugging Face {@code tokenizer.json}. A text starts with the token that its template puts before one, if the
     * {@code tokenizer_config.json} beside it names that as the start token ({@code bos_token}) and does not say
     * {@code "add_bos_token": false}.
     *
     * @throws UncheckedIOException if the file cannot be read
     * @throws IllegalArgumentException if it does not describe a tokenizer
     */
    public static Tokenizer fromJson(Path tokenizerJson) {
        var json = Input.text(tokenizerJson);
        if (StrictJson.parse(json, tokenizerJson) instanceof JsonObject object) {
            var checked = TokenizerJson.of(object, tokenizerJson);
            return of(
                    checked,
                    json.getBytes(StandardCharsets.UTF_8),
                    tokenizerJson,
                    startNamed(tokenizerJson.resolveSibling(CONFIG))::equals);
        }
        throw new IllegalArgumentException(tokenizerJson + " holds no usable tokenizer: it is no JSON object");
    }

    /**
     * The tokenizer that a GGUF file carries: byte-level BPE ({@code tokenizer.ggml.model} is {@code gpt2}), with a pre-tokenizer that
     * cuts as in llama.cpp, or a SentencePiece vocabulary ({@code llama}). A text starts with the start token where
     * {@code tokenizer.ggml.add_bos_token} says so, or leaves it to what is usual for the kind.
     *
     * @throws IllegalArgumentException if the file has no tokenizer, or one of another kind
     * @throws org.whylm.lm.weights.WeightsFormatException if its metadata have the wrong type
     */
    public static Tokenizer fromGguf(Gguf gguf) {
        var json = GgufTokenizer.json(gguf);
        return of(json, json.text(), gguf.source(), name -> true);
    }

    private static String startNamed(Path config) {
        if (!Files.exists(config)) {
            return "";
        }
        var json = StrictJson.readObject(config);
        var named = json.get("bos_token") instanceof JsonObject token ? token.get("content") : json.get("bos_token");
        boolean adds = !(json.get("add_bos_token") instanceof JsonPrimitive flag) || flag.getAsBoolean();
        return adds && named instanceof JsonPrimitive text ? text.getAsString() : "";
    }

    private static Tokenizer of(TokenizerJson checked, byte[] text, Path source, Predicate<String> isStart) {
        var start = checked.start(isStart);
        return new Tokenizer(
                loaded(checked.encoding(), OPTIONS, source),
                text,
                checked.ids(),
                start,
                Integer.MAX_VALUE,
                Optional.empty());
    }

    /** The native tokenizer of a text that was checked. */
    static HuggingFaceTokenizer loaded(byte[] checked, Map<String, String> options, Path source) {
        Engine.stayOffline();
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(checked), options);
        } catch (IOException e) {
            throw new IoFailure("Cannot read the tokenizer " + source, e);
        } catch (EngineException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(source + " holds no usable tokenizer: " + e.getMessage(), e);
        }
    }

    /** The ids of a text from the native tokenizer. */
    static long[] encoded(HuggingFaceTokenizer tokenizer, String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("The text has an unpaired surrogate: \"" + text + "\"");
        }
        if (text.length() > SafePattern.LONGEST_TEXT) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "A text of %,d characters, which begins \"%.40s…\": at most %,d are read as one; split it",
                    text.length(),
                    text,
                    SafePattern.LONGEST_TEXT));
        }
        try {
            return tokenizer.encode(text).getIds();
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("The tokenizer fails at \"" + text + "\": " + e.getMessage(), e);
        }
    }

    /**
     * The token ids of a text, the model's start token first if it expects one.
     *
     * @throws IllegalArgumentException if the text has an unpaired surrogate, which UTF-8 cannot express, or the tokenizer has no
     *     token for a part of it
     */
    public int[] encode(String text) {
        int[] ids = LongStream.concat(IntStream.of(start).asLongStream(), LongStream.of(encoded(tokenizer, text)))
                .mapToInt(Math::toIntExact)
                .toArray();
        return restriction.map(kept -> kept.restrict(ids)).orElse(ids);
    }

    /**
     * The token ids of a text and of what follows it.
     *
     * @throws IllegalArgumentException as {@link #encode(String)}
     */
    public int[] encode(String text, String continuation) {
        return IntStream.concat(IntStream.of(encode(text)), IntStream.of(encodeAfter(text, continuation)))
                .toArray();
    }

    /**
     * The token ids by which those of a text go on when something follows it: those of the joined text, without their beginning,
     * the text's own ids. Where the text's last token would be another one, the ids are those after any text.
     *
     * @param continuation such as a prompt; none gives none
     * @throws IllegalArgumentException as {@link #encode(String)}
     */
    public int[] encodeAfter(String text, String continuation) {
        return continuation.isEmpty()
                ? new int[0]
                : rest(text, continuation).orElseGet(() -> encodeContinuation(continuation));
    }

    /**
     * The token ids of what follows a text, whichever: without what the tokenizer puts before a text's beginning.
     *
     * @throws IllegalArgumentException as {@link #encode(String)}
     */
    public int[] encodeContinuation(String continuation) {
        return BEFORE.stream()
                .map(text -> rest(text, continuation))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseGet(() -> encode(continuation));
    }

    private Optional<int[]> rest(String text, String continuation) {
        var before = encode(text);
        var joined = encode(text + continuation);
        int start = before.length;
        return start <= joined.length && Arrays.equals(before, 0, start, joined, 0, start)
                ? Optional.of(Arrays.copyOfRange(joined, start, joined.length))
                : Optional.empty();
    }

    /** Whether every text starts with a token of its own. */
    boolean hasStart() {
        return start.length > 0;
    }

    /** Whether an id stands for a word of the model: it has a text, and the model's {@code Φ} a row for it. */
    public boolean has(int id) {
        return id >= 0 && id < rows && (restriction.isPresent() ? id < size() : ids.get(id));
    }

    /** This tokenizer for a model with so many words; both share native memory: close one of them, when neither is needed. */
    Tokenizer forModel(int vocabularySize) {
        return new Tokenizer(tokenizer, json, ids, start, vocabularySize, restriction);
    }

    /**
     * The text that one token stands for. Bytes that are not complete UTF-8 characters, as in a token that is half of a
     * character, show as U+FFFD, and so does the unknown token of a restricted vocabulary. An id without a text gives the empty one.
     *
     * @throws IndexOutOfBoundsException if neither the vocabulary nor the model has such an id
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
        int end = rows == Integer.MAX_VALUE ? size() : Math.max(size(), rows);
        var longs = IntStream.of(ids)
                .filter(id -> this.ids.get(Objects.checkIndex(id, end)))
                .asLongStream()
                .toArray();
        return longs.length == 0 ? "" : tokenizer.decode(longs, false);
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
        return restriction.map(VocabularyRestriction::size).orElse(ids.length());
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
        if (restriction.isPresent() || kept.originalSize() != ids.length()) {
            throw new IllegalArgumentException("A restriction of " + kept.originalSize() + " ids for "
                    + (restriction.isPresent() ? "a restricted vocabulary" : "a vocabulary of " + ids.length()));
        }
        return new Tokenizer(tokenizer, json, ids, start, rows, Optional.of(kept));
    }

    /**
     * Writes {@code tokenizer.json}, the file that names the start token if there is one, and, of a restricted vocabulary, {@value VocabularyRestriction#FILE}, each under a temporary
     * name first.
     *
     * @param directory created if it is not there
     * @throws UncheckedIOException if a file cannot be written
     */
    public void write(Path directory) {
        AtomicFile.write(directory.resolve("tokenizer.json"), json);
        if (hasStart()) {
            AtomicFile.write(
                    directory.resolve(CONFIG),
                    new Gson().toJson(Map.of("bos_token", tokenizer.decode(new long[] {start[0]}, false))));
        }
        restriction.ifPresent(
                kept -> AtomicFile.write(directory.resolve(VocabularyRestriction.FILE), new Gson().toJson(kept)));
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
