package org.whylm.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** For each word that occurs, the sum of the states that it follows: the gradient of {@code Σ φ_w·f} in {@code Φ}. */
final class NextWordSums {

    private NextWordSums() {}

    /**
     * Subtracts the sums from the rows of their words.
     *
     * @param gradient {@code V×d}, changed in place
     * @param f {@code n×d}
     * @param words {@code n}
     */
    static void subtract(NDArray gradient, NDArray f, int[] words) {
        int d = Math.toIntExact(f.getShape().get(1));
        var manager = f.getManager();
        var distinct = Arrays.stream(words).sorted().distinct().toArray();
        var states = f.toType(DataType.FLOAT64, false).toDoubleArray();
        var sums = new double[distinct.length * d];
        for (int row = 0; row < words.length; row++) {
            int to = Arrays.binarySearch(distinct, words[row]) * d;
            for (int at = row * d; at < (row + 1) * d; at++, to++) {
                sums[to] += states[at];
            }
        }
        var rows = new NDIndex(
                "{}", manager.create(Arrays.stream(distinct).asLongStream().toArray()));
        var sum = manager.create(sums, new Shape(distinct.length, d)).toType(f.getDataType(), false);
        gradient.set(rows, gradient.get(manager, rows).subi(sum));
    }
}
