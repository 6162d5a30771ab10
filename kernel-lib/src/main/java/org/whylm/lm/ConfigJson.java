package org.whylm.lm;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A model's {@code config.json}, read with errors that name the key. */
record ConfigJson(Path file, JsonObject json) {

    static ConfigJson read(Path file) throws IOException {
        try {
            return new ConfigJson(
                    file, JsonParser.parseString(Files.readString(file)).getAsJsonObject());
        } catch (JsonParseException | IllegalStateException e) {
            throw new UnsupportedModelException(file, "not a JSON object: " + e.getMessage());
        }
    }

    private Optional<JsonElement> value(String key) {
        return Optional.ofNullable(json.get(key)).filter(value -> !value.isJsonNull());
    }

    String string(String key) {
        return value(key).orElseThrow(() -> unsupported("no '" + key + "'")).getAsString();
    }

    int integer(String key) {
        return value(key).map(value -> positive(key, value)).orElseThrow(() -> unsupported("no '" + key + "'"));
    }

    int integer(String key, int otherwise) {
        return value(key).map(value -> positive(key, value)).orElse(otherwise);
    }

    private int positive(String key, JsonElement value) {
        try {
            int number = value.getAsBigDecimal().intValueExact();
            if (number > 0) {
                return number;
            }
        } catch (ArithmeticException
                | NumberFormatException
                | IllegalStateException
                | UnsupportedOperationException e) {
            // reported below, as any other value that is no positive integer
        }
        throw unsupported("'" + key + "' is " + value + ", expected a positive integer");
    }

    double number(String key, double otherwise) {
        return value(key).map(JsonElement::getAsDouble).orElse(otherwise);
    }

    boolean flag(String key, boolean otherwise) {
        return value(key).map(JsonElement::getAsBoolean).orElse(otherwise);
    }

    Optional<JsonObject> object(String key) {
        return value(key).map(JsonElement::getAsJsonObject);
    }

    /** Refuses any other value; a missing key is the architecture's default and passes. */
    void require(String key, Object expected) {
        value(key)
                .filter(value -> !value.getAsString().equals(expected.toString()))
                .ifPresent(value -> {
                    throw unsupported("'" + key + "' is " + value + ", only " + expected + " is supported");
                });
    }

    UnsupportedModelException unsupported(String problem) {
        return new UnsupportedModelException(file, problem);
    }
}
