package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.norm.LayerNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.whylm.lm.weights.Safetensors;

/** GPT-2 (Radford et al., 2019): layer norm before each sub-layer, learned positions, GELU. */
final class Gpt2 implements Architecture {

    /**
     * Sizes of a GPT-2.
     *
     * @param hidden width of the feed-forward layer
     * @param tied whether the output embeddings are the input embeddings
     */
    record Config(
            int dimension,
            int blocks,
            int heads,
            int hidden,
            int vocabulary,
            int maximumLength,
            double epsilon,
            boolean tied) {

        static Config of(ConfigJson json) {
            json.require("activation_function", "gelu_new");
            json.require("scale_attn_weights", true);
            json.require("scale_attn_by_inverse_layer_idx", false);
            json.require("add_cross_attention", false);
            json.refuseOthers(
                    "activation_function",
                    "scale_attn_weights",
                    "scale_attn_by_inverse_layer_idx",
                    "n_head",
                    "n_positions",
                    "layer_norm_epsilon",
                    "tie_word_embeddings");
            int dimension = json.size("n_embd"), heads = json.size("n_head");
            if (dimension % heads != 0 || dimension > Integer.MAX_VALUE / 4) {
                throw json.unsupported("'n_head' " + heads + " does not divide 'n_embd' " + dimension);
            }
            return new Config(
                    dimension,
                    json.size("n_layer"),
                    heads,
                    json.size("n_inner", 4 * dimension),
                    json.size("vocab_size"),
                    json.size("n_positions"),
                    json.epsilon("layer_norm_epsilon", 1e-5),
                    json.flag("tie_word_embeddings", true));
        }
    }

    private record Norm(NDArray weight, NDArray bias) {

        Norm with(String name, Replacement replacement) {
            return new Norm(replacement.of(name + ".weight", weight), replacement.of(name + ".bias", bias));
        }
    }

    /** A projection, stored {@code in×out}. */
    private record Projection(NDArray weight, NDArray bias) {

        NDArray apply(NDArray x) {
            return x.matMul(weight).addi(bias);
        }

        Projection with(String name, Replacement replacement) {
            return new Projection(replacement.of(name + ".weight", weight), replacement.of(name + ".bias", bias));
        }
    }

    private record Block(
            Norm attentionNorm, Projection qkv, Projection output, Norm mlpNorm, Projection up, Projection down) {

        Block with(String at, Replacement replacement) {
            return new Block(
                    attentionNorm.with(at + "ln_1", replacement),
                    qkv.with(at + "attn.c_attn", replacement),
                    output.with(at + "attn.c_proj", replacement),
                    mlpNorm.with(at + "ln_2", replacement),
                    up.with(at + "mlp.c_fc", replacement),
                    down.with(at + "mlp.c_proj", replacement));
        }
    }

    private final Config config;
    private final NDArray embeddings;
    private final NDArray positions;
    private final List<Block> blocks;
    private final Norm finalNorm;
    private final NDArray outputEmbeddings;
    private final Dropout dropout;

    Gpt2(Config config, Tensors tensors, Dropout dropout) {
        this.config = config;
        this.dropout = dropout;
        int d = config.dimension();
        embeddings = tensors.array("wte.weight", config.vocabulary(), d);
        positions = tensors.array("wpe.weight", config.maximumLength(), d);
        blocks = new ArrayList<>();
        for (int index = 0; index < config.blocks(); index++) {
            var at = "h." + index + ".";
            blocks.add(new Block(
                    norm(tensors, at + "ln_1"),
                    projection(tensors, at + "attn.c_attn", d, 3 * d),
                    projection(tensors, at + "attn.c_proj", d, d),
                    norm(tensors, at + "ln_2"),
                    projection(tensors, at + "mlp.c_fc", d, config.hidden()),
                    projection(tensors, at + "mlp.c_proj", config.hidden(), d)));
        }
        finalNorm = norm(tensors, "ln_f");
        outputEmbeddings = config.tied() ? embeddings : tensors.array("lm_head.weight", config.vocabulary(), d);
    }

    private Gpt2(Gpt2 lower, List<Block> blocks, Norm finalNorm, Dropout dropout) {
        this.config = lower.config;
        this.embeddings = lower.embeddings;
        this.positions = lower.positions;
        this.blocks = blocks;
        this.finalNorm = finalNorm;
        this.outputEmbeddings = lower.outputEmbeddings;
        this.dropout = dropout;
    }

    private Gpt2(Gpt2 upper, NDArray embeddings, NDArray positions) {
        this.config = upper.config;
        this.embeddings = embeddings;
        this.positions = positions;
        this.blocks = upper.blocks;
        this.finalNorm = upper.finalNorm;
        this.outputEmbeddings = config.tied() ? embeddings : upper.outputEmbeddings;
        this.dropout = upper.dropout;
    }

    @Override
    public Architecture withUpper(int first, Replacement replacement, Dropout dropout) {
        var replaced = new ArrayList<>(blocks.subList(0, first));
        for (int index = first; index < blocks.size(); index++) {
            replaced.add(blocks.get(index).with("h." + index + ".", replacement));
        }
        return new Gpt2(this, replaced, finalNorm.with("ln_f", replacement), dropout);
    }

    @Override
    public Architecture cutAfter(int count) {
        return new Gpt2(this, blocks.subList(0, count), finalNorm, dropout);
    }

    @Override
    public Architecture withEmbeddings(Replacement replacement) {
        return new Gpt2(this, replacement.of("wte.weight", embeddings), replacement.of("wpe.weight", positions));
    }

    static Architecture of(ConfigJson json, Safetensors weights, NDManager manager) {
        var config = Config.of(json);
        var maskBuffers = Set.of("attn.bias", "attn.masked_bias");
        var ignored = config.tied() ? union(maskBuffers, "lm_head.weight") : maskBuffers;
        var tensors = new TensorSource(weights, "transformer.", ignored, manager);
        var architecture = Projected.ifConfigured(json, new Gpt2(config, tensors, Dropout.NONE), tensors);
        tensors.requireAllRead();
        return architecture;
    }

    private static Set<String> union(Set<String> names, String name) {
        var all = new java.util.HashSet<>(names);
        all.add(name);
        return all;
    }

    private Norm norm(Tensors tensors, String name) {
        return new Norm(
                tensors.array(name + ".weight", config.dimension()), tensors.array(name + ".bias", config.dimension()));
    }

    private static Projection projection(Tensors tensors, String name, int in, int out) {
        return new Projection(tensors.array(name + ".weight", in, out), tensors.array(name + ".bias", out));
    }

    @Override
    public int dimension() {
        return config.dimension();
    }

    @Override
    public int vocabularySize() {
        return config.vocabulary();
    }

    @Override
    public int maximumLength() {
        return config.maximumLength();
    }

    @Override
    public String family() {
        return "GPT-2";
    }

    @Override
    public int blocks() {
        return blocks.size();
    }

    @Override
    public NDArray embed(NDArray ids) {
        long length = ids.getShape().get(1);
        var first = positions.get(":" + length);
        first.attach(ids.getManager());
        var words = Embedding.embedding(ids, embeddings, SparseFormat.DENSE).singletonOrThrow();
        return dropout.apply(words.addi(first));
    }

    @Override
    public NDArray block(int index, NDArray x) {
        var block = blocks.get(index);
        var attended = x.add(dropout.apply(attention(block, layerNorm(x, block.attentionNorm))));
        var hidden = gelu(block.up.apply(layerNorm(attended, block.mlpNorm)));
        return attended.add(dropout.apply(block.down.apply(hidden)));
    }

    @Override
    public NDArray finalNorm(NDArray x) {
        return layerNorm(x, finalNorm);
    }

    @Override
    public NDArray outputEmbeddings() {
        return outputEmbeddings;
    }

    private NDArray attention(Block block, NDArray x) {
        long batch = x.getShape().get(0), length = x.getShape().get(1);
        int width = config.dimension() / config.heads();
        var qkv = block.qkv
                .apply(x)
                .reshape(batch, length, 3L * config.heads(), width)
                .split(3, 2);
        return block.output.apply(Attention.causal(qkv.get(0), qkv.get(1), qkv.get(2), dropout));
    }

    private NDArray layerNorm(NDArray x, Norm norm) {
        return LayerNorm.layerNorm(x, new Shape(config.dimension()), norm.weight, norm.bias, (float) config.epsilon())
                .singletonOrThrow();
    }

    /** The tanh form of GELU (Hendrycks and Gimpel, 2016), as GPT-2 was trained with. */
    private static NDArray gelu(NDArray x) {
        var cubic = x.square().muli(x).muli(Scalar.of(x, 0.044715));
        var inner = cubic.addi(x).muli(Scalar.of(x, Math.sqrt(2 / Math.PI)));
        return inner.tanh().add(1).muli(x).muli(Scalar.of(x, 0.5));
    }
}
