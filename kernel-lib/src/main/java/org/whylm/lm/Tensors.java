package org.whylm.lm;

import ai.djl.ndarray.NDArray;

/** Where an architecture finds its parameters. */
interface Tensors {

    /**
     * A parameter.
     *
     * @param name as in a checkpoint of the bare transformer
     * @param shape row-major, as the architecture multiplies with it
     */
    NDArray array(String name, long... shape);
}
