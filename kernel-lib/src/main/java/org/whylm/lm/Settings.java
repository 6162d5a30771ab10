package org.whylm.lm;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.ToNumberPolicy;
import com.google.gson.reflect.TypeToken;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.whylm.lm.weights.Gguf;
import org.whylm.run.StrictJson;

/**
 * What a file says of a model ({@code config.json}, or the metadata of a GGUF file): every value with its type and range checked,
 * every error with file and key. A setting that changes what the model computes and is not implemented is refused, known or not.
 */
final class Settings {

    /** Parts of the names of settings that may change what a model computes. */
    private static final Pattern SUSPECT =
            Pattern.compile("rope|rotary|window|sliding|cap|expert|moe|scal|factor|multiplier"
                    + "|norm|alibi|bias|clip|clamp|activ|_act|parallel|quant|layer_type|interleav|tie|position|residual|attention|attn"
                    + "|encoder_decoder|causal|pooling|logit|head|layout");

    private static final int LARGEST_DEPTH = 1 << 12;
    private static final int LARGEST_WIDTH = 1 << 24;

    /** Keys of Hugging Face's configurations that sound otherwise but change nothing that is read here. */
    private static final Pattern HARMLESS = Pattern.compile(
            "_?attn_implementation|_attn_implementation_autoset|attention_dropout|attn_pdrop|head_dropout"
                    + "|attention_probs_dropout_prob|reorder_and_upcast_attn|pretraining_tp|summary_activation"
                    + "|output_attentions|pooler_num_attention_heads");

    private static final Gson GSON = new GsonBuilder()
            .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
            .create();

    private final Path file;

    /** The place in the file, for messages. */
    private final String at;

    private final Set<String> keys;
    private final Function<String, Object> values;
    private final Set<String> asked = new HashSet<>();

    private Settings(Path file, String at, Set<String> keys, Function<String, Object> values) {
        this.file = file;
        this.at = at;
        this.keys = keys;
        this.values = values;
    }

    /** Those of a {@code config.json}. */
    static Settings ofConfig(Path file) {
        return ofConfig(file, "", GSON.fromJson(StrictJson.readObject(file), new TypeToken<Map<String, Object>>() {}));
    }

    private static Settings ofConfig(Path file, String at, Map<?, ?> values) {
        var keys = values.keySet().stream().map(String::valueOf).collect(Collectors.toCollection(LinkedHashSet::new));
        return new Settings(file, at, keys, values::get);
    }

    /** The metadata of a GGUF file. */
    static Settings ofGguf(Gguf file) {
        var metadata = file.metadata();
        return new Settings(file.source(), "", metadata.keys(), key -> metadata.has(key) ? metadata.value(key) : null);
    }

    /** The keys that there are. */
    Set<String> keys() {
        return keys;
    }

    /**
     * A value as {@code String}, {@code Long}, {@code Double}, {@code Boolean}, {@code List} or {@code Map}; empty if missing or null. The
     * setting is taken for one that is read.
     */
    Optional<?> value(String key) {
        asked.add(key);
        return stored(key);
    }

    private Optional<?> stored(String key) {
        return Optional.ofNullable(values.apply(key));
    }

    /** An error of this file. */
    UnsupportedModelException unsupported(String problem) {
        return new UnsupportedModelException(file, at + problem);
    }

    /** The settings that are the value of a key of a {@code config.json}. */
    Optional<Settings> object(String key) {
        return value(key).map(value -> {
            if (value instanceof Map<?, ?> object) {
                return ofConfig(file, at + key + ", ", object);
            }
            throw unsupported("'" + key + "' is " + value + ", expected an object");
        });
    }

    /** A list of strings; empty if there is none. */
    Optional<List<String>> strings(String key) {
        return value(key).map(value -> {
            if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
                return list.stream().map(String.class::cast).toList();
            }
            throw unsupported("'" + key + "' is " + value + ", expected a list of strings");
        });
    }

    String string(String key) {
        return required(key, typed(key, String.class, "a string"));
    }

    String string(String key, String otherwise) {
        return typed(key, String.class, "a string").orElse(otherwise);
    }

    /** A size: a whole number from 1 to {@link #largest}. */
    int size(String key) {
        return required(key, optionalSize(key));
    }

    int size(String key, int otherwise) {
        return optionalSize(key).orElse(otherwise);
    }

    /** A number of heads, which share the components of the states among them. */
    int heads(String key, int dimension) {
        int heads = size(key);
        if (dimension % heads != 0) {
            throw unsupported("'" + key + "' " + heads + " does not divide the dimension of the states, " + dimension);
        }
        return heads;
    }

    Optional<Integer> optionalSize(String key) {
        return value(key).map(value -> {
            if (value instanceof Long size && size >= 1 && size <= largest(key)) {
                return size.intValue();
            }
            throw unsupported(
                    "'" + key + "' is " + shown(value) + ", expected a whole number from 1 to " + largest(key));
        });
    }

    /** A long context costs nothing before it is used; blocks and widths take memory before a tensor shows that there are fewer. */
    private static int largest(String key) {
        if (Stream.of("position", "context_length").anyMatch(key::contains)) {
            return Integer.MAX_VALUE;
        }
        return Stream.of("layer", "block_count").anyMatch(key::contains) ? LARGEST_DEPTH : LARGEST_WIDTH;
    }

    /** The base of rotary positions; null leaves it to what is usual, as in transformers. */
    double base(String key, double otherwise) {
        return value(key).isPresent() ? number(key, otherwise, 1, 1e15) : otherwise;
    }

    /** The ε of a norm, from 0 to 1. */
    double epsilon(String key, double otherwise) {
        return number(key, otherwise, 0, 1);
    }

    double number(String key, double otherwise, double low, double high) {
        refuseNull(key, "a number from " + low + " to " + high);
        return value(key)
                .map(value -> {
                    if (value instanceof Number number && number.doubleValue() >= low && number.doubleValue() <= high) {
                        return number.doubleValue();
                    }
                    throw unsupported(
                            "'" + key + "' is " + shown(value) + ", expected a number from " + low + " to " + high);
                })
                .orElse(otherwise);
    }

    /** A number that must be there. */
    double number(String key, double low, double high) {
        requirePresent(key);
        return number(key, low, low, high);
    }

    boolean flag(String key, boolean otherwise) {
        return typed(key, Boolean.class, "true or false").orElse(otherwise);
    }

    void requirePresent(String key) {
        required(key, value(key));
    }

    /** Refuses any other value; a missing key is the architecture's default and passes. */
    void require(String key, Object expected) {
        value(key).filter(value -> !value.equals(expected)).ifPresent(value -> {
            throw unsupported("'" + key + "' is " + shown(value) + ", only " + expected + " is supported");
        });
    }

    /** Takes settings for such that change nothing here. */
    void passOver(String... keys) {
        asked.addAll(List.of(keys));
    }

    /** Refuses all {@link #refuseOthers(String) others}. */
    void refuseOthers() {
        refuseOthers("");
    }

    /**
     * Refuses settings that may change what the model computes and that nobody has read, unless they have a value that switches them
     * off: to be asked when all is read.
     *
     * @param prefix of the keys that are looked at
     */
    void refuseOthers(String prefix) {
        keys.stream()
                .filter(key -> key.startsWith(prefix) && !asked.contains(key))
                .filter(key -> !HARMLESS.matcher(key).matches())
                .filter(key -> SUSPECT.matcher(key.substring(prefix.length()).toLowerCase(Locale.ROOT))
                        .find())
                .forEach(key -> stored(key).filter(value -> !isOff(key, value)).ifPresent(value -> {
                    throw unsupported("'" + key + "' is " + shown(value)
                            + ", a setting that changes what the model computes and is not implemented");
                }));
    }

    private static boolean isOff(String key, Object value) {
        if (key.contains("causal")) {
            return value.equals(true);
        }
        boolean factor = Stream.of("scal", "factor", "multiplier").anyMatch(key::contains);
        return value.equals(false)
                || value.equals("none")
                || value.equals("")
                || value instanceof Number number && (number.doubleValue() == 0 || factor && number.doubleValue() == 1)
                || value instanceof List<?> list && list.isEmpty()
                || value instanceof Map<?, ?> map && map.isEmpty();
    }

    private static String shown(Object value) {
        return value instanceof String ? "\"" + value + "\"" : value.toString();
    }

    /** Of a number of some use, a flag or a name, null is no value: transformers refuses it too. */
    private void refuseNull(String key, String wanted) {
        if (keys.contains(key) && stored(key).isEmpty()) {
            throw unsupported("'" + key + "' is null, expected " + wanted);
        }
    }

    private <T> Optional<T> typed(String key, Class<T> type, String wanted) {
        refuseNull(key, wanted);
        return value(key).map(value -> {
            if (type.isInstance(value)) {
                return type.cast(value);
            }
            throw unsupported("'" + key + "' is " + shown(value) + ", expected " + wanted);
        });
    }

    private <T> T required(String key, Optional<T> value) {
        return value.orElseThrow(() -> unsupported("no '" + key + "'"));
    }
}
