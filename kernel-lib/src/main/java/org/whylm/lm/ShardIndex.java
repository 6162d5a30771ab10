package org.whylm.lm;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.whylm.run.StrictJson;

/** The files that the weights of a large model are split into. */
final class ShardIndex {

    private ShardIndex() {}

    /**
     * Names of the files, in order.
     *
     * @param index {@code model.safetensors.index.json}
     * @throws UnsupportedModelException if it is no index, or names anything but files beside it
     */
    static List<String> files(Path index) {
        try {
            var json = StrictJson.readObject(index).get("weight_map");
            if (!(json instanceof JsonObject map) || map.isEmpty()) {
                throw new UnsupportedModelException(index, "no 'weight_map' from tensors to files");
            }
            var files = new TreeSet<String>();
            for (var named : map.entrySet()) {
                boolean isName = named.getValue() instanceof JsonPrimitive name
                        && name.isString()
                        && name.getAsString().matches(ModelCatalog.SAFE_NAME + "\\.safetensors");
                if (!isName) {
                    throw new UnsupportedModelException(
                            index, named.getValue() + " is no name of a safetensors file beside it");
                }
                files.add(named.getValue().getAsString());
            }
            return List.copyOf(files);
        } catch (IllegalArgumentException e) {
            throw new UnsupportedModelException(index, "no index of tensors: " + e.getMessage());
        }
    }
}
