package org.whylm.train;

/** The output word embeddings {@code Φ} in training. */
public sealed interface OutputLayer {

    /** Learned with the rest, from random values. */
    record Learned() implements OutputLayer {}

    /**
     * Kept as they are.
     *
     * @param phi {@code Φᵀ}, {@code V×d}
     */
    record Fixed(float[][] phi) implements OutputLayer {}
}
