package org.whylm.train;

/** Contexts with what is to be told from them, next words or a class, cut into examples that a batch is made of. */
public sealed interface TrainingData permits TokenStream, CachedStates, LabelledTexts {

    /** Number of examples. */
    int size();

    /** Tokens that an example reads. */
    int length(int example);

    /** The targets of an example, one a position: next words, or a class. */
    int[] targets(int example);

    /** Position of the first of these; the others follow. */
    default int first(int example) {
        return 0;
    }

    /**
     * How often each word is the next word.
     *
     * @param vocabulary {@code V}
     */
    default long[] frequencies(int vocabulary) {
        var frequencies = new long[vocabulary];
        for (int example = 0; example < size(); example++) {
            for (int target : targets(example)) {
                frequencies[target]++;
            }
        }
        return frequencies;
    }

    /** SHA-256 of the examples' tokens, 64 hex digits. */
    String sha256();
}
