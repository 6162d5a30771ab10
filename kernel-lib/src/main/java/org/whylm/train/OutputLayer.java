package org.whylm.train;

import java.util.Optional;
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

        /** @throws IllegalArgumentException if {@code scale} is not positive */
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
                    * square(initial.get(NextWordHead.PROJECTION_WEIGHT))
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
     * @param whitening what Quad is trained in, where runs on the same words share it
     */
    record Fixed(float[][] phi, Optional<WhitenedQuad> whitening) implements OutputLayer {

        /** A run by Quad makes its own whitening. */
        public Fixed(float[][] phi) {
            this(phi, Optional.empty());
        }

        /** The same with the whitening for training data. */
        public static Fixed whitened(float[][] phi, TrainingData data) {
            return new Fixed(phi, Optional.of(new Fixed(phi).whitening(data)));
        }

        /** The one that is shared, or else that for training data. */
        public WhitenedQuad whitening(TrainingData data) {
            return whitening.orElseGet(() -> WhitenedQuad.of(phi, data.frequencies(phi.length)));
        }
    }
}
