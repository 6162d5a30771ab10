package org.whylm.lm;

import ai.djl.ndarray.NDArray;

/** Dropout (Srivastava et al., 2014) on embeddings, attention weights and what each sub-layer adds, as in GPT-2. */
public interface Dropout {

    /** None: the network as it is evaluated. */
    Dropout NONE = x -> x;

    /** Zeroes some components and scales up the others, or returns {@code x} itself. */
    NDArray apply(NDArray x);
}
