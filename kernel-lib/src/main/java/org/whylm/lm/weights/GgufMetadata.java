package org.whylm.lm.weights;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The typed key-value pairs of a GGUF file. Each accessor throws {@link IllegalArgumentException} if the key is missing
 * ({@link #has} tells) and {@link WeightsFormatException} if its value has another type.
 */
public final class GgufMetadata {

    /** The value types of the format, in the order of their numbers; {@code size} in bytes, 0 where it varies. */
    enum Type {
        UINT8(1),
        INT8(1),
        UINT16(2),
        INT16(2),
        UINT32(4),
        INT32(4),
        FLOAT32(4),
        BOOL(1),
        STRING(0),
        ARRAY(0),
        UINT64(8),
        INT64(8),
        FLOAT64(8);

        final int size;

        Type(int size) {
            this.size = size;
        }
    }

    /**
     * Where a value lies in the header.
     *
     * @param type of the value, or of each element
     * @param position of the value, or of the first element
     * @param count of the elements; -1 if the value is not an array
     */
    record Value(Type type, int position, int count) {}

    private static final Set<Type> NUMBERS = EnumSet.complementOf(EnumSet.of(Type.BOOL, Type.STRING, Type.ARRAY));
    private static final Set<Type> INTEGERS =
            EnumSet.complementOf(EnumSet.of(Type.BOOL, Type.STRING, Type.ARRAY, Type.FLOAT32, Type.FLOAT64));

    private static final char REPLACEMENT = '\uFFFD';

    private final WeightFile file;
    private final ByteBuffer header;
    private final Map<String, Value> values;

    /** Takes values whose extent in the header has been checked. */
    GgufMetadata(WeightFile file, ByteBuffer header, Map<String, Value> values) {
        this.file = file;
        this.header = header;
        this.values = values;
    }

    /** All keys, in the order of the file. */
    public Set<String> keys() {
        return Collections.unmodifiableSet(values.keySet());
    }

    /** Whether the file has the key. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** A value as {@code String}, {@code Long}, {@code Double}, {@code Boolean}, or a list of one of these. */
    public Object value(String key) {
        var value = stored(key);
        if (value.count() < 0) {
            return value(key, value.type(), value.position());
        }
        var list = new ArrayList<Object>(value.count());
        int position = value.position();
        for (int i = 0; i < value.count(); i++) {
            list.add(value(key, value.type(), position));
            position += value.type() == Type.STRING ? Long.BYTES + (int) header.getLong(position) : value.type().size;
        }
        return Collections.unmodifiableList(list);
    }

    /** A string. */
    public String string(String key) {
        return (String) value(key, false, "a string", Set.of(Type.STRING));
    }

    /** An integer of any width; a UINT64 above 2⁶³ - 1 is an error. */
    public long integer(String key) {
        return (Long) value(key, false, "an integer", INTEGERS);
    }

    /** A floating-point number, or an integer as one. */
    public double number(String key) {
        return ((Number) value(key, false, "a number", NUMBERS)).doubleValue();
    }

    /** A Boolean. */
    public boolean flag(String key) {
        return (Boolean) value(key, false, "a Boolean", Set.of(Type.BOOL));
    }

    /** An array of strings. */
    public List<String> strings(String key) {
        return list(key, "an array of strings", Set.of(Type.STRING))
                .map(String.class::cast)
                .toList();
    }

    /** An array of integers of any width. */
    public long[] integers(String key) {
        return list(key, "an array of integers", INTEGERS)
                .mapToLong(Long.class::cast)
                .toArray();
    }

    /** An array of floating-point numbers, or of integers as such. */
    public double[] numbers(String key) {
        return list(key, "an array of numbers", NUMBERS)
                .mapToDouble(each -> ((Number) each).doubleValue())
                .toArray();
    }

    private Stream<?> list(String key, String wanted, Set<Type> types) {
        return ((List<?>) value(key, true, wanted, types)).stream();
    }

    private Value stored(String key) {
        var value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(file.path() + " has no metadata \"" + key + "\"");
        }
        return value;
    }

    private Object value(String key, boolean array, String wanted, Set<Type> types) {
        var value = stored(key);
        if (array == value.count() < 0 || !types.contains(value.type())) {
            throw file.malformed(
                    value.position(),
                    "metadata \"" + key + "\" is " + (value.count() < 0 ? "" : "an array of ") + value.type() + ", not "
                            + wanted);
        }
        return value(key);
    }

    private Object value(String key, Type type, int position) {
        return switch (type) {
            case UINT8 -> Byte.toUnsignedLong(header.get(position));
            case INT8 -> (long) header.get(position);
            case UINT16 -> Short.toUnsignedLong(header.getShort(position));
            case INT16 -> (long) header.getShort(position);
            case UINT32 -> Integer.toUnsignedLong(header.getInt(position));
            case INT32 -> (long) header.getInt(position);
            case INT64 -> header.getLong(position);
            case UINT64 -> unsigned(key, position);
            case FLOAT32 -> (double) header.getFloat(position);
            case FLOAT64 -> header.getDouble(position);
            case BOOL -> flag(key, position);
            case STRING -> string(key, position);
            case ARRAY -> throw new AssertionError(type);
        };
    }

    private long unsigned(String key, int position) {
        long integer = header.getLong(position);
        if (integer < 0) {
            throw file.malformed(
                    position, "metadata \"" + key + "\" is " + Long.toUnsignedString(integer) + ", above 2^63 - 1");
        }
        return integer;
    }

    private boolean flag(String key, int position) {
        byte flag = header.get(position);
        if (flag < 0 || flag > 1) {
            throw file.malformed(position, "metadata \"" + key + "\" is " + (flag & 0xff) + ", not 0 or 1");
        }
        return flag == 1;
    }

    private String string(String key, int position) {
        int length = (int) header.getLong(position);
        try {
            return text(header, position + Long.BYTES, length);
        } catch (CharacterCodingException e) {
            throw new WeightsFormatException(
                    file.path(), position + Long.BYTES, "metadata \"" + key + "\" is not UTF-8", e);
        }
    }

    static String text(ByteBuffer header, int position, int length) throws CharacterCodingException {
        var bytes = new byte[length];
        header.get(position, bytes);
        var text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 // which stands for what is not UTF-8, if it does not stand there itself
                ? text
                : StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
    }
}
