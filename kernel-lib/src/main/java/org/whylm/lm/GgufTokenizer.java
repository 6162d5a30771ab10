package org.whylm.lm;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.GgufMetadata;

/**
 * The tokenizer that a GGUF file carries, written as a Hugging Face {@code tokenizer.json}: byte-level BPE ({@code gpt2}) or a
 * SentencePiece vocabulary ({@code llama}, see {@link SentencePieces}).
 */
final class GgufTokenizer {

    // Kinds of token, numbered as in llama.cpp's llama_token_type; what is not listed here is ordinary or unused.
    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int BYTE = 6;

    /** GPT-2's pattern; what no alternative matches stays a piece of its own. */
    private static final String GPT2_PATTERN =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /** Llama 3's pattern, digits by threes, and Qwen 2's, each on its own. */
    private static final String LLAMA3_PATTERN =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final String QWEN2_PATTERN = LLAMA3_PATTERN.replace("{1,3}", "");

    /** Mistral's pattern of its byte-level vocabularies. */
    private static final String TEKKEN_PATTERN =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /**
     * How a text is cut before its pieces are merged.
     *
     * @param composes whether characters are composed first (NFC)
     * @param wholeFirst whether a piece that is a token stays one, and the start token is put first unless the file says otherwise
     * @param patterns each cuts the pieces of the one before
     */
    private record Cutting(boolean composes, boolean wholeFirst, String... patterns) {}

    /** By {@code tokenizer.ggml.pre}, as llama.cpp names them; it does not compose, the tokenizers of these models do. */
    private static final Map<String, Cutting> CUTTINGS = Map.ofEntries(
            Map.entry("gpt-2", new Cutting(false, false, GPT2_PATTERN)),
            Map.entry("mpt", new Cutting(true, false, GPT2_PATTERN)),
            Map.entry("olmo", new Cutting(true, false, GPT2_PATTERN)),
            Map.entry("smollm", new Cutting(false, false, "\\p{N}", GPT2_PATTERN)),
            Map.entry("starcoder", new Cutting(false, false, "\\p{N}", GPT2_PATTERN)),
            Map.entry("llama-bpe", new Cutting(false, true, LLAMA3_PATTERN)),
            Map.entry("llama3", new Cutting(false, true, LLAMA3_PATTERN)),
            Map.entry("llama-v3", new Cutting(false, true, LLAMA3_PATTERN)),
            Map.entry("qwen2", new Cutting(true, false, QWEN2_PATTERN)),
            Map.entry("deepseek-r1-qwen", new Cutting(true, false, QWEN2_PATTERN)),
            Map.entry("tekken", new Cutting(false, true, TEKKEN_PATTERN)),
            Map.entry(
                    "default",
                    new Cutting(
                            false, false, "[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2_PATTERN, "\\p{N}+", "[0-9][0-9][0-9]")));

    private final Gguf gguf;
    private final GgufMetadata metadata;
    private final List<String> tokens;
    private final Map<String, Integer> vocabulary;
    private final int[] types;

    private GgufTokenizer(Gguf gguf) {
        this.gguf = gguf;
        this.metadata = gguf.metadata();
        this.tokens = metadata.strings("tokenizer.ggml.tokens");
        this.vocabulary = vocabulary();
        this.types = types();
    }

    /** @throws IllegalArgumentException if it is not sound, or of another kind; the message names the file */
    static TokenizerJson json(Gguf gguf) {
        var kind = gguf.metadata().string("tokenizer.ggml.model");
        return switch (kind) {
            case "gpt2" -> new GgufTokenizer(gguf).byteLevelPairs();
            case "llama" -> new GgufTokenizer(gguf).sentencePieces();
            default ->
                throw new IllegalArgumentException(gguf.source() + ": the tokenizer model \"" + kind
                        + "\" is not supported, only \"gpt2\" (byte-level BPE) and \"llama\" (SentencePiece's BPE)");
        };
    }

    private TokenizerJson byteLevelPairs() {
        var cutting = cutting();
        var byteLevel = part("ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", false);
        var steps = Stream.concat(Stream.of(cutting.patterns()).map(GgufTokenizer::isolating), Stream.of(byteLevel));
        var merges = metadata.strings("tokenizer.ggml.merges").stream()
                .distinct() // of equal ones llama.cpp takes the first, a tokenizer.json the last
                .map(this::merge)
                .toList();
        var model = new BpeJson()
                .vocabulary(tokens)
                .merges(
                        merges.stream(),
                        merges.stream()
                                .allMatch(each ->
                                        BpeJson.Merge.fitsLine(each.left()) && BpeJson.Merge.fitsLine(each.right())))
                .flag("ignore_merges", cutting.wholeFirst());
        return tokenizer(
                added(id -> types[id] == UNKNOWN || types[id] == CONTROL || types[id] == USER_DEFINED, false),
                cutting.composes() ? part("NFC") : JsonNull.INSTANCE,
                part("Sequence", "pretokenizers", steps.toList()),
                startsBy(cutting.wholeFirst()),
                byteLevel,
                model);
    }

    private TokenizerJson sentencePieces() {
        var scores = metadata.numbers("tokenizer.ggml.scores");
        requireLength("scores", scores.length);
        for (int id = 0; id < scores.length; id++) {
            if (!Double.isFinite(scores[id])) {
                throw malformed("tokenizer.ggml.scores of token " + id + " is " + scores[id]);
            }
        }
        if (flag("remove_extra_whitespaces", false)) {
            throw malformed("tokenizer.ggml.remove_extra_whitespaces is true, which is not supported");
        }
        var unknown = metadata.has("tokenizer.ggml.unknown_token_id")
                ? tokens.get(id("unknown_token_id"))
                : IntStream.range(0, types.length)
                        .filter(id -> types[id] == UNKNOWN)
                        .mapToObj(tokens::get)
                        .findFirst()
                        .orElse(null);
        var pieces =
                new SentencePieces(gguf.source(), tokens, vocabulary, scores, types, flag("add_space_prefix", true));
        var added = added(id -> types[id] == UNKNOWN || types[id] == CONTROL, false);
        added.addAll(added(pieces::isMatchedAsToken, true));
        return tokenizer(
                added,
                pieces.normalizer(),
                pieces.preTokenizer(),
                startsBy(true),
                pieces.decoder(),
                pieces.model(unknown));
    }

    private TokenizerJson tokenizer(
            JsonArray added,
            JsonElement normalizer,
            JsonElement preTokenizer,
            JsonElement postProcessor,
            JsonElement decoder,
            BpeJson model) {
        var json = new JsonObject();
        json.addProperty("version", "1.0");
        json.add("added_tokens", added);
        json.add("normalizer", normalizer);
        json.add("pre_tokenizer", preTokenizer);
        json.add("post_processor", postProcessor);
        json.add("decoder", decoder);
        return TokenizerJson.of(json, vocabulary, model.end(), gguf.source());
    }

    /** A part of a tokenizer: its type, then names and values of its fields. */
    static JsonObject part(String type, Object... fields) {
        var part = new JsonObject();
        part.addProperty("type", type);
        object(fields).asMap().forEach(part::add);
        return part;
    }

    /** Names and values of an object's fields, in this order: the text that is written of a tokenizer is always the same. */
    private static JsonObject object(Object... fields) {
        var part = new JsonObject();
        for (int i = 0; i < fields.length; i += 2) {
            part.add((String) fields[i], new Gson().toJsonTree(fields[i + 1]));
        }
        return part;
    }

    /** Cuts a text so that what matches stands alone. */
    static JsonObject isolating(String pattern) {
        return part("Split", "pattern", Map.of("Regex", pattern), "behavior", "Isolated", "invert", false);
    }

    /** The template that puts the start token before a text, if the file has one and asks for it. */
    private JsonElement startsBy(boolean unlessSaid) {
        if (!flag("add_bos_token", unlessSaid) || !metadata.has("tokenizer.ggml.bos_token_id")) {
            return JsonNull.INSTANCE;
        }
        int id = id("bos_token_id");
        var name = tokens.get(id);
        var start = object("SpecialToken", object("id", name, "type_id", 0));
        var text = object("Sequence", object("id", "A", "type_id", 0));
        var token = object("id", name, "ids", List.of(id), "tokens", List.of(name));
        return part(
                "TemplateProcessing",
                "single",
                List.of(start, text),
                "pair",
                List.of(start, text, object("Sequence", object("id", "B", "type_id", 0))),
                "special_tokens",
                object(name, token));
    }

    private boolean flag(String name, boolean unlessSaid) {
        return metadata.has("tokenizer.ggml." + name) ? metadata.flag("tokenizer.ggml." + name) : unlessSaid;
    }

    private int id(String name) {
        long id = metadata.integer("tokenizer.ggml." + name);
        if (id < 0 || id >= tokens.size()) {
            throw malformed("tokenizer.ggml." + name + " is " + id + " of " + tokens.size() + " tokens");
        }
        return (int) id;
    }

    private int[] types() {
        var key = "tokenizer.ggml.token_type";
        var types = metadata.has(key) ? metadata.integers(key) : new long[tokens.size()];
        requireLength("token_type", types.length);
        for (int id = 0; id < types.length; id++) {
            if (types[id] < 0 || types[id] > BYTE) {
                throw malformed(key + " of token " + id + " is " + types[id] + ", none of 0 to " + BYTE);
            }
        }
        return IntStream.range(0, types.length).map(id -> (int) types[id]).toArray();
    }

    private void requireLength(String name, int length) {
        if (length != tokens.size()) {
            throw malformed("tokenizer.ggml." + name + " has " + length + " entries for " + tokens.size() + " tokens");
        }
    }

    /** The tokens that are matched in a text before any other; in the normalized one, if they are {@code normalized}. */
    private JsonArray added(IntPredicate which, boolean normalized) {
        var added = new JsonArray();
        IntStream.range(0, types.length).filter(which).forEach(id -> {
            var token = new JsonObject();
            token.addProperty("id", id);
            token.addProperty("content", tokens.get(id));
            token.addProperty("single_word", false);
            token.addProperty("lstrip", false);
            token.addProperty("rstrip", false);
            token.addProperty("normalized", normalized);
            token.addProperty("special", types[id] != USER_DEFINED);
            added.add(token);
        });
        return added;
    }

    private Cutting cutting() {
        var key = "tokenizer.ggml.pre";
        var name = metadata.has(key) ? metadata.string(key) : "default";
        if (!CUTTINGS.containsKey(name)) {
            throw malformed("the pre-tokenizer \"" + name + "\" is not supported, only "
                    + String.join(", ", new TreeSet<>(CUTTINGS.keySet())));
        }
        return CUTTINGS.get(name);
    }

    private Map<String, Integer> vocabulary() {
        var vocabulary = new HashMap<String, Integer>(2 * tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            var other = vocabulary.put(tokens.get(id), id);
            if (other != null) {
                throw malformed("the token \"" + tokens.get(id) + "\" appears twice in tokenizer.ggml.tokens, as "
                        + other + " and " + id);
            }
        }
        return vocabulary;
    }

    private BpeJson.Merge merge(String merge) {
        int space = merge.indexOf(' ', 1);
        if (space < 0 || space == merge.length() - 1) {
            throw malformed("\"" + merge + "\" in tokenizer.ggml.merges is not two tokens with a space between");
        }
        return new BpeJson.Merge(merge.substring(0, space), merge.substring(space + 1));
    }

    private IllegalArgumentException malformed(String problem) {
        return new IllegalArgumentException(gguf.source() + ": " + problem);
    }
}
