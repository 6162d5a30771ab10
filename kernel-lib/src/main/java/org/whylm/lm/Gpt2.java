package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** GPT-2 (Radford et al., 2019): layer norm before each sub-layer, learned positions, GELU. Matrices are stored {@code in×out}. */
record Gpt2(Config config, Tensors tensors, Dropout dropout) implements Network {

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
            boolean tied)
            implements Network.Config {

        @Override
        public String family() {
            return "GPT-2";
        }

        @Override
        public List<Parameter> embeddings() {
            return List.of(
                    new Parameter("wte.weight", vocabulary, dimension),
                    new Parameter("wpe.weight", maximumLength, dimension));
        }

        @Override
        public List<Parameter> block(int index) {
            var at = "h." + index + ".";
            int d = dimension;
            return List.of(
                    new Parameter(at + "ln_1.weight", d),
                    new Parameter(at + "ln_1.bias", d),
                    new Parameter(at + "attn.c_attn.weight", d, 3 * d),
                    new Parameter(at + "attn.c_attn.bias", 3 * d),
                    new Parameter(at + "attn.c_proj.weight", d, d),
                    new Parameter(at + "attn.c_proj.bias", d),
                    new Parameter(at + "ln_2.weight", d),
                    new Parameter(at + "ln_2.bias", d),
                    new Parameter(at + "mlp.c_fc.weight", d, hidden),
                    new Parameter(at + "mlp.c_fc.bias", hidden),
                    new Parameter(at + "mlp.c_proj.weight", hidden, d),
                    new Parameter(at + "mlp.c_proj.bias", d));
        }

        @Override
        public List<Parameter> finalNorm() {
            return List.of(new Parameter("ln_f.weight", dimension), new Parameter("ln_f.bias", dimension));
        }

        @Override
        public Parameter outputEmbeddings() {
            return new Parameter(tied ? "wte.weight" : "lm_head.weight", vocabulary, dimension);
        }

        @Override
        public Config first(int blocks) {
            return new Config(dimension, blocks, heads, hidden, vocabulary, maximumLength, epsilon, tied);
        }

        @Override
        public Network on(Tensors tensors, Dropout dropout) {
            return new Gpt2(this, tensors, dropout);
        }
    }

    @Override
    public NDArray embed(NDArray ids) {
        var positions = tensors.get("wpe.weight").get(":" + ids.getShape().get(1));
        positions.attach(ids.getManager());
        return dropout.apply(Layers.rows(ids, tensors.get("wte.weight")).addi(positions));
    }

    @Override
    public NDArray block(int index, NDArray x) {
        var at = "h." + index + ".";
        var attended = x.add(dropout.apply(attention(at + "attn.", norm(at + "ln_1", x))));
        var hidden = Layers.geluTanh(projected(at + "mlp.c_fc", norm(at + "ln_2", attended)));
        return attended.add(dropout.apply(projected(at + "mlp.c_proj", hidden)));
    }

    @Override
    public NDArray finalNorm(NDArray x) {
        return norm("ln_f", x);
    }

    private NDArray attention(String at, NDArray x) {
        long batch = x.getShape().get(0), length = x.getShape().get(1);
        int width = config.dimension() / config.heads();
        var qkv = projected(at + "c_attn", x)
                .reshape(batch, length, 3L * config.heads(), width)
                .split(3, 2);
        return projected(at + "c_proj", Attention.causal(qkv.get(0), qkv.get(1), qkv.get(2), dropout));
    }

    private NDArray projected(String name, NDArray x) {
        return x.matMul(tensors.get(name + ".weight")).addi(tensors.get(name + ".bias"));
    }

    private NDArray norm(String name, NDArray x) {
        return Layers.layerNorm(x, tensors.get(name + ".weight"), tensors.get(name + ".bias"), config.epsilon());
    }
}
