package org.whylm.train;

import java.util.stream.LongStream;
import org.whylm.lm.TrainableModel;
import org.whylm.objective.WhitenedQuad;

/** The output word embeddings {@code Φ} in training. */
public sealed interface OutputLayer {

    /**
     * Learned with the rest, from random values.
     *
     * @param scale {@code f} is what the network gives, times this
     */
    record Learned(double scale) implements OutputLayer {

        /**
         * @throws IllegalArgumentException if {@code scale} is not positive
         */
        public Learned {
            if (!(scale > 0)) {
                throw new IllegalArgumentException("scale is " + scale + ", it must be above 0");
            }
        }

        /** Without a scale, for cross-entropy. */
        public Learned() {
            this(1);
        }

        /**
         * For Quad. The usual random values give {@code Φᵀf} the size of logits; Quad wants that of probabilities, a hundredth of it,
         * and Adam's steps, whose size does not depend on the gradient's, would be as much too large. With this scale
         * {@code ‖Φᵀf‖²} starts at about {@code Σ_w p(w)²}, as for an {@code f} that knows how frequent the words are and no more.
         *
         * @param seed of the random values
         */
        public static Learned forQuad(TrainableModel model, long seed, TrainingData data) {
            var initial = model.initial(seed);
            int vocabulary = Math.toIntExact(model.parameters().get(TrainableModel.OUTPUT_EMBEDDINGS)[0]);
            double square = square(initial.get(TrainableModel.OUTPUT_EMBEDDINGS))
                    * square(initial.get(OutputProjection.WEIGHT))
                    / model.dimension();
            return new Learned(Math.sqrt(collisionProbability(data.frequencies(vocabulary)) / square));
        }

        private static double square(float[] values) {
            double sum = 0;
            for (float value : values) {
                sum += (double) value * value;
            }
            return sum;
        }

        private static double collisionProbability(long[] frequencies) {
            double total = LongStream.of(frequencies).sum();
            return LongStream.of(frequencies)
                    .mapToDouble(count -> Math.pow(count / total, 2))
                    .sum();
        }
    }

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
