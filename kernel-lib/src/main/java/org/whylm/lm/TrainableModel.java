package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.whylm.run.Sha256;

/**
 * A transformer, or its last blocks, as a function of parameters that the caller owns, for {@code org.whylm.train}: the
 * mathematics of {@link LanguageModel}, with gradients recorded where the parameters ask for them.
 */
public final class TrainableModel {

    /** Name of {@code Φᵀ} among the parameters of {@link #gpt2}. */
    public static final String OUTPUT_EMBEDDINGS = "lm_head.weight";

    private static final double DEVIATION = 0.02;

    private final Network.Architecture architecture;
    private final Tensors pretrained;
    private final Optional<Gpt2Config> fromScratch;
    private final int firstBlock;
    private final int blocks;
    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    private TrainableModel(
            Network.Architecture architecture,
            Tensors pretrained,
            Optional<Gpt2Config> fromScratch,
            int firstBlock,
            int blocks,
            Stream<Parameter> parameters) {
        this.architecture = architecture;
        this.pretrained = pretrained;
        this.fromScratch = fromScratch;
        this.firstBlock = firstBlock;
        this.blocks = blocks;
        parameters.forEach(parameter -> shapes.put(parameter.name(), parameter.shape()));
    }

    /**
     * A whole GPT-2 and a linear layer behind its final norm, from token ids, with random initial values. Its parameters are named
     * as in a checkpoint that {@link LanguageModels#load} reads.
     */
    public static TrainableModel gpt2(Gpt2Config sizes) {
        var architecture = sizes.sizes().architecture();
        var parameters = Stream.concat(
                architecture.parameters().stream(), Network.projection(architecture.dimension()).stream());
        return new TrainableModel(architecture, Tensors.NONE, Optional.of(sizes), 0, sizes.blocks(), parameters);
    }

    /**
     * The last blocks and the final norm of a pretrained model, from the states that {@link LanguageModel#statesAfter} gives, with
     * the pretrained values to start from. The linear layer is the model's, or a new one that starts as the identity. The model
     * must stay open.
     *
     * @param count how many blocks
     * @throws IllegalArgumentException if the model has fewer
     */
    public static TrainableModel lastBlocks(LanguageModel model, int count) {
        return of(model, count, false, Network.projection(model.dimension()));
    }

    /**
     * The last blocks and the final norm of a pretrained model as they are, without a new linear layer, from the states that
     * {@link LanguageModel#statesAfter} gives: to be fine-tuned. The model must stay open.
     *
     * @param count how many blocks
     * @throws IllegalArgumentException if the model has fewer
     */
    public static TrainableModel upper(LanguageModel model, int count) {
        return of(model, count, false, ownProjection(model));
    }

    /**
     * A whole pretrained model, from token ids, its input embeddings included: to be fine-tuned. The model must stay open.
     */
    public static TrainableModel whole(LanguageModel model) {
        return of(model, model.blocks(), true, ownProjection(model));
    }

    private static List<Parameter> ownProjection(LanguageModel model) {
        boolean has = model.network().tensors().has(Network.PROJECTION_WEIGHT);
        return has ? Network.projection(model.dimension()) : List.of();
    }

    private static TrainableModel of(
            LanguageModel model, int count, boolean withEmbeddings, List<Parameter> projection) {
        int first = model.blocks() - count;
        if (count < 0 || first < 0) {
            throw new IllegalArgumentException("The last " + count + " of " + model.blocks() + " blocks");
        }
        var architecture = model.network().architecture();
        var embeddings = withEmbeddings ? architecture.embeddings() : List.<Parameter>of();
        var parameters = Stream.of(architecture.upper(first, model.blocks()), projection, embeddings)
                .flatMap(List::stream);
        return new TrainableModel(
                architecture, model.network().tensors(), Optional.empty(), first, model.blocks(), parameters);
    }

    /** {@code d}. */
    public int dimension() {
        return architecture.dimension();
    }

    /** Whether it reads token ids, as a whole model, or the states before its first block. */
    public boolean readsTokens() {
        return shapes.containsKey(architecture.embeddings().get(0).name());
    }

    /** Shape of each parameter, in a fixed order. */
    public Map<String, long[]> parameters() {
        return Collections.unmodifiableMap(shapes);
    }

    /**
     * Values to start training from.
     *
     * @param seed of the random ones
     * @return row-major, by name
     */
    public Map<String, float[]> initial(long seed) {
        if (fromScratch.isPresent()) {
            return random(shapes, blocks, seed);
        }
        var values = identityLayer();
        shapes.keySet().stream()
                .filter(pretrained::has)
                .forEach(name -> values.put(name, pretrained.get(name).toFloatArray()));
        return values;
    }

    /**
     * Random values in place of those to start from: Gaussian matrices of standard deviation 0.02, norms and the linear layer the
     * identity.
     *
     * @return row-major, by name
     */
    public Map<String, float[]> reinitialised(long seed) {
        var values = new LinkedHashMap<>(random(shapes, 1, seed));
        values.putAll(identityLayer());
        return values;
    }

    /**
     * Parameters of a GPT-2 before training (Radford et al., 2019): Gaussian matrices, those that add to the residual stream scaled by
     * {@code 1/sqrt(2·blocks)}; norms start as the identity.
     */
    private static Map<String, float[]> random(Map<String, long[]> shapes, int blocks, long seed) {
        var random = new Random(seed);
        var values = new LinkedHashMap<String, float[]>();
        shapes.forEach((name, shape) -> {
            var value = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
            if (shape.length > 1) {
                double scale = name.endsWith("c_proj.weight") ? DEVIATION / Math.sqrt(2.0 * blocks) : DEVIATION;
                for (int i = 0; i < value.length; i++) {
                    value[i] = (float) (scale * random.nextGaussian());
                }
            } else if (name.endsWith(".weight")) {
                Arrays.fill(value, 1);
            }
            values.put(name, value);
        });
        return values;
    }

    /** Of the linear layer, if it is among the parameters. */
    private Map<String, float[]> identityLayer() {
        var values = new LinkedHashMap<String, float[]>();
        if (shapes.containsKey(Network.PROJECTION_WEIGHT)) {
            int d = dimension();
            var identity = new float[d * d];
            for (int i = 0; i < d; i++) {
                identity[i * d + i] = 1;
            }
            values.put(Network.PROJECTION_WEIGHT, identity);
            values.put(Network.PROJECTION_BIAS, new float[d]);
        }
        return values;
    }

    /** Of a model of {@link #gpt2}, the {@code config.json} under which {@link LanguageModels#load} reads the parameters. */
    public Optional<Map<String, Object>> json() {
        return fromScratch.map(Gpt2Config::json);
    }

    /**
     * {@code f} at every position of a batch. What the gradient does not need is freed on the way.
     *
     * @param input token ids, {@code B×L}; or the states before the first block, {@code B×L×d}
     * @param parameters arrays by name, of the {@link #parameters() shapes}
     * @return {@code B×L×d}, in the manager of {@code input}
     */
    public NDArray f(NDArray input, Map<String, NDArray> parameters, Dropout dropout) {
        var network = architecture.network().apply(pretrained.with(parameters), dropout);
        var first = readsTokens() ? network.embed(input) : input;
        return network.f(network.blocks(first, firstBlock, blocks));
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
        shapes.keySet().forEach(parameter -> digest.update(Sha256.bytes(values.get(parameter))));
        var sha256 = HexFormat.of().formatHex(digest.digest());
        return pretrained.derived(name, sha256, blocks, manager -> {
            var trained = new LinkedHashMap<String, NDArray>();
            shapes.forEach((parameter, shape) ->
                    trained.put(parameter, manager.create(values.get(parameter), new Shape(shape))));
            return architecture.network().apply(this.pretrained.with(trained), Dropout.NONE);
        });
    }
}
