package org.whylm.lm;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.whylm.run.StrictJson;

/** A model's {@code config.json}. */
final class ConfigJson extends Settings {

    /** Keys of Hugging Face's configurations that sound otherwise but change nothing that is read here. */
    private static final String[] HARMLESS = {
        "_attn_implementation",
        "_attn_implementation_autoset",
        "attn_implementation",
        "attention_dropout",
        "attention_probs_dropout_prob",
        "attn_pdrop",
        "reorder_and_upcast_attn",
        "pretraining_tp",
        "summary_activation",
        "output_attentions",
        "pooler_num_attention_heads",
        "head_dropout"
    };

    private final Path file;
    private final String at;
    private final JsonObject json;

    private ConfigJson(Path file, String at, JsonObject json) {
        this.file = file;
        this.at = at;
        this.json = json;
        passOver(HARMLESS);
    }

    static ConfigJson read(Path file) {
        return new ConfigJson(file, "", StrictJson.readObject(file));
    }

    @Override
    Set<String> keys() {
        return json.keySet();
    }

    @Override
    Optional<?> stored(String key) {
        return Optional.ofNullable(json.get(key))
                .filter(value -> !value.isJsonNull())
                .map(value -> {
                    if (!(value instanceof JsonPrimitive primitive)) {
                        return value.isJsonObject()
                                ? value.getAsJsonObject().asMap()
                                : value.getAsJsonArray().asList();
                    }
                    if (primitive.isString()) {
                        return primitive.getAsString();
                    }
                    if (primitive.isBoolean()) {
                        return primitive.getAsBoolean();
                    }
                    return primitive.getAsNumber() instanceof Long whole ? (Object) whole : primitive.getAsDouble();
                });
    }

    /** The settings that are the value of a key. */
    Optional<ConfigJson> object(String key) {
        return value(key).map(value -> {
            if (json.get(key) instanceof JsonObject object) {
                return new ConfigJson(file, at + key + ", ", object);
            }
            throw unsupported("'" + key + "' is " + value + ", expected an object");
        });
    }

    /** A list of strings; empty if there is none. */
    Optional<List<String>> strings(String key) {
        return value(key).map(value -> {
            boolean strings = value instanceof List<?> list
                    && list.stream().allMatch(each -> each instanceof JsonPrimitive one && one.isString());
            if (!strings) {
                throw unsupported("'" + key + "' is " + value + ", expected a list of strings");
            }
            return ((List<?>) value)
                    .stream().map(each -> ((JsonPrimitive) each).getAsString()).toList();
        });
    }

    /** Refuses every setting of it that may change what the model computes and that nobody has read. */
    void refuseOthers() {
        refuseOthers("");
    }

    @Override
    UnsupportedModelException unsupported(String problem) {
        return new UnsupportedModelException(file, at + problem);
    }
}
