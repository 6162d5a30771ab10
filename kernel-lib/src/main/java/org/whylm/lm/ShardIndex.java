package org.whylm.lm;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.whylm.run.IoFailure;

/** The files that the weights of a large model are split into. */
final class ShardIndex {

    private record Json(Map<String, String> weight_map) {}

    private ShardIndex() {}

    /**
     * Names of the files, in order.
     *
     * @param index {@code model.safetensors.index.json}
     * @throws UnsupportedModelException if it is no index, or names anything but files beside it
     */
    static List<String> files(Path index) {
        try {
            var json = new Gson().fromJson(Files.readString(index), Json.class);
            if (json == null || json.weight_map() == null || json.weight_map().containsValue(null)) {
                throw new UnsupportedModelException(index, "no 'weight_map' from tensors to files");
            }
            var files = List.copyOf(new TreeSet<>(json.weight_map().values()));
            for (var file : files) {
                if (!file.matches(ModelCache.SAFE_NAME + "\\.safetensors")) {
                    throw new UnsupportedModelException(
                            index, "'" + file + "' is no name of a safetensors file beside it");
                }
            }
            return files;
        } catch (JsonParseException e) {
            throw new UnsupportedModelException(index, "no index of tensors: " + e.getMessage());
        } catch (IOException e) {
            throw new IoFailure("Cannot read " + index, e);
        }
    }
}
