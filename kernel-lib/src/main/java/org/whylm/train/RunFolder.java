package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.whylm.lm.weights.Safetensors;
import org.whylm.lm.weights.SafetensorsWriter;
import org.whylm.run.Input;
import org.whylm.run.IoFailure;
import org.whylm.run.RecordJson;
import org.whylm.run.Sha256;
import org.whylm.run.StrictJson;

/**
 * A folder that holds a training run as it stood at some update. {@code training.json} says where that is; the arrays are in the
 * file of that update, which is there before {@code training.json} names it, and removed after another one is named.
 */
record RunFolder(Path directory) {

    private static final String JSON = "training.json";
    private static final String REMOVE = "remove it to train from the start";
    private static final String ARRAYS = "training-%06d.safetensors";
    private static final String ARRAYS_NAME = "training-[0-9]+\\.safetensors";

    boolean isSaved() {
        return Files.isRegularFile(json());
    }

    /**
     * What a run was when it was saved.
     *
     * @param arrays name of the file of its arrays
     * @param sha256 of that file's hash and {@code state}: arrays of another update, or changed ones, are not taken for these
     * @param state where it stands
     */
    private record Saved(String arrays, String sha256, JsonObject state) {}

    /**
     * What {@link #write} was given.
     *
     * @throws IllegalArgumentException if it is not of that type, or if a file was changed since
     */
    <T extends Record> T read(Class<T> type) {
        var saved = StrictJson.readObject(json());
        boolean complete = saved.get("state") instanceof JsonObject
                && saved.get("arrays") instanceof JsonPrimitive
                && saved.get("sha256") instanceof JsonPrimitive;
        if (!complete) {
            throw new IllegalArgumentException(
                    json() + " does not describe a training run with its checksum: " + REMOVE);
        }
        var name = saved.get("arrays").getAsString();
        var arrays = directory.resolve(name.matches(ARRAYS_NAME) ? name : JSON);
        var state = saved.getAsJsonObject("state");
        if (!Files.isRegularFile(arrays) || !saved.get("sha256").getAsString().equals(checksum(arrays, state))) {
            throw new IllegalArgumentException(json() + " or " + arrays.getFileName()
                    + " was changed since it was saved (its SHA-256 differs): " + REMOVE);
        }
        try {
            return RecordJson.read(state, type, json().toString());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + ": " + REMOVE, e);
        }
    }

    private static String checksum(Path arrays, JsonObject state) {
        return Sha256.of(Sha256.of(arrays) + state);
    }

    /**
     * Overwrites the arrays with what was saved of each at an update.
     *
     * @throws IllegalArgumentException if others were saved
     */
    void load(int step, Map<String, NDArray> arrays) {
        try (var saved = Safetensors.open(arrays(step))) {
            if (!saved.names().equals(arrays.keySet())) {
                throw new IllegalArgumentException(saved.source() + " holds the arrays of another model: " + REMOVE);
            }
            arrays.forEach((name, array) -> {
                if (!Arrays.equals(saved.shape(name), array.getShape().getShape())) {
                    throw new IllegalArgumentException(saved.source() + ": " + name + " has shape "
                            + Arrays.toString(saved.shape(name)) + ", expected " + array.getShape());
                }
                try (var values = array.getManager().create(saved.values(name), array.getShape())) {
                    array.set(new NDIndex(":"), values);
                }
            });
        }
    }

    /**
     * Saves a run in place of what was saved before.
     *
     * @param step updates done
     * @param state where it stands
     * @param arrays all that the rest of it depends on
     */
    void write(int step, Record state, Map<String, NDArray> arrays) {
        var shapes = new LinkedHashMap<String, long[]>();
        arrays.forEach((name, array) -> shapes.put(name, array.getShape().getShape()));
        SafetensorsWriter.write(arrays(step), shapes, name -> arrays.get(name).toFloatArray());
        var json = (JsonObject) StrictJson.parse(new Gson().toJson(state), json());
        RecordJson.write(json(), new Saved(arrays(step).getFileName().toString(), checksum(arrays(step), json), json));
        removeArraysBut(arrays(step));
    }

    /** Removes the run: nothing is saved afterwards. */
    void clear() {
        if (IoFailure.unless("Cannot remove " + json(), () -> Files.deleteIfExists(json()))) {
            removeArraysBut(null);
        }
    }

    private void removeArraysBut(Path kept) {
        for (var file : Input.folder(directory)) {
            if (file.getFileName().toString().matches(ARRAYS_NAME) && !file.equals(kept)) {
                IoFailure.unless("Cannot remove the earlier state " + file, () -> Files.deleteIfExists(file));
            }
        }
    }

    private Path json() {
        return directory.resolve(JSON);
    }

    private Path arrays(int step) {
        return directory.resolve(String.format(Locale.ROOT, ARRAYS, step));
    }
}
