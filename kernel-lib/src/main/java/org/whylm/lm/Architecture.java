package org.whylm.lm;

import ai.djl.ndarray.NDArray;

/**
 * The transformer between the tokens and the output layer, one method a stage. Arrays live in the manager of their first
 * operand; {@link LanguageModel} scopes it.
 */
sealed interface Architecture permits Gpt2, Llama, Projected {

    int dimension();

    int vocabularySize();

    int maximumLength();

    int blocks();

    /** The architecture by its usual name. */
    String family();

    /** Token ids ({@code B×L}) to the states before the first block ({@code B×L×d}). */
    NDArray embed(NDArray ids);

    /** One transformer block, {@code B×L×d} to {@code B×L×d}; position {@code t} sees positions up to {@code t}. */
    NDArray block(int index, NDArray x);

    /** The normalisation that the output layer reads behind; its result is {@code f}. Any shape {@code …×d}. */
    NDArray finalNorm(NDArray x);

    /** {@code Φᵀ}, {@code V×d}: row {@code w} is the output embedding of word {@code w}. */
    NDArray outputEmbeddings();

    /** Names the arrays of a network and says what stands in their place. */
    interface Replacement {

        /**
         * @param name of the parameter
         * @param own what the network has
         * @return what the copy has: an array of the same shape, or {@code own}
         */
        NDArray of(String name, NDArray own);
    }

    /**
     * The same network on other parameters, from a block on to the final norm. What is below it is shared.
     *
     * @param first index of the first block whose parameters are replaced
     */
    Architecture withUpper(int first, Replacement replacement, Dropout dropout);

    /**
     * The same network with its first blocks only; the final norm follows them. Parameters are shared.
     *
     * @param count how many blocks are left, at most {@link #blocks()}
     */
    Architecture cutAfter(int count);

    /** The same network with other input embeddings, which are the output embeddings too where the two are tied. */
    Architecture withEmbeddings(Replacement replacement);

    /** Blocks {@code from … to-1}, one after the other. What a block makes on its way is freed when it is done. */
    default NDArray blocks(NDArray x, int from, int to) {
        var manager = x.getManager();
        for (int index = from; index < to; index++) {
            try (var scope = manager.newSubManager()) {
                x.attach(scope);
                x = block(index, x);
                x.attach(manager);
            }
        }
        return x;
    }
}
