package org.whylm.lm.weights;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * The named tensors of a trained model, read from disk one at a time and decoded to 32-bit floats.
 *
 * <p>Opening checks the whole header; no tensor data is read until {@link #values} asks for it. Instances may be shared
 * between threads.
 */
public sealed interface Weights extends AutoCloseable permits Safetensors, Gguf {

    /** Names of all tensors, in the order in which the file lists them. */
    Set<String> names();

    /**
     * Dimensions of a tensor, outermost first (PyTorch's order); empty for a scalar.
     *
     * @throws IllegalArgumentException if there is no such tensor
     */
    long[] shape(String name);

    /**
     * The elements of a tensor in row-major order, decoded to F32. Quantised blocks decode as in ggml's reference code, to
     * the last bit.
     *
     * @throws IllegalArgumentException if there is no such tensor
     * @throws WeightsFormatException if its type is not supported, or it does not fit the Java heap
     * @throws IllegalStateException after {@link #close}
     * @throws java.io.UncheckedIOException if reading fails
     */
    float[] values(String name);

    /**
     * Takes the elements of a tensor, stretch by stretch, in any order and from several threads at once.
     *
     * @see #read
     */
    @FunctionalInterface
    interface Stretch {

        /**
         * @param from index of the first in the tensor
         * @param elements holds them from its start on, until this returns
         * @param count how many there are
         */
        void take(int from, float[] elements, int count);
    }

    /**
     * The same elements without an array of them all.
     *
     * @throws IllegalArgumentException if there is no such tensor
     * @throws WeightsFormatException if its type is not supported, or it has more elements than an index counts
     * @throws IllegalStateException after {@link #close}
     * @throws java.io.UncheckedIOException if reading fails
     */
    void read(String name, Stretch stretch);

    /** The types in which the tensors are stored, such as {@code Q4_1, F32}, the one that most elements have first. */
    String types();

    /** The file or folder that was opened. */
    Path source();

    /**
     * SHA-256 of each file, 64 lower-case hexadecimal digits, in the order of the shards' names. Computed at the first call.
     *
     * @throws java.io.UncheckedIOException if reading fails
     */
    Map<Path, String> hashes();

    /**
     * SHA-256 of the weights: of the file's bytes; for several shards, of their 32-byte hashes, one after the other.
     *
     * @throws java.io.UncheckedIOException if reading fails
     */
    default String sha256() {
        return WeightFile.joint(hashes().values());
    }

    /** Closes the files; {@link #values} fails afterwards. */
    @Override
    void close();
}
