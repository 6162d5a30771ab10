package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * A transformer as a function of parameters that the caller owns, for {@code org.whylm.train}: the mathematics of
 * {@link LanguageModel}, with gradients recorded where the parameters ask for them. A linear layer follows the final norm.
 */
public final class TrainableModel {

    /** Name of {@code Φᵀ} among the parameters of {@link #gpt2}. */
    public static final String OUTPUT_EMBEDDINGS = "lm_head.weight";

    private interface Builder {
        Architecture on(Tensors tensors, Dropout dropout);
    }

    private final Builder builder;
    private final int firstBlock;
    private final boolean readsTokens;
    private final int dimension;
    private final Map<String, long[]> shapes;
    private final LongFunction<Map<String, float[]>> initial;
    private final Map<String, Object> json;

    private TrainableModel(
            Builder builder,
            int firstBlock,
            boolean readsTokens,
            Function<Map<String, long[]>, LongFunction<Map<String, float[]>>> initial,
            Map<String, Object> json) {
        this.builder = builder;
        this.firstBlock = firstBlock;
        this.readsTokens = readsTokens;
        var recorded = new LinkedHashMap<String, long[]>();
        var architecture = builder.on(
                (name, shape) -> {
                    recorded.put(name, shape);
                    return null;
                },
                Dropout.NONE);
        this.dimension = architecture.dimension();
        this.shapes = Collections.unmodifiableMap(recorded);
        this.initial = initial.apply(shapes);
        this.json = json;
    }

    /** A whole GPT-2, from token ids. Its parameters are named as in a checkpoint that {@link LanguageModels#load} reads. */
    public static TrainableModel gpt2(Gpt2Config config) {
        return new TrainableModel(
                (tensors, dropout) -> Projected.of(new Gpt2(config.sizes(), tensors, dropout), tensors),
                0,
                true,
                shapes -> seed -> Gpt2Initialization.values(shapes, config.blocks(), seed),
                config.json());
    }

    /** {@code d}. */
    public int dimension() {
        return dimension;
    }

    /** Shape of each parameter, in a fixed order. */
    public Map<String, long[]> parameters() {
        return shapes;
    }

    /**
     * Values to start training from: random ones for a model from scratch.
     *
     * @return row-major, by name
     */
    public Map<String, float[]> initial(long seed) {
        return initial.apply(seed);
    }

    /** Content of the {@code config.json} under which {@link LanguageModels#load} reads the parameters. */
    public Map<String, Object> json() {
        return json;
    }

    /**
     * {@code f} at every position of a batch. What the gradient does not need is freed on the way.
     *
     * @param input token ids, {@code B×L}
     * @param parameters arrays by name, of the {@link #parameters() shapes}
     * @return {@code B×L×d}, in the manager of {@code input}
     */
    public NDArray f(NDArray input, Function<String, NDArray> parameters, Dropout dropout) {
        var architecture = builder.on((name, shape) -> parameters.apply(name), dropout);
        var first = readsTokens ? architecture.embed(input) : input;
        return architecture.finalNorm(architecture.blocks(first, firstBlock, architecture.blocks()));
    }
}
