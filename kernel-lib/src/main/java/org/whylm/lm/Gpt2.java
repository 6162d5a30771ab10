package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
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
            Nonlinearity nonlinearity,
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
            var all = new ArrayList<>(Parameter.norm(at + "ln_1", d));
            all.addAll(projection(at + "attn.c_attn", d, 3 * d));
            all.addAll(projection(at + "attn.c_proj", d, d));
            all.addAll(Parameter.norm(at + "ln_2", d));
            all.addAll(projection(at + "mlp.c_fc", d, hidden));
            all.addAll(projection(at + "mlp.c_proj", hidden, d));
            return all;
        }

        private static List<Parameter> projection(String name, int in, int out) {
            return List.of(new Parameter(name + ".weight", in, out), new Parameter(name + ".bias", out));
        }

        @Override
        public List<Parameter> finalNorm() {
            return Parameter.norm("ln_f", dimension);
        }

        @Override
        public Parameter outputEmbeddings() {
            return new Parameter(tied ? "wte.weight" : "lm_head.weight", vocabulary, dimension);
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
    public NDArray block(int index, NDArray x, Positions positions) {
        var at = "h." + index + ".";
        var attended = x.add(dropout.apply(attention(at + "attn.", norm(at + "ln_1", x), positions)));
        var hidden = config.nonlinearity().apply(projected(at + "mlp.c_fc", norm(at + "ln_2", attended)));
        return attended.add(dropout.apply(projected(at + "mlp.c_proj", hidden)));
    }

    @Override
    public NDArray finalNorm(NDArray x) {
        return norm("ln_f", x);
    }

    private NDArray attention(String at, NDArray x, Positions positions) {
        var heads = Heads.sharing(config.dimension(), config.heads());
        var mask = positions.mask(Integer.MAX_VALUE);
        return projected(
                at + "c_proj",
                Attention.causal(projected(at + "c_attn", x), heads, qk -> qk.split(2, 2), mask, dropout));
    }

    private NDArray projected(String name, NDArray x) {
        return x.matMul(tensors.get(name + ".weight")).addi(tensors.get(name + ".bias"));
    }

    private NDArray norm(String name, NDArray x) {
        return Layers.layerNorm(tensors, name, x, config.epsilon());
    }
}
