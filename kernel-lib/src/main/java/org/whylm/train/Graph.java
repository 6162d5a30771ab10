package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/** Keeps the graph of what its thread computes until it is closed. DJL's own collector does so for one thread of a process at a time. */
final class Graph implements AutoCloseable {

    private final boolean kept = JniUtils.isGradMode();

    Graph() {
        JniUtils.setGradMode(true);
    }

    /** Gives the arrays that a loss was computed from, as far as they ask for it, their gradients. */
    void backward(NDArray loss) {
        JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
    }

    @Override
    public void close() {
        JniUtils.setGradMode(kept);
    }
}
