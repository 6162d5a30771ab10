package org.whylm.lm;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import org.whylm.lm.weights.Weights;

/** The tensors of a file by name, with shapes checked and none left over. */
final class Checkpoint {

    private static final String GGUF_EMBEDDINGS = "token_embd.weight";

    private final Weights weights;
    private final String prefix;
    private final UnaryOperator<String> names;
    private final NDManager manager;
    private final Set<String> unread;

    /**
     * @param prefix what checkpoints of the whole model put before each name, and those of the bare transformer leave out
     * @param names the file's name of a tensor of the network
     * @param manager where the arrays live
     */
    Checkpoint(Weights weights, String prefix, UnaryOperator<String> names, NDManager manager) {
        this.weights = weights;
        this.prefix = prefix;
        this.names = names;
        this.manager = manager;
        this.unread = new HashSet<>(weights.names());
    }

    boolean has(String name) {
        return weights.names().contains(name);
    }

    /**
     * {@code V} of a GGUF file.
     *
     * @param at prefix of the architecture's keys
     * @throws UnsupportedModelException if there is not one row of the embeddings a token
     */
    int vocabulary(Settings metadata, String at) {
        if (!has(GGUF_EMBEDDINGS) || weights.shape(GGUF_EMBEDDINGS).length != 2) {
            throw metadata.unsupported("no matrix '" + GGUF_EMBEDDINGS + "'");
        }
        long rows = weights.shape(GGUF_EMBEDDINGS)[0];
        metadata.require(at + "vocab_size", rows);
        var key = "tokenizer.ggml.tokens";
        int tokens = metadata.strings(key)
                .orElseThrow(() -> metadata.unsupported("no '" + key + "'"))
                .size();
        if (rows != tokens) {
            throw metadata.unsupported("'" + GGUF_EMBEDDINGS + "' has " + rows + " rows for " + tokens + " tokens");
        }
        return tokens;
    }

    /** The tensors of a network, each as a function makes it of the file. */
    Tensors tensors(List<Parameter> parameters, Function<Parameter, NDArray> read) {
        var arrays = new LinkedHashMap<String, NDArray>();
        parameters.forEach(parameter -> arrays.put(parameter.name(), read.apply(parameter)));
        return Tensors.NONE.with(arrays);
    }

    /** A tensor that the file has as the network wants it. */
    NDArray array(Parameter parameter) {
        return stacked(part(parameter));
    }

    /** An array whose elements are written where they will lie; those of a GPU are written here and copied there. */
    private NDArray written(long[] shape, Consumer<FloatBuffer> elements) {
        try (var host = manager.newSubManager(Device.cpu())) {
            var array = host.create(new Shape(shape), DataType.FLOAT32);
            elements.accept(array.toByteBuffer(true).asFloatBuffer());
            var there = array.toDevice(manager.getDevice(), false);
            there.attach(manager);
            return there;
        }
    }

    /**
     * Refuses output embeddings of a file that are to be its input embeddings and have other elements: transformers took the input
     * embeddings for them before version 5, and takes themselves since.
     *
     * @param output the file's name of them, which it need not have
     * @param embeddings the input embeddings, as they were read
     */
    void requireTied(String output, NDArray embeddings) {
        if (!has(output)) {
            return;
        }
        var shape = embeddings.getShape().getShape();
        boolean same = Arrays.equals(weights.shape(output), shape);
        if (same) {
            var read = embeddings.toByteBuffer(true).asFloatBuffer();
            var equal = new AtomicBoolean(true);
            weights.read(output, (from, elements, count) -> {
                if (read.slice(from, count).mismatch(FloatBuffer.wrap(elements, 0, count)) >= 0) {
                    equal.set(false);
                }
            });
            same = equal.get();
        }
        if (!same) {
            throw unsupported(
                    "'tie_word_embeddings' is true in config.json, or means true where it is missing, but the tensor '"
                            + output + "' is not the input embeddings: set it to false, or take the tensor out");
        }
        unread.remove(output);
    }

    /** Tensors of the file one under another, in one array; they go straight into the engine's memory. */
    NDArray stacked(Part... parts) {
        var shape = parts[0].parameter().shape().clone();
        shape[0] = Arrays.stream(parts).mapToLong(Part::rows).sum();
        return written(shape, memory -> {
            int row = 0;
            for (var part : parts) {
                read(part, memory, row);
                row += part.rows();
            }
        });
    }

    /** @param first row that the part's first becomes */
    private void read(Part part, FloatBuffer memory, int first) {
        int columns = part.columns();
        var finite = new AtomicBoolean(true);
        weights.read(part.stored(), (from, elements, count) -> {
            for (int at = 0, length; at < count; at += length) {
                int row = (from + at) / columns, column = (from + at) % columns;
                length = Math.min(columns - column, count - at);
                memory.put((first + part.place().applyAsInt(row)) * columns + column, elements, at, length);
            }
            if (notFinite(elements, count) < count) {
                finite.set(false);
            }
        });
        if (!finite.get()) {
            requireFinite(part.stored(), weights.values(part.stored()));
        }
    }

    /**
     * A tensor of the file in another order of its rows; of a vector each component is one.
     *
     * @param stored the file's name of it
     * @param place where a row comes to stand
     */
    record Part(Parameter parameter, String stored, IntUnaryOperator place) {

        private int rows() {
            return Math.toIntExact(parameter.shape()[0]);
        }

        private int columns() {
            return Math.toIntExact(Arrays.stream(parameter.shape()).skip(1).reduce(1, Math::multiplyExact));
        }

        /** Rows that lie head by head, each with so many kinds of rows, in the order of the kinds. */
        Part byKind(int heads, int kinds) {
            int width = rows() / (heads * kinds);
            return new Part(parameter, stored, row -> {
                int at = row / width;
                return (at % kinds * heads + at / kinds) * width + row % width;
            });
        }

        /**
         * Orders each head's rows as halves: GGUF stores the two components of rotary pair {@code i} in rows {@code 2i} and
         * {@code 2i+1}, here they are rows {@code i} and {@code i + rows/2} of the head.
         */
        Part pairsToHalves(int heads) {
            int width = rows() / heads;
            return new Part(parameter, stored, row -> row - row % width + row % width / 2 + row % 2 * (width / 2));
        }
    }

    /** A matrix that the file has the other way round. */
    NDArray transposed(Parameter parameter) {
        int rows = Math.toIntExact(parameter.shape()[0]),
                columns = Math.toIntExact(parameter.shape()[1]);
        var stored = values(new Parameter(parameter.name(), columns, rows));
        var values = new float[stored.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                values[row * columns + column] = stored[column * rows + row];
            }
        }
        return manager.create(values, new Shape(rows, columns));
    }

    /** A tensor of the file, which has it in that shape: no memory is taken for what a damaged file says alone. */
    Part part(Parameter parameter) {
        return new Part(parameter, stored(parameter), row -> row);
    }

    /** A tensor of the file on the heap, row-major. */
    float[] values(Parameter parameter) {
        var stored = stored(parameter);
        return requireFinite(stored, weights.values(stored));
    }

    /** The file's name of a tensor, which is read now. */
    private String stored(Parameter parameter) {
        var name = names.apply(parameter.name());
        var shape = parameter.shape();
        var stored = weights.names().contains(prefix + name) ? prefix + name : name;
        if (!weights.names().contains(stored)) {
            throw unsupported("no tensor '" + name + "'");
        }
        if (!Arrays.equals(weights.shape(stored), shape)) {
            throw unsupported("tensor '" + stored + "' has shape " + Arrays.toString(weights.shape(stored))
                    + ", expected " + Arrays.toString(shape));
        }
        unread.remove(stored);
        return stored;
    }

    private float[] requireFinite(String stored, float[] values) {
        int at = notFinite(values, values.length);
        if (at < values.length) {
            throw unsupported("tensor '" + stored + "' holds " + values[at] + " at index " + at
                    + ": it does not fit the type of the file, or the file is damaged");
        }
        return values;
    }

    /** Index of the first that is no finite number; {@code count} if all are. */
    private static int notFinite(float[] values, int count) {
        int at = 0;
        while (at < count && Float.isFinite(values[at])) {
            at++;
        }
        return at;
    }

    /**
     * Refuses a file with weights that the network does not use: the result would silently be wrong.
     *
     * @param ignored endings of names that carry no weights of the network
     */
    void requireAllRead(String... ignored) {
        unread.removeIf(name -> Arrays.stream(ignored).anyMatch(name::endsWith));
        if (!unread.isEmpty()) {
            var first = unread.stream().sorted().limit(3).toList();
            throw unsupported(unread.size() + " tensors that the architecture does not use, such as " + first);
        }
    }

    private UnsupportedModelException unsupported(String problem) {
        return new UnsupportedModelException(weights.source(), problem);
    }
}
