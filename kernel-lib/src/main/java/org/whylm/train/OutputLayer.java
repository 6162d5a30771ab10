package org.whylm.train;

import org.whylm.objective.WhitenedQuad;

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

    /**
     * Kept as they are, with the whitening that Quad is trained in, which runs on the same words can share.
     *
     * @param phi {@code Φᵀ}, {@code V×d}
     * @param quad of {@code phi} and the frequencies of the training data
     */
    record Whitened(float[][] phi, WhitenedQuad quad) implements OutputLayer {

        /** The whitening for training data. */
        public static Whitened of(float[][] phi, TrainingData data) {
            return new Whitened(phi, WhitenedQuad.of(phi, data.frequencies(phi.length)));
        }
    }
}
