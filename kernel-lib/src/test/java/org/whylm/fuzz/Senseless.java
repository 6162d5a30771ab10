package org.whylm.fuzz;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Files that keep their grammar and lose their sense: values of another type, out of range, not finite, missing, doubled, exchanged for
 * those of another place, lists and counts too long or too short. The same for the same seed.
 */
final class Senseless {

    private static final List<String> NUMBERS = List.of(
            "-1",
            "0",
            "1",
            "2",
            "0.5",
            "-0.0",
            "3",
            "255",
            "65536",
            "2147483647",
            "2147483648",
            "-2147483649",
            "9007199254740993",
            "9223372036854775807",
            "18446744073709551616",
            "1e308",
            "-1e308",
            "1e-320",
            "1e38",
            "16777216");

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "é",
            "\u0000",
            "\uD83D\uDE00",
            "\u0301",
            "a b",
            "a b c",
            "NaN",
            "../..",
            "x".repeat(5_000),
            "(a|b)+$",
            "a*",
            "[",
            "(?=a)",
            "\\p{L}+",
            "BPE",
            "Unigram",
            "WordPiece",
            "WordLevel",
            "Sequence",
            "Replace",
            "Prepend",
            "Strip",
            "gpt2",
            "llama",
            "bert",
            "F16",
            "U8");

    private static final int FLOAT32 = 6;
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int FLOAT64 = 12;
    private static final int[] WIDTHS = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private final Random random;

    Senseless(long seed) {
        random = new Random(seed);
    }

    /** JSON with one to three senseless values. */
    byte[] json(byte[] sound) {
        var tree = JsonParser.parseString(new String(sound, StandardCharsets.UTF_8));
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            tree = changed(tree, tree);
        }
        return new GsonBuilder()
                .serializeNulls()
                .disableHtmlEscaping()
                .create()
                .toJson(tree)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** A safetensors file with a senseless header of the right length. */
    byte[] safetensors(byte[] sound) {
        var bytes = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) bytes.getLong();
        var header = new byte[length];
        bytes.get(header);
        var changed = json(header);
        var file = ByteBuffer.allocate(Long.BYTES + changed.length + bytes.remaining())
                .order(ByteOrder.LITTLE_ENDIAN);
        return file.putLong(changed.length).put(changed).put(bytes).array();
    }

    /** A GGUF file whose counts, types, values, shapes or offsets are senseless. */
    byte[] gguf(byte[] sound) {
        var fields = fields(sound);
        var file = ByteBuffer.wrap(sound.clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            var field = fields.get(random.nextInt(fields.size()));
            long value = field.isReal() ? real(field.width()) : whole(field.width(), fields, file);
            for (int i = 0; i < field.width(); i++) {
                file.put(field.at() + i, (byte) (value >> 8 * i));
            }
        }
        return file.array();
    }

    private long real(int width) {
        double value = pick(List.of(
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                0.0,
                -0.0,
                -1.0,
                1e-45,
                1e38,
                1e308,
                2.0,
                random.nextGaussian()));
        return width == Float.BYTES ? Float.floatToRawIntBits((float) value) : Double.doubleToRawLongBits(value);
    }

    private long whole(int width, List<Field> fields, ByteBuffer file) {
        if (random.nextInt(4) == 0) {
            var other = fields.get(random.nextInt(fields.size()));
            return other.width() == Long.BYTES ? file.getLong(other.at()) : file.get(other.at());
        }
        return pick(List.of(
                0L,
                1L,
                2L,
                3L,
                -1L,
                7L,
                31L,
                33L,
                64L,
                255L,
                1L << 16,
                Integer.MAX_VALUE + 0L,
                1L << 31,
                1L << 32,
                1L << 61,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                (long) random.nextInt(40)));
    }

    /** Something in the header that can be replaced where it stands. */
    private record Field(int at, int width, boolean isReal) {}

    private static List<Field> fields(byte[] sound) {
        var fields = new ArrayList<Field>();
        var file = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).position(8);
        fields.add(new Field(4, 4, false));
        long tensors = count(file, fields);
        for (long pairs = count(file, fields); pairs > 0; pairs--) {
            text(file, fields);
            value(file, kind(file, fields), fields);
        }
        for (; tensors > 0; tensors--) {
            text(file, fields);
            int dimensions = kind(file, fields);
            for (int i = 0; i < dimensions; i++) {
                count(file, fields);
            }
            kind(file, fields);
            count(file, fields);
        }
        return fields;
    }

    private static void value(ByteBuffer file, int kind, List<Field> fields) {
        if (kind == STRING) {
            text(file, fields);
        } else if (kind == ARRAY) {
            int element = kind(file, fields);
            for (long n = count(file, fields); n > 0; n--) {
                value(file, element, fields);
            }
        } else {
            fields.add(new Field(file.position(), WIDTHS[kind], kind == FLOAT32 || kind == FLOAT64));
            file.position(file.position() + WIDTHS[kind]);
        }
    }

    private static long count(ByteBuffer file, List<Field> fields) {
        fields.add(new Field(file.position(), Long.BYTES, false));
        return file.getLong();
    }

    private static int kind(ByteBuffer file, List<Field> fields) {
        fields.add(new Field(file.position(), Integer.BYTES, false));
        return file.getInt();
    }

    private static void text(ByteBuffer file, List<Field> fields) {
        int length = (int) count(file, fields);
        if (length > 0) {
            fields.add(new Field(file.position(), 1, false));
        }
        file.position(file.position() + length);
    }

    /** A tree with a change somewhere below; those near the root are as likely as those in a long list. */
    private JsonElement changed(JsonElement tree, JsonElement all) {
        if (tree instanceof JsonObject object && !object.isEmpty() && random.nextInt(5) > 0) {
            var key = pick(List.copyOf(object.keySet()));
            var result = object.deepCopy();
            switch (random.nextInt(12)) {
                case 0 -> result.remove(key);
                case 1 -> result.add(random.nextBoolean() ? pick(TEXTS) : anyKey(all), object.get(key));
                default -> result.add(key, changed(object.get(key), all));
            }
            return result;
        }
        if (tree instanceof JsonArray array && !array.isEmpty() && random.nextInt(5) > 0) {
            int at = random.nextInt(array.size());
            var result = array.deepCopy();
            switch (random.nextInt(8)) {
                case 0 -> result.remove(at);
                case 1 -> result.add(array.get(at));
                case 2 -> result.addAll(array);
                default -> result.set(at, changed(array.get(at), all));
            }
            return result;
        }
        return value(all);
    }

    private JsonElement value(JsonElement all) {
        return switch (random.nextInt(9)) {
            case 0 -> JsonNull.INSTANCE;
            case 1 -> new JsonPrimitive(random.nextBoolean());
            case 2 -> new JsonArray();
            case 3 -> new JsonObject();
            case 4, 5 -> new JsonPrimitive(new BigDecimal(pick(NUMBERS)));
            case 6 -> new JsonPrimitive(pick(TEXTS));
            default -> part(all);
        };
    }

    private JsonElement part(JsonElement tree) {
        if (tree instanceof JsonObject object && !object.isEmpty() && random.nextInt(3) > 0) {
            return part(object.get(pick(List.copyOf(object.keySet()))));
        }
        if (tree instanceof JsonArray array && !array.isEmpty() && random.nextInt(3) > 0) {
            return part(array.get(random.nextInt(array.size())));
        }
        return tree;
    }

    private String anyKey(JsonElement all) {
        return part(all) instanceof JsonObject object && !object.isEmpty()
                ? pick(List.copyOf(object.keySet()))
                : pick(TEXTS);
    }

    private <T> T pick(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
