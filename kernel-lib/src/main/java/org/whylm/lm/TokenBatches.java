package org.whylm.lm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/** Groups sequences of like lengths, so that padding them to the longest of a group wastes little. */
public final class TokenBatches {

    /** Tokens of a batch, padding included, that a network takes on one thread. */
    public static final int TOKENS = 512;

    private TokenBatches() {}

    /** The same of the sequences {@code 0 … n-1}. */
    public static List<List<Integer>> of(int n, IntUnaryOperator length, int budget) {
        return of(IntStream.range(0, n).boxed().toList(), length::applyAsInt, budget);
    }

    /**
     * The sequences, shortest first, in groups of at most {@code budget} tokens after padding; a longer sequence is a group of
     * its own.
     */
    public static <T> List<List<T>> of(List<T> sequences, ToIntFunction<T> length, int budget) {
        var batches = new ArrayList<List<T>>();
        List<T> batch = List.of();
        for (var sequence :
                sequences.stream().sorted(Comparator.comparingInt(length)).toList()) {
            if (batch.isEmpty() || length.applyAsInt(sequence) * (batch.size() + 1) > budget) {
                batch = new ArrayList<>();
                batches.add(batch);
            }
            batch.add(sequence);
        }
        return batches;
    }
}
