package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Rows of {@code d} numbers, to and from native arrays. */
final class Rows {

    private Rows() {}

    /**
     * Rows {@code from … from+count-1}, {@code count×d}.
     *
     * @throws IllegalArgumentException if one has not {@code d} components
     */
    static NDArray array(NDManager scope, float[][] rows, int from, int count, int d) {
        var values = new float[count * d];
        for (int row = 0; row < count; row++) {
            var components = rows[from + row];
            if (components.length != d) {
                throw new IllegalArgumentException(
                        "Row " + (from + row) + " has " + components.length + " components, the model has d = " + d);
            }
            System.arraycopy(components, 0, values, row * d, d);
        }
        return scope.create(values, new Shape(count, d));
    }

    /** Copies an array's rows to {@code target}, from {@code from} on. */
    static void copy(NDArray array, float[][] target, int from) {
        var values = array.toFloatArray();
        int rows = (int) array.getShape().get(0),
                columns = (int) array.getShape().get(1);
        for (int row = 0; row < rows; row++) {
            target[from + row] = Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
        }
    }
}
