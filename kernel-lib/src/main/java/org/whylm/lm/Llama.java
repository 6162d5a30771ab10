package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.GgufMetadata;
import org.whylm.lm.weights.Safetensors;

/** Llama (Touvron et al., 2023): RMS norm before each sub-layer, rotary positions, grouped queries, gated SiLU. */
final class Llama implements Architecture {

    /**
     * Sizes of a Llama.
     *
     * @param keyHeads heads of keys and values; divides {@code heads}
     * @param width dimension of one head
     * @param tied whether the output embeddings are the input embeddings
     */
    record Config(
            int dimension,
            int blocks,
            int heads,
            int keyHeads,
            int width,
            int hidden,
            int vocabulary,
            int maximumLength,
            double epsilon,
            double ropeBase,
            boolean tied) {

        static Config of(ConfigJson json) {
            json.require("hidden_act", "silu");
            json.require("attention_bias", false);
            json.require("mlp_bias", false);
            int dimension = json.integer("hidden_size");
            int heads = json.integer("num_attention_heads");
            return new Config(
                    dimension,
                    json.integer("num_hidden_layers"),
                    heads,
                    json.integer("num_key_value_heads", heads),
                    json.integer("head_dim", dimension / heads),
                    json.integer("intermediate_size"),
                    json.integer("vocab_size"),
                    json.integer("max_position_embeddings"),
                    json.number("rms_norm_eps", 1e-6),
                    ropeBase(json),
                    json.flag("tie_word_embeddings", false));
        }

        private static double ropeBase(ConfigJson json) {
            var rope = json.object("rope_parameters");
            var scaling = rope.isPresent() ? rope : json.object("rope_scaling");
            scaling.ifPresent(parameters -> requireUnscaled(json, parameters));
            return rope.map(parameters -> parameters.get("rope_theta"))
                    .map(theta -> theta.getAsDouble())
                    .orElseGet(() -> json.number("rope_theta", 10_000));
        }

        private static void requireUnscaled(ConfigJson json, JsonObject parameters) {
            for (var key : List.of("rope_type", "type")) {
                if (parameters.has(key) && !parameters.get(key).getAsString().equals("default")) {
                    throw json.unsupported("rotary positions of type " + parameters.get(key));
                }
            }
        }

        static Config of(Gguf file) {
            var metadata = file.metadata();
            int dimension = integer(metadata, "llama.embedding_length");
            int heads = integer(metadata, "llama.attention.head_count");
            int width = integer(metadata, "llama.attention.key_length", dimension / Math.max(heads, 1));
            if (metadata.has("llama.rope.scaling.type")
                    && !metadata.string("llama.rope.scaling.type").equals("none")) {
                throw new UnsupportedModelException(
                        file.source(),
                        "rotary positions scaled by '" + metadata.string("llama.rope.scaling.type") + "'");
            }
            if (integer(metadata, "llama.rope.dimension_count", width) != width) {
                throw new UnsupportedModelException(file.source(), "rotary positions on a part of each head");
            }
            if (!file.names().contains("token_embd.weight")) {
                throw new UnsupportedModelException(file.source(), "no tensor 'token_embd.weight'");
            }
            return new Config(
                    dimension,
                    integer(metadata, "llama.block_count"),
                    heads,
                    integer(metadata, "llama.attention.head_count_kv", heads),
                    width,
                    integer(metadata, "llama.feed_forward_length"),
                    Math.toIntExact(file.shape("token_embd.weight")[0]),
                    integer(metadata, "llama.context_length"),
                    metadata.number("llama.attention.layer_norm_rms_epsilon"),
                    metadata.has("llama.rope.freq_base") ? metadata.number("llama.rope.freq_base") : 10_000,
                    !file.names().contains("output.weight"));
        }

        private static int integer(GgufMetadata metadata, String key) {
            return Math.toIntExact(metadata.integer(key));
        }

        private static int integer(GgufMetadata metadata, String key, int otherwise) {
            return metadata.has(key) ? integer(metadata, key) : otherwise;
        }
    }

    /** One block; projections are stored {@code out×in}, those that read the same input in one matrix. */
    private record Block(
            NDArray attentionNorm, NDArray qkv, NDArray output, NDArray mlpNorm, NDArray gateUp, NDArray down) {

        Block with(String at, Replacement replacement) {
            return new Block(
                    replacement.of(at + "input_layernorm.weight", attentionNorm),
                    replacement.of(at + "self_attn.qkv_proj.weight", qkv),
                    replacement.of(at + "self_attn.o_proj.weight", output),
                    replacement.of(at + "post_attention_layernorm.weight", mlpNorm),
                    replacement.of(at + "mlp.gate_up_proj.weight", gateUp),
                    replacement.of(at + "mlp.down_proj.weight", down));
        }
    }

    private final Config config;
    private final NDArray embeddings;
    private final List<Block> blocks;
    private final NDArray finalNorm;
    private final NDArray outputEmbeddings;
    private final NDArray cosines;
    private final NDArray sines;
    private final Dropout dropout;

    private Llama(Config config, TensorSource tensors, Layout layout) {
        this.config = config;
        int d = config.dimension(), h = config.width();
        embeddings = tensors.array(layout.embeddings(), config.vocabulary(), d);
        blocks = new ArrayList<>();
        for (int index = 0; index < config.blocks(); index++) {
            var name = layout.block(index);
            var q = tensors.matrix(name.q(), config.heads() * h, d);
            var k = tensors.matrix(name.k(), config.keyHeads() * h, d);
            if (layout.interleavedRotaryPairs()) {
                q = q.pairsToHalves(config.heads());
                k = k.pairsToHalves(config.keyHeads());
            }
            var v = tensors.matrix(name.v(), config.keyHeads() * h, d);
            var gate = tensors.matrix(name.gate(), config.hidden(), d);
            var up = tensors.matrix(name.up(), config.hidden(), d);
            blocks.add(new Block(
                    tensors.array(name.attentionNorm(), d),
                    tensors.stacked(q, k, v),
                    tensors.array(name.output(), d, config.heads() * h),
                    tensors.array(name.mlpNorm(), d),
                    tensors.stacked(gate, up),
                    tensors.array(name.down(), d, config.hidden())));
        }
        finalNorm = tensors.array(layout.finalNorm(), d);
        outputEmbeddings =
                config.tied() ? embeddings : tensors.array(layout.outputEmbeddings(), config.vocabulary(), d);
        tensors.requireAllRead();

        var rotations = rotations(tensors.manager());
        cosines = rotations.cos();
        sines = rotations.sin();
        dropout = Dropout.NONE;
    }

    private Llama(Llama lower, List<Block> blocks, NDArray finalNorm, Dropout dropout) {
        this.config = lower.config;
        this.embeddings = lower.embeddings;
        this.blocks = blocks;
        this.finalNorm = finalNorm;
        this.outputEmbeddings = lower.outputEmbeddings;
        this.cosines = lower.cosines;
        this.sines = lower.sines;
        this.dropout = dropout;
    }

    private Llama(Llama upper, NDArray embeddings) {
        this.config = upper.config;
        this.embeddings = embeddings;
        this.blocks = upper.blocks;
        this.finalNorm = upper.finalNorm;
        this.outputEmbeddings = config.tied() ? embeddings : upper.outputEmbeddings;
        this.cosines = upper.cosines;
        this.sines = upper.sines;
        this.dropout = upper.dropout;
    }

    @Override
    public Architecture withUpper(int first, Replacement replacement, Dropout dropout) {
        var replaced = new ArrayList<>(blocks.subList(0, first));
        for (int index = first; index < blocks.size(); index++) {
            replaced.add(blocks.get(index).with("layers." + index + ".", replacement));
        }
        return new Llama(this, replaced, replacement.of("norm.weight", finalNorm), dropout);
    }

    @Override
    public Architecture cutAfter(int count) {
        return new Llama(this, blocks.subList(0, count), finalNorm, dropout);
    }

    @Override
    public Architecture withEmbeddings(Replacement replacement) {
        return new Llama(this, replacement.of("embed_tokens.weight", embeddings));
    }

    static Llama of(ConfigJson json, Safetensors weights, NDManager manager) {
        var config = Config.of(json);
        var ignored = config.tied() ? Set.of("lm_head.weight", "rotary_emb.inv_freq") : Set.of("rotary_emb.inv_freq");
        return new Llama(config, new TensorSource(weights, "model.", ignored, manager), Layout.SAFETENSORS);
    }

    static Llama of(Gguf file, NDManager manager) {
        return new Llama(Config.of(file), new TensorSource(file, "", Set.of(), manager), Layout.GGUF);
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
    public int blocks() {
        return blocks.size();
    }

    @Override
    public NDArray embed(NDArray ids) {
        return Embedding.embedding(ids, embeddings, SparseFormat.DENSE).singletonOrThrow();
    }

    @Override
    public NDArray block(int index, NDArray x) {
        var block = blocks.get(index);
        var attended = x.add(dropout.apply(attention(block, rmsNorm(x, block.attentionNorm))));
        return attended.add(dropout.apply(gatedMlp(block, rmsNorm(attended, block.mlpNorm))));
    }

    @Override
    public NDArray finalNorm(NDArray x) {
        return rmsNorm(x, finalNorm);
    }

    @Override
    public NDArray outputEmbeddings() {
        return outputEmbeddings;
    }

    private NDArray attention(Block block, NDArray x) {
        long batch = x.getShape().get(0), length = x.getShape().get(1);
        int heads = config.heads(), keyHeads = config.keyHeads();
        var qkv = linear(x, block.qkv)
                .reshape(batch, length, heads + 2L * keyHeads, config.width())
                .split(new long[] {heads, heads + keyHeads}, 2);
        return linear(Attention.causal(rotate(qkv.get(0)), rotate(qkv.get(1)), qkv.get(2), dropout), block.output);
    }

    private NDArray gatedMlp(Block block, NDArray x) {
        var gateUp = linear(x, block.gateUp).split(2, 2);
        var gate = gateUp.get(0);
        return linear(Activation.sigmoid(gate).mul(gate).muli(gateUp.get(1)), block.down);
    }

    /** {@code x / sqrt(mean x² + ε) · w} (Zhang and Sennrich, 2019). */
    private NDArray rmsNorm(NDArray x, NDArray weight) {
        var scale = x.square().mean(new int[] {-1}, true).addi(config.epsilon()).sqrt();
        return x.div(scale).muli(weight);
    }

    /** Rotary positions (Su et al., 2021): component {@code i} of a head turns together with {@code i + h/2}. */
    private NDArray rotate(NDArray heads) {
        long length = heads.getShape().get(1);
        var halves = heads.split(2, 3);
        var cos = cosines.get(":" + length);
        var sin = sines.get(":" + length);
        cos.attach(heads.getManager());
        sin.attach(heads.getManager());
        NDArray x = halves.get(0), y = halves.get(1);
        return NDArrays.concat(
                new NDList(x.mul(cos).subi(y.mul(sin)), y.mul(cos).addi(x.mul(sin))), -1);
    }

    private record Rotations(NDArray cos, NDArray sin) {}

    private Rotations rotations(NDManager manager) {
        int half = config.width() / 2;
        var cos = new float[config.maximumLength() * half];
        var sin = new float[cos.length];
        for (int position = 0; position < config.maximumLength(); position++) {
            for (int i = 0; i < half; i++) {
                double angle = position * Math.pow(config.ropeBase(), -2.0 * i / config.width());
                cos[position * half + i] = (float) Math.cos(angle);
                sin[position * half + i] = (float) Math.sin(angle);
            }
        }
        var shape = new Shape(config.maximumLength(), 1, half);
        return new Rotations(manager.create(cos, shape), manager.create(sin, shape));
    }

    private static NDArray linear(NDArray x, NDArray weight) {
        return Linear.linear(x, weight).singletonOrThrow();
    }

    /** Names of the tensors in the two file formats, and how query and key rows are ordered. */
    private enum Layout {
        SAFETENSORS(false, "embed_tokens.weight", "norm.weight", "lm_head.weight"),
        GGUF(true, "token_embd.weight", "output_norm.weight", "output.weight");

        private final boolean interleavedRotaryPairs;
        private final String embeddings;
        private final String finalNorm;
        private final String outputEmbeddings;

        Layout(boolean interleavedRotaryPairs, String embeddings, String finalNorm, String outputEmbeddings) {
            this.interleavedRotaryPairs = interleavedRotaryPairs;
            this.embeddings = embeddings;
            this.finalNorm = finalNorm;
            this.outputEmbeddings = outputEmbeddings;
        }

        boolean interleavedRotaryPairs() {
            return interleavedRotaryPairs;
        }

        String embeddings() {
            return embeddings;
        }

        String finalNorm() {
            return finalNorm;
        }

        String outputEmbeddings() {
            return outputEmbeddings;
        }

        BlockNames block(int index) {
            return switch (this) {
                case SAFETENSORS -> {
                    var at = "layers." + index + ".";
                    yield new BlockNames(
                            at + "input_layernorm.weight",
                            at + "self_attn.q_proj.weight",
                            at + "self_attn.k_proj.weight",
                            at + "self_attn.v_proj.weight",
                            at + "self_attn.o_proj.weight",
                            at + "post_attention_layernorm.weight",
                            at + "mlp.gate_proj.weight",
                            at + "mlp.up_proj.weight",
                            at + "mlp.down_proj.weight");
                }
                case GGUF -> {
                    var at = "blk." + index + ".";
                    yield new BlockNames(
                            at + "attn_norm.weight",
                            at + "attn_q.weight",
                            at + "attn_k.weight",
                            at + "attn_v.weight",
                            at + "attn_output.weight",
                            at + "ffn_norm.weight",
                            at + "ffn_gate.weight",
                            at + "ffn_up.weight",
                            at + "ffn_down.weight");
                }
            };
        }
    }

    private record BlockNames(
            String attentionNorm,
            String q,
            String k,
            String v,
            String output,
            String mlpNorm,
            String gate,
            String up,
            String down) {}
}
