package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.whylm.lm.weights.Weights;

/** Tensors of a checkpoint by name, with shapes checked and none left over. */
final class TensorSource implements Tensors {

    /** A matrix on the heap, {@code rows×columns} row-major. */
    record Matrix(float[] values, int rows, int columns) {

        /**
         * Orders each head's rows as halves: GGUF stores the two components of rotary pair {@code i} in rows {@code 2i} and
         * {@code 2i+1}, here they are rows {@code i} and {@code i + rows/2} of the head.
         */
        Matrix pairsToHalves(int heads) {
            int width = rows / heads, half = width / 2;
            var ordered = new float[values.length];
            for (int head = 0; head < heads; head++) {
                for (int row = 0; row < width; row++) {
                    int from = head * width + row;
                    int to = head * width + row / 2 + (row % 2) * half;
                    System.arraycopy(values, from * columns, ordered, to * columns, columns);
                }
            }
            return new Matrix(ordered, rows, columns);
        }
    }

    private final Weights weights;
    private final String prefix;
    private final Set<String> ignored;
    private final NDManager manager;
    private final Set<String> unread;

    /**
     * @param prefix what checkpoints of the whole model put before each name, and those of the bare transformer leave out
     * @param ignored endings of names that carry no weights of the model
     */
    TensorSource(Weights weights, String prefix, Set<String> ignored, NDManager manager) {
        this.weights = weights;
        this.prefix = prefix;
        this.ignored = ignored;
        this.manager = manager;
        this.unread = new HashSet<>(weights.names());
    }

    NDManager manager() {
        return manager;
    }

    @Override
    public NDArray array(String name, long... shape) {
        return manager.create(values(name, shape), new Shape(shape));
    }

    Matrix matrix(String name, int rows, int columns) {
        return new Matrix(values(name, rows, columns), rows, columns);
    }

    /** The matrices one under another, in one array. */
    NDArray stacked(Matrix... matrices) {
        int columns = matrices[0].columns();
        int rows = Arrays.stream(matrices).mapToInt(Matrix::rows).sum();
        var values = new float[rows * columns];
        int at = 0;
        for (var matrix : matrices) {
            System.arraycopy(matrix.values(), 0, values, at, matrix.values().length);
            at += matrix.values().length;
        }
        return manager.create(values, new Shape(rows, columns));
    }

    private float[] values(String name, long... shape) {
        var stored = weights.names().contains(prefix + name) ? prefix + name : name;
        if (!weights.names().contains(stored)) {
            throw new UnsupportedModelException(weights.source(), "no tensor '" + name + "'");
        }
        if (!Arrays.equals(weights.shape(stored), shape)) {
            throw new UnsupportedModelException(
                    weights.source(),
                    "tensor '" + stored + "' has shape " + Arrays.toString(weights.shape(stored)) + ", expected "
                            + Arrays.toString(shape));
        }
        unread.remove(stored);
        var values = weights.values(stored);
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new UnsupportedModelException(
                        weights.source(),
                        "tensor '" + stored + "' holds " + values[i] + " at index " + i
                                + ": it does not fit the type of the file, or the file is damaged");
            }
        }
        return values;
    }

    /** Refuses a checkpoint with weights that the architecture does not use: the result would silently be wrong. */
    void requireAllRead() {
        unread.removeIf(name -> ignored.stream().anyMatch(name::endsWith));
        if (!unread.isEmpty()) {
            var first = unread.stream().sorted().limit(3).toList();
            throw new UnsupportedModelException(
                    weights.source(), unread.size() + " tensors that the architecture does not use, such as " + first);
        }
    }
}
