package org.whylm.features;

/** The features of one row of Table 1: what of a text the linear classifier sees. */
public sealed interface FeatureKind {

    /** How it is written in a table. */
    String label();

    /** The classifier's inputs, {@code n×dimension}. */
    float[][] of(Features features);

    /** {@code f}: the hidden state, {@code d}-dimensional. */
    record HiddenState() implements FeatureKind {
        @Override
        public String label() {
            return "f";
        }

        @Override
        public float[][] of(Features features) {
            return features.f();
        }
    }

    /** {@code Φp_f}: the conditional mean, {@code d}-dimensional. */
    record ConditionalMean() implements FeatureKind {
        @Override
        public String label() {
            return "Φp_f";
        }

        @Override
        public float[][] of(Features features) {
            return features.conditionalMean();
        }
    }

    /** How a word of a list is measured. */
    enum Measure {
        /** {@code φ_w·f(s)}, what the authors' script uses. */
        LOGIT,
        /** {@code p_f(s)(w)}. */
        PROBABILITY,
        /** {@code log p_f(s)(w)}. */
        LOG_PROBABILITY
    }

    /**
     * {@code p_f} restricted to a few words.
     *
     * @param label name of the word list
     * @param words the words, as single tokens
     * @param measure how each is measured
     */
    record Words(String label, WordList words, Measure measure) implements FeatureKind {
        @Override
        public float[][] of(Features features) {
            return switch (measure) {
                case LOGIT -> features.wordLogits(words);
                case PROBABILITY -> features.wordProbabilities(words);
                case LOG_PROBABILITY -> features.wordLogProbabilities(words);
            };
        }
    }
}
