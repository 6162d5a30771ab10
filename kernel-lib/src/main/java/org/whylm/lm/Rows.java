package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;

/** Rows of {@code d} numbers, to and from native arrays. */
final class Rows {

    /** Rows of the longest part, relative to their mean. */
    private static final double MOST = 1.15;

    private Rows() {}

    /**
     * Rows {@code from … from+count-1}, {@code count×d}.
     *
     * @throws IllegalArgumentException if one has not {@code d} components
     */
    static NDArray array(NDManager scope, float[][] rows, int from, int count, int d) {
        return scope.create(Matrices.floats("the states", i -> rows[i], from, count, d), new Shape(count, d));
    }

    /** Copies an array's rows to {@code target}, from {@code from} on. */
    static void copy(NDArray array, float[][] target, int from) {
        var rows = Matrices.rows(array.toFloatArray(), (int) array.getShape().get(1));
        System.arraycopy(rows, 0, target, from, rows.length);
    }

    /**
     * An array cut along its first axis, a part for each thread of the engine; threads that share a step wait for each other after it. Where
     * one thread would have much more to do than the others, the whole.
     *
     * @param unit each part has a multiple of it, but for the last, which has the rest too
     * @return views
     */
    static NDList parts(NDArray array, int unit) {
        int threads = Engine.threads();
        long rows = array.size(0), units = rows / unit, last = 0, most = 0;
        var cuts = new long[threads - 1];
        for (int part = 1; part < threads; part++) {
            cuts[part - 1] = unit * Math.round((double) rows * part / threads / unit);
            most = Math.max(most, cuts[part - 1] - last);
            last = cuts[part - 1];
        }
        most = Math.max(most, rows - last);
        return units >= threads && most * threads <= MOST * rows ? array.split(cuts) : new NDList(array);
    }
}
