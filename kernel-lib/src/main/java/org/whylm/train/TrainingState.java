package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import com.google.gson.Gson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.whylm.lm.weights.Safetensors;
import org.whylm.lm.weights.SafetensorsWriter;

/**
 * Where a run stands. {@code training.json} names the settings, the data and the step; the arrays are in the file of that step,
 * which is there before {@code training.json} names it, and removed after another one is named.
 *
 * @param data SHA-256 of the training data
 * @param losses of the updates done
 */
record TrainingState(TrainingConfig config, String data, List<Double> losses) {

    private static final String JSON = "training.json";
    private static final String ARRAYS = "training-%06d.safetensors";
    private static final String ANY_ARRAYS = "training-*.safetensors";

    TrainingState {
        Objects.requireNonNull(config, "no config");
        Objects.requireNonNull(data, "no data");
        losses = List.copyOf(losses);
    }

    static boolean isIn(Path directory) {
        return Files.isRegularFile(directory.resolve(JSON));
    }

    static TrainingState read(Path directory) {
        var file = directory.resolve(JSON);
        if (!isIn(directory)) {
            throw new IllegalArgumentException(directory + " holds no training run: there is no " + JSON);
        }
        try {
            return Objects.requireNonNull(new Gson().fromJson(Files.readString(file), TrainingState.class), "empty");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        } catch (RuntimeException e) {
            // Gson wraps what a record's constructor throws in a plain RuntimeException
            throw new IllegalArgumentException(file + " does not describe a training run: " + e.getMessage(), e);
        }
    }

    void requireSame(Path directory, TrainingConfig otherConfig, String otherData) {
        if (!config.equals(otherConfig)) {
            throw new IllegalArgumentException(
                    "The run in " + directory + " has other settings: " + config + ", asked for were " + otherConfig);
        }
        if (!data.equals(otherData)) {
            throw new IllegalArgumentException(
                    "The run in " + directory + " was on other data: SHA-256 " + data + ", given were " + otherData);
        }
    }

    private Path arrays(Path directory) {
        return directory.resolve(ARRAYS.formatted(losses.size()));
    }

    /** Overwrites the arrays with what was saved of each. */
    void load(Path directory, Map<String, NDArray> arrays) {
        try (var saved = Safetensors.open(arrays(directory))) {
            if (!saved.names().equals(arrays.keySet())) {
                throw new IllegalArgumentException(saved.source() + " holds the arrays of another model");
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

    void write(Path directory, Map<String, NDArray> arrays) {
        var shapes = new LinkedHashMap<String, long[]>();
        arrays.forEach((name, array) -> shapes.put(name, array.getShape().getShape()));
        SafetensorsWriter.write(
                arrays(directory), shapes, name -> arrays.get(name).toFloatArray());
        JsonFile.write(directory.resolve(JSON), this);
        try (var files = Files.newDirectoryStream(directory, ANY_ARRAYS)) {
            for (var file : files) {
                if (!file.equals(arrays(directory))) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove earlier states in " + directory, e);
        }
    }
}
