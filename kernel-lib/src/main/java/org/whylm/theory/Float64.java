package org.whylm.theory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Native arrays of doubles. They lie in the engine's own memory, not in the buffer that they came in: its alignment changes from
 * run to run, and with it the last bit of a product.
 */
final class Float64 {

    private Float64() {}

    static NDArray array(NDManager manager, double[] values, long... shape) {
        try (var buffer = manager.create(values, new Shape(shape))) {
            return buffer.duplicate();
        }
    }

    /** Rows {@code from … from+count-1}, {@code count×d}. */
    static NDArray rows(NDManager manager, float[][] rows, int from, int count) {
        int d = rows[0].length;
        var values = new double[count * d];
        for (int row = 0; row < count; row++) {
            if (rows[from + row].length != d) {
                throw new IllegalArgumentException(
                        "Row " + (from + row) + " has " + rows[from + row].length + " components, expected " + d);
            }
            for (int j = 0; j < d; j++) {
                values[row * d + j] = rows[from + row][j];
            }
        }
        return array(manager, values, count, d);
    }
}
