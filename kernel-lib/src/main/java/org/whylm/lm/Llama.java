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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.whylm.lm.weights.Gguf;
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

        private static final double NO_ROPE_BASE = 10_000;
        private static final double LARGEST_ROPE_BASE = 1e15;

        /** Metadata that are read, or that change nothing while positions are not scaled. */
        private static final Set<String> METADATA = Set.of(
                "attention.head_count",
                "attention.head_count_kv",
                "attention.key_length",
                "attention.value_length",
                "attention.layer_norm_rms_epsilon",
                "attention.causal",
                "rope.dimension_count",
                "rope.freq_base",
                "rope.scaling.original_context_length",
                "rope.scaling.finetuned",
                "tensor_data_layout");

        /** @throws UnsupportedModelException if the sizes do not fit together */
        private Config checked(Settings settings) {
            if (heads % keyHeads != 0 || width % 2 != 0 || (heads + 2L * keyHeads) * width > Integer.MAX_VALUE) {
                throw settings.unsupported(heads + " heads for " + keyHeads + " heads of keys and values, each of "
                        + width + " components: the second number must divide the first, the third be even");
            }
            return this;
        }

        static Config of(ConfigJson json) {
            json.require("hidden_act", "silu");
            json.require("attention_bias", false);
            json.require("mlp_bias", false);
            int dimension = json.size("hidden_size");
            int heads = json.size("num_attention_heads");
            if (json.value("head_dim").isEmpty() && dimension % heads != 0) {
                throw json.unsupported(
                        "'num_attention_heads' " + heads + " does not divide 'hidden_size' " + dimension);
            }
            double ropeBase = json.number("rope_theta", NO_ROPE_BASE, 1, LARGEST_ROPE_BASE);
            for (var key : List.of("rope_scaling", "rope_parameters")) {
                var rope = json.object(key);
                if (rope.isPresent()) {
                    rope.get().require("rope_type", "default");
                    rope.get().require("type", "default");
                    rope.get().refuseOthers("rope_type", "type", "rope_theta", "original_max_position_embeddings");
                    ropeBase = rope.get().number("rope_theta", ropeBase, 1, LARGEST_ROPE_BASE);
                }
            }
            json.refuseOthers(
                    "hidden_act",
                    "num_attention_heads",
                    "num_key_value_heads",
                    "head_dim",
                    "max_position_embeddings",
                    "rms_norm_eps",
                    "rope_theta",
                    "rope_scaling",
                    "rope_parameters",
                    "tie_word_embeddings");
            return new Config(
                            dimension,
                            json.size("num_hidden_layers"),
                            heads,
                            json.size("num_key_value_heads", heads),
                            json.size("head_dim", Math.max(1, dimension / heads)),
                            json.size("intermediate_size"),
                            json.size("vocab_size"),
                            json.size("max_position_embeddings"),
                            json.epsilon("rms_norm_eps", 1e-6),
                            ropeBase,
                            json.flag("tie_word_embeddings", false))
                    .checked(json);
        }

        static Config of(Gguf file) {
            var metadata = new GgufSettings(file);
            int dimension = metadata.size("llama.embedding_length");
            int heads = metadata.size("llama.attention.head_count");
            int width = metadata.size("llama.attention.key_length", Math.max(1, dimension / heads));
            for (var key : List.of("llama.rope.dimension_count", "llama.attention.value_length")) {
                metadata.require(key, (long) width);
            }
            metadata.requirePresent("llama.attention.layer_norm_rms_epsilon");
            metadata.require("general.type", "model");
            metadata.require("llama.tensor_data_layout", "Meta AI original pth");
            metadata.require("llama.attention.causal", true);
            metadata.refuseOthers("llama.", METADATA);
            if (!file.names().contains("token_embd.weight") || file.shape("token_embd.weight").length != 2) {
                throw metadata.unsupported("no matrix 'token_embd.weight'");
            }
            long vocabulary = file.shape("token_embd.weight")[0];
            metadata.require("llama.vocab_size", vocabulary);
            int tokens = file.metadata().strings("tokenizer.ggml.tokens").size();
            if (vocabulary != tokens) {
                throw metadata.unsupported("'token_embd.weight' has " + vocabulary + " rows for " + tokens + " tokens");
            }
            return new Config(
                            dimension,
                            metadata.size("llama.block_count"),
                            heads,
                            metadata.size("llama.attention.head_count_kv", heads),
                            width,
                            metadata.size("llama.feed_forward_length"),
                            tokens,
                            metadata.size("llama.context_length"),
                            metadata.epsilon("llama.attention.layer_norm_rms_epsilon", 1e-5),
                            metadata.number("llama.rope.freq_base", NO_ROPE_BASE, 1, LARGEST_ROPE_BASE),
                            !file.names().contains("output.weight"))
                    .checked(metadata);
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
    private final Rotations rotations;
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

        rotations = new Rotations(config, tensors.manager());
        dropout = Dropout.NONE;
    }

    private Llama(Llama lower, List<Block> blocks, NDArray finalNorm, Dropout dropout) {
        this.config = lower.config;
        this.embeddings = lower.embeddings;
        this.blocks = blocks;
        this.finalNorm = finalNorm;
        this.outputEmbeddings = lower.outputEmbeddings;
        this.rotations = lower.rotations;
        this.dropout = dropout;
    }

    private Llama(Llama upper, NDArray embeddings) {
        this.config = upper.config;
        this.embeddings = embeddings;
        this.blocks = upper.blocks;
        this.finalNorm = upper.finalNorm;
        this.outputEmbeddings = config.tied() ? embeddings : upper.outputEmbeddings;
        this.rotations = upper.rotations;
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
    public String family() {
        return "Llama";
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
        rotations.reach(length);
        var cos = rotations.cosines.get(":" + length);
        var sin = rotations.sines.get(":" + length);
        cos.attach(heads.getManager());
        sin.attach(heads.getManager());
        NDArray x = halves.get(0), y = halves.get(1);
        return NDArrays.concat(
                new NDList(x.mul(cos).subi(y.mul(sin)), y.mul(cos).addi(x.mul(sin))), -1);
    }

    /** Cosine and sine of every angle, for as many positions as were read so far: a long context costs nothing before it is used. */
    private static final class Rotations {

        private final Config config;
        private final NDManager manager;
        private NDArray cosines;
        private NDArray sines;
        private int positions;

        Rotations(Config config, NDManager manager) {
            this.config = config;
            this.manager = manager;
        }

        void reach(long length) {
            if (length <= positions) {
                return;
            }
            positions = (int) Math.min(config.maximumLength(), Math.max(length, Math.max(1024, 2L * positions)));
            int half = config.width() / 2;
            var cos = new float[Math.multiplyExact(positions, half)];
            var sin = new float[cos.length];
            for (int position = 0; position < positions; position++) {
                for (int i = 0; i < half; i++) {
                    double angle = position * Math.pow(config.ropeBase(), -2.0 * i / config.width());
                    cos[position * half + i] = (float) Math.cos(angle);
                    sin[position * half + i] = (float) Math.sin(angle);
                }
            }
            var shape = new Shape(positions, 1, half);
            cosines = manager.create(cos, shape);
            sines = manager.create(sin, shape);
        }
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
