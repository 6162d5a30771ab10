package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.whylm.run.Matrices;

/** Rows of {@code d} numbers, to and from native arrays. */
final class Rows {

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
}
