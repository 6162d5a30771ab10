package org.whylm.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Which examples an update reads: all of them once in a new random order each epoch, short of a last incomplete batch. Among
 * {@value #POOL} batches those of like lengths are put together, so that little is padded. A function of the step alone: a run
 * that goes on from a checkpoint reads what it would have read.
 */
final class ExampleOrder {

    private static final int POOL = 32;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final int size;
    private final IntUnaryOperator length;
    private final int batch;
    private final long seed;
    private final int batches;
    private long epoch = -1;
    private List<int[]> order;

    /**
     * @param size number of examples
     * @param length tokens that an example reads
     * @throws IllegalArgumentException as {@link #batches(int, int)}
     */
    ExampleOrder(int size, IntUnaryOperator length, int batch, long seed) {
        this.size = size;
        this.length = length;
        this.batch = batch;
        this.seed = seed;
        batches = batches(size, batch);
    }

    /**
     * Updates an epoch.
     *
     * @throws IllegalArgumentException if there are fewer examples than a batch takes
     */
    static int batches(int size, int batch) {
        if (size < batch) {
            throw new IllegalArgumentException(
                    "A batch of " + batch + " examples from " + size + ": give more text, or a smaller batch");
        }
        return size / batch;
    }

    int[] examples(int step) {
        if (epoch != step / batches) {
            epoch = step / batches;
            order = batches(new Random(seed + MIX * (epoch + 1)));
        }
        return order.get(step % batches);
    }

    private List<int[]> batches(Random random) {
        var examples = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        Collections.shuffle(examples, random);
        var batches = new ArrayList<int[]>();
        for (int from = 0; from < examples.size(); from += POOL * batch) {
            var pool = examples.subList(from, Math.min(examples.size(), from + POOL * batch));
            pool.sort(Comparator.comparingInt(length::applyAsInt));
            for (int start = 0; start + batch <= pool.size(); start += batch) {
                batches.add(pool.subList(start, start + batch).stream()
                        .mapToInt(Integer::intValue)
                        .toArray());
            }
        }
        Collections.shuffle(batches, random);
        return batches;
    }
}
