package org.whylm.lm.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Safetensors in one file or several, with tensors in F32, F16 or BF16. A tensor of another type is listed, but has no
 * {@link #values}.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">The format</a>
 */
public final class Safetensors extends Weights {

    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    /** A plain file name: no separator, not hidden, so never outside the index's folder. */
    private static final Pattern SHARD_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*\\.safetensors");

    private Safetensors(Path source, List<WeightFile> files, Map<String, Tensor> tensors) {
        super(source, files, tensors, "F32, F16 or BF16");
    }

    /**
     * Opens a safetensors file, or a folder with {@code model.safetensors} or else {@code model.safetensors.index.json} and
     * the shards that it names, and checks all headers.
     *
     * @throws IllegalArgumentException if a folder holds neither
     * @throws WeightsFormatException if a file is not sound, or index and shards do not match
     * @throws java.io.UncheckedIOException if a file cannot be read
     */
    public static Safetensors open(Path path) {
        var files = new ArrayList<WeightFile>();
        try {
            return new Safetensors(path, files, located(path, files));
        } catch (RuntimeException e) {
            files.forEach(WeightFile::close);
            throw e;
        }
    }

    /** The tensors of what {@code path} names; adds the files to {@code files} as it opens them. */
    private static Map<String, Tensor> located(Path path, List<WeightFile> files) {
        if (!Files.isDirectory(path)) {
            return single(path, files);
        }
        if (Files.exists(path.resolve(SINGLE))) {
            return single(path.resolve(SINGLE), files);
        }
        if (Files.exists(path.resolve(INDEX))) {
            return sharded(path, files);
        }
        throw new IllegalArgumentException("The folder " + path + " holds neither " + SINGLE + " nor " + INDEX);
    }

    private static Map<String, Tensor> single(Path path, List<WeightFile> files) {
        var file = WeightFile.open(path);
        files.add(file);
        return SafetensorsHeader.tensors(file);
    }

    private static Map<String, Tensor> sharded(Path folder, List<WeightFile> files) {
        try (var index = WeightFile.open(folder.resolve(INDEX))) {
            var weightMap = SafetensorsHeader.weightMap(index);
            var held = new TreeMap<String, Tensor>();
            for (var shard : shards(index, weightMap)) {
                if (!Files.exists(folder.resolve(shard))) {
                    throw index.malformed(
                            "the shard " + shard + " is not beside it: a model in several files needs all of them");
                }
                for (var named : single(folder.resolve(shard), files).entrySet()) {
                    var other = held.put(named.getKey(), named.getValue());
                    if (other != null) {
                        throw index.malformed("tensor \"" + named.getKey() + "\" is in two shards, "
                                + other.file().path().getFileName() + " and " + shard);
                    }
                }
            }
            var tensors = new LinkedHashMap<String, Tensor>();
            weightMap.forEach((name, shard) -> {
                var located = held.remove(name);
                if (located == null || !located.file().path().endsWith(shard)) {
                    throw index.malformed(
                            "tensor \"" + name + "\" is not in the shard " + shard + " that the index names");
                }
                tensors.put(name, located);
            });
            held.forEach((name, tensor) -> {
                var shard = tensor.file().path().getFileName();
                throw index.malformed("the tensor \"" + name + "\" of " + shard + " is not in the index");
            });
            return tensors;
        }
    }

    /**
     * Names of the files that an index names, in order.
     *
     * @param index {@code model.safetensors.index.json}
     * @throws WeightsFormatException if it is no index, or names anything but files beside it
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    public static Set<String> shards(Path index) {
        try (var file = WeightFile.open(index)) {
            return shards(file, SafetensorsHeader.weightMap(file));
        }
    }

    private static Set<String> shards(WeightFile index, Map<String, String> weightMap) {
        var shards = new TreeSet<>(weightMap.values());
        for (var shard : shards) {
            if (!SHARD_NAME.matcher(shard).matches()) {
                throw index.malformed("the shard \"" + shard
                        + "\" is not the plain name of a file beside the index, ending in .safetensors");
            }
        }
        if (shards.isEmpty()) {
            throw index.malformed("the index names no files");
        }
        return shards;
    }
}
