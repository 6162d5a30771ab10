package org.whylm.train;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.OptionalDouble;

/** What stands on a transformer while it is trained: a loss of its {@code f}, and the parameters that only the loss reads. */
interface Head {

    /** @param values to start from, row-major */
    record Parameter(float[] values, long... shape) {}

    /** Its own, by name and in a fixed order; one that the transformer has too stands in for that one. */
    Map<String, Parameter> parameters();

    /** The highest learning rate of these; none if they stay as they are. */
    OptionalDouble learningRate();

    /**
     * The loss of a batch.
     *
     * @param value mean over the positions
     * @param graph a scalar whose gradients are those of the loss
     * @param gradients of the parameters that the graph does not lead to
     */
    record Loss(double value, NDArray graph, Map<String, NDArray> gradients) {}

    /**
     * What training goes down on.
     *
     * @param f at the positions of a batch, {@code n×d}
     * @param parameters all of the run, by name
     * @param targets the next word of each position, or the class
     */
    Loss loss(NDArray f, Map<String, NDArray> parameters, int[] targets);

    /** The mean of the objective itself over the positions, where that is not the loss. */
    default double objective(NDArray f, Map<String, NDArray> parameters, int[] targets) {
        return loss(f, parameters, targets).value();
    }

    /** Puts into the parameters what else lies between the network and {@code f}. */
    default void complete(Map<String, float[]> parameters) {}
}
