package org.whylm.lm;

import ai.djl.ndarray.NDArray;

/** Dropout (Srivastava et al., 2014) at the places where GPT-2 has it: embeddings, attention weights, what each sub-layer adds. */
public interface Dropout {

    /** None: the network as it is evaluated. */
    Dropout NONE = x -> x;

    /** Zeroes some components and scales up the others, or returns {@code x} itself. */
    NDArray apply(NDArray x);
}
