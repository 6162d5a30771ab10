package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * What one update reads.
 *
 * @param input makes the input of the model, for {@code B×L} positions
 * @param positions indices into the {@code B·L} positions, of those whose next word is known
 * @param words the next word at each of them
 */
record Batch(Function<NDManager, NDArray> input, long[] positions, int[] words) {

    static Batch of(TrainingData data, int[] examples) {
        return of((TokenStream) data, examples);
    }

    private static Batch of(TokenStream stream, int[] examples) {
        int length = stream.length();
        var ids = new long[examples.length * length];
        var words = new int[ids.length];
        for (int row = 0, to = 0; row < examples.length; row++) {
            for (int at = examples[row] * length, end = at + length; at < end; at++, to++) {
                ids[to] = stream.tokens()[at];
                words[to] = stream.tokens()[at + 1];
            }
        }
        return new Batch(
                manager -> manager.create(ids, new Shape(examples.length, length)),
                LongStream.range(0, ids.length).toArray(),
                words);
    }

    /**
     * The states whose next word is known.
     *
     * @param f {@code B×L×d}
     * @return {@code n×d}
     */
    NDArray select(NDArray f) {
        var rows = f.reshape(-1, f.getShape().get(2));
        return positions.length == rows.getShape().get(0)
                ? rows
                : rows.get(f.getManager().create(positions));
    }
}
