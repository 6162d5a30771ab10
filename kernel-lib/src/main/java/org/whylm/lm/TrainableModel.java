package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.whylm.run.Sha256;

/**
 * A transformer, or its last blocks, as a function of parameters that the caller owns, for {@code org.whylm.train}: the
 * mathematics of {@link LanguageModel}, with gradients recorded where the parameters ask for them. A linear layer follows the
 * final norm.
 */
public final class TrainableModel {

    /** Name of {@code Φᵀ} among the parameters of {@link #gpt2}. */
    public static final String OUTPUT_EMBEDDINGS = "lm_head.weight";

    private interface Builder {
        Architecture on(Tensors tensors, Dropout dropout);
    }

    private final Builder builder;
    private final Optional<Gpt2Config> configuration;
    private final boolean readsTokens;
    private final int firstBlock;
    private final int dimension;
    private final Map<String, long[]> shapes;
    private final LongFunction<Map<String, float[]>> initial;

    private TrainableModel(
            Builder builder,
            Optional<Gpt2Config> configuration,
            boolean readsTokens,
            int firstBlock,
            Function<Map<String, long[]>, LongFunction<Map<String, float[]>>> initial) {
        this.builder = builder;
        this.configuration = configuration;
        this.readsTokens = readsTokens;
        this.firstBlock = firstBlock;
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
    }

    /**
     * A whole GPT-2, from token ids, with random initial values. Its parameters are named as in a checkpoint that
     * {@link LanguageModels#load} reads.
     */
    public static TrainableModel gpt2(Gpt2Config config) {
        return new TrainableModel(
                (tensors, dropout) -> Projected.of(new Gpt2(config.sizes(), tensors, dropout), tensors),
                Optional.of(config),
                true,
                0,
                shapes -> seed -> Gpt2Initialization.values(shapes, config.blocks(), seed));
    }

    /**
     * The last blocks and the final norm of a pretrained model, from the states that {@link LanguageModel#statesBefore} gives, with
     * the pretrained values to start from. The linear layer is the model's, or a new one that starts as the identity. The model
     * must stay open.
     *
     * @param count how many blocks
     * @throws IllegalArgumentException if the model has fewer
     */
    public static TrainableModel lastBlocks(LanguageModel model, int count) {
        int first = firstOfLast(model, count);
        var own = model.architecture();
        return new TrainableModel(
                (tensors, dropout) -> {
                    var upper = own.withUpper(first, named(tensors), dropout);
                    return upper instanceof Projected ? upper : Projected.of(upper, tensors);
                },
                Optional.empty(),
                false,
                first,
                shapes -> seed -> {
                    var values = identityLayer(model.dimension());
                    own.withUpper(first, copiedTo(values), Dropout.NONE);
                    return values;
                });
    }

    /**
     * The last blocks and the final norm of a pretrained model as they are, without a new linear layer, from the states that
     * {@link LanguageModel#statesBefore} gives: to be fine-tuned. The model must stay open.
     *
     * @param count how many blocks
     * @throws IllegalArgumentException if the model has fewer
     */
    public static TrainableModel upper(LanguageModel model, int count) {
        int first = firstOfLast(model, count);
        var own = model.architecture();
        return asIs(false, first, (replacement, dropout) -> own.withUpper(first, replacement, dropout));
    }

    /**
     * A whole pretrained model, from token ids, its input embeddings included: to be fine-tuned. The model must stay open.
     */
    public static TrainableModel whole(LanguageModel model) {
        var own = model.architecture();
        return asIs(true, 0, (replacement, dropout) -> own.withUpper(0, replacement, dropout)
                .withEmbeddings(replacement));
    }

    private interface Copy {
        Architecture on(Architecture.Replacement replacement, Dropout dropout);
    }

    private static TrainableModel asIs(boolean readsTokens, int first, Copy copy) {
        return new TrainableModel(
                (tensors, dropout) -> copy.on(named(tensors), dropout),
                Optional.empty(),
                readsTokens,
                first,
                shapes -> seed -> {
                    var values = new LinkedHashMap<String, float[]>();
                    copy.on(copiedTo(values), Dropout.NONE);
                    return values;
                });
    }

    private static int firstOfLast(LanguageModel model, int count) {
        int first = model.blocks() - count;
        if (count < 0 || first < 0) {
            throw new IllegalArgumentException("The last " + count + " of " + model.blocks() + " blocks");
        }
        return first;
    }

    private static Architecture.Replacement named(Tensors tensors) {
        return (name, own) -> tensors.array(name, own.getShape().getShape());
    }

    private static Architecture.Replacement copiedTo(Map<String, float[]> values) {
        return (name, own) -> {
            values.put(name, own.toFloatArray());
            return own;
        };
    }

    private static Map<String, float[]> identityLayer(int d) {
        var identity = new float[d * d];
        for (int i = 0; i < d; i++) {
            identity[i * d + i] = 1;
        }
        var values = new LinkedHashMap<String, float[]>();
        values.put(Projected.WEIGHT, identity);
        values.put(Projected.BIAS, new float[d]);
        return values;
    }

    /** {@code d}. */
    public int dimension() {
        return dimension;
    }

    /** Whether it reads token ids, as a whole model, or the states before its first block. */
    public boolean readsTokens() {
        return readsTokens;
    }

    /** Shape of each parameter, in a fixed order. */
    public Map<String, long[]> parameters() {
        return shapes;
    }

    /**
     * Values to start training from.
     *
     * @param seed of the random ones
     * @return row-major, by name
     */
    public Map<String, float[]> initial(long seed) {
        return initial.apply(seed);
    }

    /**
     * Random values in place of those to start from: Gaussian matrices of standard deviation 0.02, norms and the linear layer the
     * identity.
     *
     * @return row-major, by name
     */
    public Map<String, float[]> reinitialised(long seed) {
        var values = new LinkedHashMap<>(Gpt2Initialization.values(shapes, 1, seed));
        if (shapes.containsKey(Projected.WEIGHT)) {
            values.putAll(identityLayer(dimension));
        }
        return values;
    }

    /** Of a model of {@link #gpt2}, the {@code config.json} under which {@link LanguageModels#load} reads the parameters. */
    public Optional<Map<String, Object>> json() {
        return configuration.map(Gpt2Config::json);
    }

    /**
     * {@code f} at every position of a batch. What the gradient does not need is freed on the way.
     *
     * @param input token ids, {@code B×L}; or the states before the first block, {@code B×L×d}
     * @param parameters arrays by name, of the {@link #parameters() shapes}
     * @return {@code B×L×d}, in the manager of {@code input}
     */
    public NDArray f(NDArray input, Function<String, NDArray> parameters, Dropout dropout) {
        var architecture = builder.on((name, shape) -> parameters.apply(name), dropout);
        var first = readsTokens() ? architecture.embed(input) : input;
        return architecture.finalNorm(architecture.blocks(first, firstBlock, architecture.blocks()));
    }

    /**
     * A pretrained model with its last blocks as trained. It shares the rest with the model that it came from: close it first.
     *
     * @param pretrained the model that the factory was given
     * @param name of the new model
     * @param values of the parameters, row-major, by name
     */
    public LanguageModel on(LanguageModel pretrained, String name, Map<String, float[]> values) {
        var digest = Sha256.digest();
        digest.update(pretrained.sha256().getBytes(StandardCharsets.UTF_8));
        shapes.keySet().forEach(parameter -> digest.update(bytes(values.get(parameter))));
        var sha256 = HexFormat.of().formatHex(digest.digest());
        return pretrained.derived(
                name,
                sha256,
                manager -> builder.on(
                        (parameter, shape) -> manager.create(values.get(parameter), new Shape(shape)), Dropout.NONE));
    }

    private static byte[] bytes(float[] values) {
        var bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }
}
