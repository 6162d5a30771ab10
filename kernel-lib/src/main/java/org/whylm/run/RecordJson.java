package org.whylm.run;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * JSON files as records: a key for each component, no more and no fewer, so that a misspelt setting is an error and not a
 * default. Components may be {@code String}, {@code int}, {@code long}, {@code double}, {@code boolean}, enums, records,
 * {@code List}, arrays, {@code Map<String, ...>} and {@code Optional} of these: a component that is an {@code Optional} may be missing.
 * A whole number may be given as {@code "all"}: the largest there is. A component of type {@code JsonObject} takes the keys that the
 * others leave.
 */
public final class RecordJson {

    private static final Gson WRITER = new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .registerTypeHierarchyAdapter(Optional.class, (JsonSerializer<Optional<?>>) (optional, type, context) ->
                    optional.isPresent() ? context.serialize(optional.get()) : JsonNull.INSTANCE)
            .create();

    private static final String CHECKSUM = "sha256";
    private static final String VALUE = "value";

    private RecordJson() {}

    /**
     * Reads a file that holds one object.
     *
     * @throws IllegalArgumentException if the content does not fit the record; the message names file, place and keys
     * @throws UncheckedIOException if the file cannot be read
     */
    public static <T extends Record> T read(Path file, Class<T> type) {
        return type.cast(value(StrictJson.read(file), type, file + ": "));
    }

    /** The same of a file that holds a list of objects. */
    public static <T extends Record> List<T> readList(Path file, Class<T> type) {
        return readList(StrictJson.read(file), type, file.toString());
    }

    /** A list of objects that was read already; see {@link #read(JsonElement, Class, String)}. */
    static <T extends Record> List<T> readList(JsonElement element, Class<T> type, String where) {
        return list(element, type, where + ": ").stream().map(type::cast).toList();
    }

    /**
     * An object that was read already, such as what a record's {@code JsonObject} took.
     *
     * @param where file and place of the object, for messages
     * @throws IllegalArgumentException if it does not fit the record; the message names place and keys
     */
    public static <T extends Record> T read(JsonElement element, Class<T> type, String where) {
        return type.cast(value(element, type, where + ": "));
    }

    /**
     * Writes a record, or a list of them, so that {@link #read} reads it back. The file is whole or not there.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public static void write(Path file, Object value) {
        AtomicFile.write(file, WRITER.toJson(value) + "\n");
    }

    /**
     * Writes a result that took long, with its checksum, for {@link #kept}.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public static void keep(Path file, Record value) {
        var json = StrictJson.parse(WRITER.toJson(value), file);
        var kept = new JsonObject();
        kept.addProperty(CHECKSUM, Sha256.of(json.toString()));
        kept.add(VALUE, json);
        AtomicFile.write(file, WRITER.toJson(kept) + "\n");
    }

    /**
     * Reads what {@link #keep} wrote; or what {@link #write} did, before there were checksums.
     *
     * @throws IllegalArgumentException if it was changed since, or does not fit the record
     * @throws UncheckedIOException if the file cannot be read
     */
    public static <T extends Record> T kept(Path file, Class<T> type) {
        var json = StrictJson.readObject(file);
        if (!json.has(CHECKSUM) && !json.has(VALUE)) {
            return read(json, type, file.toString());
        }
        var value = json.get(VALUE);
        if (value == null || !new JsonPrimitive(Sha256.of(value.toString())).equals(json.get(CHECKSUM))) {
            throw new IllegalArgumentException(
                    file + " was changed since it was written (its SHA-256 differs): remove it,"
                            + " and what made it makes it again");
        }
        return read(value, type, file.toString());
    }

    private static Object value(JsonElement element, Type type, String where) {
        if (type instanceof ParameterizedType generic) {
            var arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == Optional.class) {
                return element.isJsonNull() ? Optional.empty() : Optional.of(value(element, arguments[0], where));
            }
            return generic.getRawType() == List.class
                    ? list(element, arguments[0], where)
                    : map(element, arguments[1], where);
        }
        var raw = MethodType.methodType((Class<?>) type).wrap().returnType(); // Integer for int
        if (raw.isRecord()) {
            return record(element, raw, where);
        }
        if (raw.isArray()) {
            var items = list(element, raw.getComponentType(), where);
            var array = Array.newInstance(raw.getComponentType(), items.size());
            IntStream.range(0, items.size()).forEach(i -> Array.set(array, i, items.get(i)));
            return array;
        }
        return Optional.of(element)
                .filter(JsonElement::isJsonPrimitive)
                .flatMap(primitive -> scalar(primitive.getAsJsonPrimitive(), raw))
                .orElseThrow(
                        () -> new IllegalArgumentException(where + "expected " + expected(raw) + ", found " + element));
    }

    /** Empty if it is of another kind. */
    private static Optional<?> scalar(JsonPrimitive json, Class<?> type) {
        if (type == String.class && json.isString()) {
            return Optional.of(json.getAsString());
        }
        if (type.isEnum() && json.isString()) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> ((Enum<?>) constant).name().equals(json.getAsString()))
                    .findFirst();
        }
        if (type == Boolean.class && json.isBoolean()) {
            return Optional.of(json.getAsBoolean());
        }
        if (type == Double.class && json.isNumber()) {
            return Optional.of(json.getAsDouble());
        }
        if (type == Integer.class) {
            return whole(json, Integer.MAX_VALUE).map(Long::intValue);
        }
        return type == Long.class ? whole(json, Long.MAX_VALUE) : Optional.empty();
    }

    private static Optional<Long> whole(JsonPrimitive json, long largest) {
        if (json.isString() && json.getAsString().equals("all")) {
            return Optional.of(largest);
        }
        try {
            return Optional.of(json)
                    .filter(JsonPrimitive::isNumber)
                    .map(number -> number.getAsBigDecimal().longValueExact())
                    .filter(number -> number >= -largest && number <= largest);
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static String expected(Class<?> type) {
        if (type.isEnum()) {
            return "one of " + Arrays.toString(type.getEnumConstants());
        }
        return type == String.class
                ? "a string"
                : type == Boolean.class
                        ? "true or false"
                        : type == Double.class ? "a number" : "a whole number or \"all\"";
    }

    private static List<?> list(JsonElement element, Type type, String where) {
        if (!(element instanceof JsonArray array)) {
            throw new IllegalArgumentException(where + "expected a list, found " + element);
        }
        var values = new ArrayList<Object>();
        for (var item : array) {
            values.add(value(item, type, where + "item " + (values.size() + 1) + ": "));
        }
        return List.copyOf(values);
    }

    private static Map<String, ?> map(JsonElement element, Type type, String where) {
        if (!(element instanceof JsonObject object)) {
            throw new IllegalArgumentException(where + "expected an object, found " + element);
        }
        var values = new LinkedHashMap<String, Object>();
        object.asMap().forEach((key, item) -> values.put(key, value(item, type, where + key + ": ")));
        return Collections.unmodifiableMap(values);
    }

    private static Object record(JsonElement element, Class<?> type, String where) {
        if (!(element instanceof JsonObject object)) {
            throw new IllegalArgumentException(where + "expected an object, found " + element);
        }
        var components = type.getRecordComponents();
        var names = Arrays.stream(components).map(RecordComponent::getName).toList();
        var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        var unknown = new LinkedHashSet<>(object.keySet());
        names.forEach(unknown::remove);
        if (!unknown.isEmpty() && !List.of(types).contains(JsonObject.class)) {
            throw new IllegalArgumentException(
                    where + "unknown key " + String.join(", ", unknown) + "; the keys are " + String.join(", ", names));
        }
        var values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            var name = names.get(i);
            if (types[i] == JsonObject.class) {
                var rest = new JsonObject();
                unknown.forEach(key -> rest.add(key, object.get(key)));
                values[i] = rest;
            } else if (object.has(name) || types[i] == Optional.class) {
                var given = object.has(name) ? object.get(name) : JsonNull.INSTANCE;
                values[i] = value(given, components[i].getGenericType(), where + name + ": ");
            } else {
                throw new IllegalArgumentException(where + "the key " + name + " is missing");
            }
        }
        try {
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(where + e.getCause().getMessage(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot make a " + type.getName(), e);
        }
    }
}
