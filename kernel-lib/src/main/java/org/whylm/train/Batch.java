package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What one update reads.
 *
 * @param input makes the input of the model, for {@code B×L} positions, in the engine's own memory
 * @param positions indices into the {@code B·L} positions, of those whose next word is known, or which are to be classified
 * @param words the next word at each of them, or the class
 */
record Batch(Function<NDManager, NDArray> input, long[] positions, int[] words) {

    static Batch of(TrainingData data, int[] examples) {
        return data instanceof CachedStates cached ? of(cached, examples) : of((TokenStream) data, examples);
    }

    private static Batch of(CachedStates cached, int[] examples) {
        int length = Arrays.stream(examples).map(cached::length).max().orElseThrow();
        var positions = LongStream.builder();
        var words = IntStream.builder();
        for (int row = 0; row < examples.length; row++) {
            var document = cached.documents().get(examples[row]);
            for (int at = 0; at + 1 < document.length; at++) {
                positions.add((long) row * length + at);
                words.add(document[at + 1]);
            }
        }
        return new Batch(
                new Sequences.States(cached.states()).input(examples, length),
                positions.build().toArray(),
                words.build().toArray());
    }

    /**
     * Texts of which each is read at its last token only.
     *
     * @param lengths of all texts, in tokens; what a sequence has behind is not seen
     * @param labels of all texts
     */
    static Batch atLast(Sequences sequences, int[] lengths, int[] labels, int[] examples) {
        int length =
                Arrays.stream(examples).map(example -> lengths[example]).max().orElseThrow();
        return new Batch(
                sequences.input(examples, length),
                IntStream.range(0, examples.length)
                        .mapToLong(row -> (long) row * length + lengths[examples[row]] - 1)
                        .toArray(),
                Arrays.stream(examples).map(example -> labels[example]).toArray());
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
     * The states at the positions.
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
