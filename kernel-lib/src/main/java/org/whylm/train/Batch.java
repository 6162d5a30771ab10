package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What one update reads, or a part of it.
 *
 * @param first place of its first example among those of the update
 * @param size how many examples it has, {@code B}
 * @param input makes the input of the model, for {@code B×L} positions, in the engine's own memory
 * @param positions indices into the {@code B·L} positions, of those that have a target
 * @param targets the next word at each of them, or the class
 */
record Batch(int first, int size, Function<NDManager, NDArray> input, long[] positions, int[] targets) {

    static Batch of(TrainingData data, int[] examples) {
        return parts(data, examples, 1).get(0);
    }

    /**
     * The examples in their order, as equal parts as can be, all filled up to the longest example.
     *
     * @param most how many parts; of fewer examples, one each
     */
    static List<Batch> parts(TrainingData data, int[] examples, int most) {
        int length = IntStream.of(examples).map(data::length).max().orElseThrow();
        int parts = Math.min(most, examples.length);
        return IntStream.range(0, parts)
                .mapToObj(part -> {
                    int from = examples.length * part / parts, to = examples.length * (part + 1) / parts;
                    return part(data, from, Arrays.copyOfRange(examples, from, to), length);
                })
                .toList();
    }

    private static Batch part(TrainingData data, int first, int[] examples, int length) {
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
                first,
                examples.length,
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

    /** Those of some parts, one after the other. */
    static int[] targets(List<Batch> parts) {
        return parts.stream().flatMapToInt(part -> IntStream.of(part.targets)).toArray();
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
