package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/** The graph of what a thread computes. DJL's own collector keeps one for one thread of a process at a time. */
final class Graph {

    private Graph() {}

    /** What a computation gives, with the graph of it. */
    static <T> T of(Supplier<T> computation) {
        boolean kept = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        try {
            return computation.get();
        } finally {
            JniUtils.setGradMode(kept);
        }
    }

    /** Gives the arrays that a scalar with a graph was computed from, as far as they ask for it, their gradients. */
    static void backward(NDArray scalar) {
        JniUtils.backward((PtNDArray) scalar, (PtNDArray) scalar.onesLike(), false, false);
    }
}
