package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** Llama (Touvron et al., 2023): RMS norm before each sub-layer, rotary positions, grouped queries, gated SiLU. */
record Llama(Config config, Tensors tensors, Dropout dropout) implements Network {

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
            Rotary rotary,
            boolean tied)
            implements Network.Config {

        /** @throws UnsupportedModelException if the sizes do not fit together */
        Config checked(Settings settings) {
            if (heads % keyHeads != 0 || width % 2 != 0 || (heads + 2L * keyHeads) * width > Integer.MAX_VALUE) {
                throw settings.unsupported(heads + " heads for " + keyHeads + " heads of keys and values, each of "
                        + width + " components: the second number must divide the first, the third be even");
            }
            return this;
        }

        @Override
        public String family() {
            return "Llama";
        }

        @Override
        public List<Parameter> embeddings() {
            return List.of(new Parameter("embed_tokens.weight", vocabulary, dimension));
        }

        /** Projections are stored {@code out×in}, those that read the same input in one matrix. */
        @Override
        public List<Parameter> block(int index) {
            var at = "layers." + index + ".";
            int d = dimension;
            return List.of(
                    new Parameter(at + "input_layernorm.weight", d),
                    new Parameter(at + "self_attn.qkv_proj.weight", (heads + 2L * keyHeads) * width, d),
                    new Parameter(at + "self_attn.o_proj.weight", d, (long) heads * width),
                    new Parameter(at + "post_attention_layernorm.weight", d),
                    new Parameter(at + "mlp.gate_up_proj.weight", 2L * hidden, d),
                    new Parameter(at + "mlp.down_proj.weight", d, hidden));
        }

        @Override
        public List<Parameter> finalNorm() {
            return List.of(new Parameter("norm.weight", dimension));
        }

        @Override
        public Parameter outputEmbeddings() {
            return new Parameter(tied ? "embed_tokens.weight" : "lm_head.weight", vocabulary, dimension);
        }

        @Override
        public Config first(int blocks) {
            return new Config(
                    dimension,
                    blocks,
                    heads,
                    keyHeads,
                    width,
                    hidden,
                    vocabulary,
                    maximumLength,
                    epsilon,
                    rotary,
                    tied);
        }

        @Override
        public Network on(Tensors tensors, Dropout dropout) {
            return new Llama(this, tensors, dropout);
        }
    }

    @Override
    public NDArray embed(NDArray ids) {
        return Layers.rows(ids, tensors.get("embed_tokens.weight"));
    }

    @Override
    public NDArray block(int index, NDArray x) {
        var at = "layers." + index + ".";
        var attended = x.add(dropout.apply(attention(at + "self_attn.", norm(at + "input_layernorm", x))));
        return attended.add(dropout.apply(gatedMlp(at + "mlp.", norm(at + "post_attention_layernorm", attended))));
    }

    @Override
    public NDArray finalNorm(NDArray x) {
        return norm("norm", x);
    }

    private NDArray attention(String at, NDArray x) {
        long batch = x.getShape().get(0), length = x.getShape().get(1);
        int heads = config.heads(), keyHeads = config.keyHeads();
        var qkv = linear(at + "qkv_proj", x)
                .reshape(batch, length, heads + 2L * keyHeads, config.width())
                .split(new long[] {heads, heads + keyHeads}, 2);
        var rotary = config.rotary();
        return linear(
                at + "o_proj", Attention.causal(rotary.turn(qkv.get(0)), rotary.turn(qkv.get(1)), qkv.get(2), dropout));
    }

    private NDArray gatedMlp(String at, NDArray x) {
        var gateUp = linear(at + "gate_up_proj", x).split(2, 2);
        return linear(at + "down_proj", Layers.silu(gateUp.get(0)).muli(gateUp.get(1)));
    }

    private NDArray linear(String name, NDArray x) {
        return Layers.linear(x, tensors.get(name + ".weight"));
    }

    private NDArray norm(String name, NDArray x) {
        return Layers.rmsNorm(x, tensors.get(name + ".weight"), config.epsilon());
    }
}
