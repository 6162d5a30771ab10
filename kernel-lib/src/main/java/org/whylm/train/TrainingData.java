package org.whylm.train;

/** Contexts with their next words, cut into examples that a batch is made of. */
public sealed interface TrainingData permits TokenStream, CachedStates {

    /** Number of examples. */
    int size();

    /** Tokens that an example reads. */
    int length(int example);

    /**
     * How often each word is the next word.
     *
     * @param vocabulary {@code V}
     */
    long[] frequencies(int vocabulary);

    /** SHA-256 of the examples' tokens, 64 hex digits. */
    String sha256();
}
