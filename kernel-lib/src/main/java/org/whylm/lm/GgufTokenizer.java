package org.whylm.lm;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import org.whylm.lm.weights.Gguf;

/** The tokenizer that a GGUF file carries, written as a Hugging Face {@code tokenizer.json}. */
final class GgufTokenizer {

    // Kinds of token that are matched in the text before any other, numbered as in llama.cpp's llama_token_type.
    private static final long UNKNOWN = 2;
    private static final long CONTROL = 3;
    private static final long USER_DEFINED = 4;
    private static final long BYTE = 6;

    /** GPT-2's pattern; what no alternative matches stays a piece of its own. */
    private static final String GPT2_PATTERN =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /** Llama 3's pattern. */
    private static final String LLAMA3_PATTERN =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final String LLAMA3 = "llama-bpe";

    private GgufTokenizer() {}

    static JsonObject json(Gguf gguf) {
        var metadata = gguf.metadata();
        var model = metadata.string("tokenizer.ggml.model");
        if (!model.equals("gpt2")) {
            throw new IllegalArgumentException(gguf.source() + ": the tokenizer model \"" + model
                    + "\" is not supported, only \"gpt2\" (byte-level BPE)");
        }
        var tokens = metadata.strings("tokenizer.ggml.tokens");
        var json = new JsonObject();
        json.addProperty("version", "1.0");
        json.add("added_tokens", addedTokens(gguf, tokens));
        json.add("pre_tokenizer", preTokenizer(gguf));
        json.add("decoder", byteLevel());
        json.add("model", bytePairEncoding(gguf, tokens));
        return json;
    }

    private static JsonArray addedTokens(Gguf gguf, List<String> tokens) {
        var key = "tokenizer.ggml.token_type";
        var types = gguf.metadata().has(key) ? gguf.metadata().integers(key) : new long[tokens.size()];
        if (types.length != tokens.size()) {
            throw new IllegalArgumentException(gguf.source() + ": tokenizer.ggml.token_type has " + types.length
                    + " entries for " + tokens.size() + " tokens");
        }
        var added = new JsonArray();
        for (int id = 0; id < types.length; id++) {
            if (types[id] < 0 || types[id] > BYTE) {
                throw new IllegalArgumentException(gguf.source() + ": tokenizer.ggml.token_type of token " + id + " is "
                        + types[id] + ", none of 0 to " + BYTE);
            }
            if (types[id] == UNKNOWN || types[id] == CONTROL || types[id] == USER_DEFINED) {
                var token = new JsonObject();
                token.addProperty("id", id);
                token.addProperty("content", tokens.get(id));
                token.addProperty("single_word", false);
                token.addProperty("lstrip", false);
                token.addProperty("rstrip", false);
                token.addProperty("normalized", false);
                token.addProperty("special", types[id] != USER_DEFINED);
                added.add(token);
            }
        }
        return added;
    }

    /** The steps of llama.cpp's {@code llm_tokenizer_bpe}, each of which cuts the pieces of the one before. */
    private static JsonObject preTokenizer(Gguf gguf) {
        var name = preTokenizerName(gguf);
        var patterns =
                switch (name) {
                    case "gpt-2" -> List.of(GPT2_PATTERN);
                    case "smollm" -> List.of("\\p{N}", GPT2_PATTERN);
                    case LLAMA3 -> List.of(LLAMA3_PATTERN);
                    case "default" -> List.of("[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2_PATTERN, "\\p{N}+", "[0-9][0-9][0-9]");
                    default ->
                        throw new IllegalArgumentException(gguf.source() + ": the pre-tokenizer \"" + name
                                + "\" is not supported, only gpt-2, smollm, llama-bpe and default");
                };
        var steps = new JsonArray();
        for (var pattern : patterns) {
            var regex = new JsonObject();
            regex.addProperty("Regex", pattern);
            var split = new JsonObject();
            split.addProperty("type", "Split");
            split.add("pattern", regex);
            split.addProperty("behavior", "Isolated");
            split.addProperty("invert", false);
            steps.add(split);
        }
        steps.add(byteLevel());
        var sequence = new JsonObject();
        sequence.addProperty("type", "Sequence");
        sequence.add("pretokenizers", steps);
        return sequence;
    }

    private static String preTokenizerName(Gguf gguf) {
        var key = "tokenizer.ggml.pre";
        return gguf.metadata().has(key) ? gguf.metadata().string(key) : "default";
    }

    private static JsonObject byteLevel() {
        var byteLevel = new JsonObject();
        byteLevel.addProperty("type", "ByteLevel");
        byteLevel.addProperty("add_prefix_space", false);
        byteLevel.addProperty("trim_offsets", true);
        byteLevel.addProperty("use_regex", false);
        return byteLevel;
    }

    private static JsonObject bytePairEncoding(Gguf gguf, List<String> tokens) {
        var vocabulary = new JsonObject();
        for (int id = 0; id < tokens.size(); id++) {
            if (vocabulary.has(tokens.get(id))) {
                throw new IllegalArgumentException(gguf.source() + ": the token \"" + tokens.get(id)
                        + "\" appears twice in tokenizer.ggml.tokens, as "
                        + vocabulary.get(tokens.get(id)).getAsInt() + " and " + id);
            }
            vocabulary.addProperty(tokens.get(id), id);
        }
        var merges = new JsonArray();
        for (var merge : gguf.metadata().strings("tokenizer.ggml.merges")) {
            int space = merge.indexOf(' ', 1);
            if (space < 0 || space == merge.length() - 1) {
                throw new IllegalArgumentException(gguf.source() + ": \"" + merge
                        + "\" in tokenizer.ggml.merges is not two tokens with a space between");
            }
            var pair = new JsonArray();
            pair.add(merge.substring(0, space));
            pair.add(merge.substring(space + 1));
            merges.add(pair);
        }
        var model = new JsonObject();
        model.addProperty("type", "BPE");
        model.add("vocab", vocabulary);
        model.add("merges", merges);
        model.addProperty("ignore_merges", preTokenizerName(gguf).equals(LLAMA3));
        return model;
    }
}
