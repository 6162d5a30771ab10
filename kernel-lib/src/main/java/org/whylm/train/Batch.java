package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What one update reads.
 *
 * @param input makes the input of the model, for {@code B×L} positions, in the engine's own memory
 * @param positions indices into the {@code B·L} positions, of those that have a target
 * @param targets the next word at each of them, or the class
 */
record Batch(Function<NDManager, NDArray> input, long[] positions, int[] targets) {

    static Batch of(TrainingData data, int[] examples) {
        int length = IntStream.of(examples).map(data::length).max().orElseThrow();
        var positions = LongStream.builder();
        var targets = IntStream.builder();
        for (int row = 0; row < examples.length; row++) {
            long position = (long) row * length + data.first(examples[row]);
            for (int target : data.targets(examples[row])) {
                positions.add(position++);
                targets.add(target);
            }
        }
        return new Batch(
                sequences(data).input(examples, length),
                positions.build().toArray(),
                targets.build().toArray());
    }

    private static Sequences sequences(TrainingData data) {
        if (data instanceof LabelledTexts texts) {
            return texts.sequences();
        }
        return data instanceof CachedStates cached
                ? new Sequences.States(cached.states())
                : new Sequences.Tokens(((TokenStream) data)::context);
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
