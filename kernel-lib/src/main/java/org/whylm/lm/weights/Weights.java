package org.whylm.lm.weights;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.whylm.run.Sha256;

/**
 * The named tensors of a trained model, read from disk one at a time and decoded to 32-bit floats.
 *
 * <p>Opening checks the whole header; no tensor data is read until {@link #values} asks for it. Instances may be shared
 * between threads.
 */
public abstract sealed class Weights implements AutoCloseable permits Safetensors, Gguf {

    /**
     * A tensor as the header of its file describes it; that its data lies there has been checked.
     *
     * @param shape outermost dimension first
     * @param type as messages call it, such as {@code dtype F32}
     * @param encoding null if the type is not supported
     * @param bytes {@link #UNKNOWN} where that leaves the length open
     */
    record Tensor(
            WeightFile file, long[] shape, String type, Encoding encoding, long offset, long elements, long bytes) {

        static final long UNKNOWN = -1;
    }

    private final Path source;
    private final List<WeightFile> files;
    private final Map<String, Tensor> tensors;
    private final String supported;
    private Map<Path, String> hashes;

    /** @param supported the types that can be read, for messages */
    Weights(Path source, List<WeightFile> files, Map<String, Tensor> tensors, String supported) {
        this.source = source;
        this.files = files;
        this.tensors = tensors;
        this.supported = supported;
    }

    /** Names of all tensors, in the order in which the file lists them. */
    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    /**
     * Dimensions of a tensor, outermost first (PyTorch's order); empty for a scalar.
     *
     * @throws IllegalArgumentException if there is no such tensor
     */
    public long[] shape(String name) {
        return tensor(name).shape().clone();
    }

    /**
     * The elements of a tensor in row-major order, decoded to F32. Quantised blocks decode as in ggml's reference code, to
     * the last bit.
     *
     * @throws IllegalArgumentException if there is no such tensor
     * @throws WeightsFormatException if its type is not supported, or it does not fit the Java heap
     * @throws IllegalStateException after {@link #close}
     * @throws java.io.UncheckedIOException if reading fails
     */
    public float[] values(String name) {
        var tensor = readable(name);
        return tensor.file().decode(name, tensor);
    }

    /**
     * Takes the elements of a tensor, stretch by stretch, in any order and from several threads at once.
     *
     * @see #read
     */
    @FunctionalInterface
    public interface Stretch {

        /**
         * @param from index of the first in the tensor
         * @param elements holds them from its start on, until this returns
         * @param count how many there are
         */
        void take(int from, float[] elements, int count);
    }

    /** The same elements, with the same errors, without an array of them all: as many as an index counts. */
    public void read(String name, Stretch stretch) {
        var tensor = readable(name);
        tensor.file().decode(name, tensor, stretch);
    }

    private Tensor tensor(String name) {
        var tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(source + " has no tensor \"" + name + "\"");
        }
        return tensor;
    }

    private Tensor readable(String name) {
        var tensor = tensor(name);
        if (tensor.encoding() == null) {
            throw tensor.file()
                    .malformed(
                            tensor.offset(),
                            "tensor \"" + name + "\" has the " + tensor.type()
                                    + ", which is not supported; convert the model to " + supported);
        }
        return tensor;
    }

    /** The types in which the tensors are stored, such as {@code Q4_1, F32}, the one that most elements have first. */
    public String types() {
        var elements = new EnumMap<Encoding, Long>(Encoding.class);
        for (var tensor : tensors.values()) {
            if (tensor.encoding() != null) {
                elements.merge(tensor.encoding(), tensor.elements(), Long::sum);
            }
        }
        return elements.keySet().stream()
                .sorted(Comparator.comparing(encoding -> -elements.get(encoding)))
                .map(Encoding::name)
                .collect(Collectors.joining(", "));
    }

    /** The file or folder that was opened. */
    public Path source() {
        return source;
    }

    /**
     * SHA-256 of each file, 64 lower-case hexadecimal digits, in the order of the shards' names. Computed at the first call.
     *
     * @throws java.io.UncheckedIOException if reading fails
     */
    public synchronized Map<Path, String> hashes() {
        if (hashes == null) {
            var computed = new LinkedHashMap<Path, String>();
            for (var file : files) {
                computed.put(file.path(), Sha256.of(file.path()));
            }
            hashes = computed;
        }
        return hashes;
    }

    /**
     * SHA-256 of the weights: of the file's bytes; for several shards, of their 32-byte hashes, one after the other.
     *
     * @throws java.io.UncheckedIOException if reading fails
     */
    public String sha256() {
        var all = hashes().values();
        if (all.size() == 1) {
            return all.iterator().next();
        }
        var digest = Sha256.digest();
        all.forEach(hash -> digest.update(HexFormat.of().parseHex(hash)));
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Closes the files; {@link #values} fails afterwards. */
    @Override
    public void close() {
        files.forEach(WeightFile::close);
    }

    /**
     * Refuses tensors of one file that do not fill it but for what aligns them. Of one whose length is not known the one behind it may
     * start anywhere.
     */
    static void requireContiguous(WeightFile file, Map<String, Tensor> tensors, long dataStart, int alignment) {
        var sorted = tensors.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, Tensor> named) ->
                                named.getValue().offset())
                        .thenComparingLong(named -> named.getValue().bytes()))
                .toList();
        long end = dataStart;
        boolean known = true;
        for (var named : sorted) {
            var tensor = named.getValue();
            long aligned = (end + alignment - 1) / alignment * alignment;
            if (tensor.offset() < aligned || known && tensor.offset() > aligned) {
                throw file.malformed(
                        tensor.offset(),
                        "tensor \"" + named.getKey() + "\" starts here, but "
                                + (tensor.offset() < aligned
                                        ? "overlaps the data before it, which ends"
                                        : "there is a gap since")
                                + " at byte " + end);
            }
            requireBlank(file, known ? end : aligned, aligned);
            known = tensor.bytes() != Tensor.UNKNOWN;
            end = tensor.offset() + (known ? tensor.bytes() : 1);
        }
        long aligned = (end + alignment - 1) / alignment * alignment;
        if (known && file.size() != end && file.size() != aligned) {
            throw file.malformed(end, "the tensors end here, but the file has " + file.size() + " bytes");
        }
        requireBlank(file, known ? end : file.size(), file.size());
    }

    /** What aligns tensors is zeros: a small tensor of a smaller type would leave its other bytes there. */
    private static void requireBlank(WeightFile file, long from, long to) {
        var padding = file.map(from, (int) (to - from));
        while (padding.hasRemaining()) {
            if (padding.get() != 0) {
                throw file.malformed(
                        from + padding.position() - 1, "data between two tensors, where only zeros align them");
            }
        }
    }
}
