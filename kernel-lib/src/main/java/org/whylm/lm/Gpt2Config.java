package org.whylm.lm;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sizes of a GPT-2 to be trained: output embeddings of its own ({@code Φ} untied) and a linear layer behind the final norm.
 *
 * @param vocabulary {@code V}
 * @param dimension {@code d}, a multiple of {@code heads}
 * @param blocks transformer blocks
 * @param heads attention heads
 * @param maximumLength the longest context, in tokens
 */
public record Gpt2Config(int vocabulary, int dimension, int blocks, int heads, int maximumLength) {

    private static final double EPSILON = 1e-5;

    /**
     * @throws IllegalArgumentException if a size is not positive, or {@code heads} does not divide {@code dimension}
     */
    public Gpt2Config {
        if (Math.min(Math.min(vocabulary, dimension), Math.min(blocks, Math.min(heads, maximumLength))) < 1
                || dimension % heads != 0) {
            throw new IllegalArgumentException("A GPT-2 with vocabulary " + vocabulary + ", dimension " + dimension
                    + ", blocks " + blocks + ", heads " + heads + ", maximumLength " + maximumLength
                    + ": sizes must be positive and heads divide dimension");
        }
    }

    Gpt2.Config sizes() {
        return new Gpt2.Config(
                dimension,
                blocks,
                heads,
                4 * dimension,
                vocabulary,
                maximumLength,
                Nonlinearity.GELU_TANH,
                EPSILON,
                false);
    }

    /** What {@code config.json} says of the model, in Hugging Face's keys and one of this library. */
    public Map<String, Object> json() {
        var json = new LinkedHashMap<String, Object>();
        json.put("model_type", "gpt2");
        json.put("activation_function", "gelu_new");
        json.put("vocab_size", vocabulary);
        json.put("n_embd", dimension);
        json.put("n_layer", blocks);
        json.put("n_head", heads);
        json.put("n_positions", maximumLength);
        json.put("layer_norm_epsilon", EPSILON);
        json.put("tie_word_embeddings", false);
        json.put(Gpt2Files.PROJECTION, true);
        return json;
    }
}
