package org.whylm.run;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * JSON that others wrote, read strictly: the grammar of RFC 8259, no key twice in an object, no number beyond what a
 * {@code double} holds, no unpaired surrogate, at most {@value #DEPTH} levels. What it gives may be handed to readers that are less careful.
 */
public final class StrictJson {

    private static final int DEPTH = 64;
    private static final int DIGITS = 400;
    private static final Pattern WHOLE = Pattern.compile("0|-?[1-9][0-9]{0,17}");
    private static final String LFS_POINTER = "version https://git-lfs.github.com/spec/";

    private final Object source;
    private final JsonReader json;

    private StrictJson(Object source, String text) {
        this.source = source;
        this.json = new JsonReader(new StringReader(text));
        json.setStrictness(Strictness.STRICT);
    }

    /**
     * The content of a file.
     *
     * @throws IllegalArgumentException if it is not such JSON; the message names the file, the place and the reason
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    public static JsonElement read(Path file) {
        return parse(Input.text(file), file);
    }

    /**
     * The content of a file that holds an object.
     *
     * @throws IllegalArgumentException as {@link #read}, and if it is no object
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    public static JsonObject readObject(Path file) {
        if (read(file) instanceof JsonObject object) {
            return object;
        }
        throw new IllegalArgumentException(file + " holds no JSON object");
    }

    /**
     * A text.
     *
     * @param source what messages call it, such as its file
     * @throws IllegalArgumentException as {@link #read}
     */
    public static JsonElement parse(String text, Object source) {
        if (isLfsPointer(text)) {
            throw new IllegalArgumentException(source + lfsPointer());
        }
        var reader = new StrictJson(source, text);
        try {
            var element = reader.element(0);
            if (reader.json.peek() != JsonToken.END_DOCUMENT) {
                throw reader.malformed("something follows the end");
            }
            return element;
        } catch (MalformedJsonException | EOFException | IllegalStateException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    source + " is not JSON, " + reader.json.getPath() + ": " + firstLine(e.getMessage()), e);
        } catch (IOException e) {
            throw new AssertionError("A string cannot fail to be read", e);
        }
    }

    /** Whether a file starts as what {@code git clone} leaves of a large file without git-lfs. */
    public static boolean isLfsPointer(String start) {
        return start.startsWith(LFS_POINTER);
    }

    /** Whether a file starts so; for files that are not text. */
    public static boolean isLfsPointer(byte[] start) {
        return isLfsPointer(new String(start, StandardCharsets.ISO_8859_1));
    }

    /** What to say of such a file. */
    public static String lfsPointer() {
        return " is a Git LFS pointer, not the file itself: run `git lfs pull` where it was cloned, or download the file";
    }

    private JsonElement element(int depth) throws IOException {
        if (depth > DEPTH) {
            throw malformed("more than " + DEPTH + " levels");
        }
        return switch (json.peek()) {
            case BEGIN_OBJECT -> object(depth);
            case BEGIN_ARRAY -> {
                var array = new JsonArray();
                json.beginArray();
                while (json.hasNext()) {
                    array.add(element(depth + 1));
                }
                json.endArray();
                yield array;
            }
            case STRING -> new JsonPrimitive(sound(json.nextString()));
            case NUMBER -> new JsonPrimitive(number(json.nextString()));
            case BOOLEAN -> new JsonPrimitive(json.nextBoolean());
            case NULL -> {
                json.nextNull();
                yield JsonNull.INSTANCE;
            }
            default -> throw malformed("a value is missing");
        };
    }

    private JsonObject object(int depth) throws IOException {
        var object = new JsonObject();
        json.beginObject();
        while (json.hasNext()) {
            var key = sound(json.nextName());
            if (object.has(key)) {
                throw malformed("the key \"" + key + "\" appears twice");
            }
            object.add(key, element(depth + 1));
        }
        json.endObject();
        return object;
    }

    private String sound(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c) || ++i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
                    throw malformed("an unpaired surrogate");
                }
            }
        }
        return text;
    }

    private Number number(String digits) {
        if (digits.length() > DIGITS || !Double.isFinite(Double.parseDouble(digits))) {
            throw malformed("the number " + digits.substring(0, Math.min(40, digits.length())) + " is too large");
        }
        return WHOLE.matcher(digits).matches() ? (Number) Long.valueOf(digits) : new BigDecimal(digits);
    }

    private IllegalArgumentException malformed(String problem) {
        return new IllegalArgumentException(source + ", " + json.getPath() + ": " + problem);
    }

    private static String firstLine(String message) {
        // Gson's advice is for those who call it, not for whoever wrote the file.
        return message == null
                ? "it ends too early"
                : message.lines()
                        .findFirst()
                        .orElse("")
                        .replaceFirst("Use JsonReader.setStrictness\\(.*\\) to accept malformed JSON", "malformed")
                        .replaceFirst(" path \\$.*", "");
    }
}
