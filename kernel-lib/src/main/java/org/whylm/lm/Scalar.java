package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Numbers that arrays are multiplied by where a gradient may be recorded. */
final class Scalar {

    private Scalar() {}

    /**
     * A number in the engine's own memory. {@code NDArray.mul(Number)} makes it of a Java buffer and lets go of it at once, but the
     * gradient of a product needs both factors: it would read memory that may be another's by then.
     */
    static NDArray of(NDArray like, double value) {
        return like.getManager().full(new Shape(), (float) value, DataType.FLOAT32);
    }
}
