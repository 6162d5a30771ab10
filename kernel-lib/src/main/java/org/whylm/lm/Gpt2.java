package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

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
            boolean tied) {

        private List<Parameter> block(int index) {
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

        Architecture architecture() {
            int d = dimension;
            return new Architecture(
                    "GPT-2",
                    d,
                    vocabulary,
                    maximumLength,
                    List.of(new Parameter("wte.weight", vocabulary, d), new Parameter("wpe.weight", maximumLength, d)),
                    IntStream.range(0, blocks).mapToObj(this::block).toList(),
                    Parameter.norm("ln_f", d),
                    new Parameter(tied ? "wte.weight" : "lm_head.weight", vocabulary, d),
                    (tensors, dropout) -> new Gpt2(this, tensors, dropout));
        }
    }

    @Override
    public Architecture architecture() {
        return config.architecture();
    }

    @Override
    public NDArray embed(NDArray ids) {
        var positions = tensors.get("wpe.weight").get(":" + ids.getShape().get(1));
        positions.attach(ids.getManager());
        return dropout.apply(Layers.rows(ids, tensors.get("wte.weight")).add(positions));
    }

    @Override
    public NDArray gathered(int index, NDArray x, Positions positions) {
        var at = "h." + index + ".";
        var heads = Heads.sharing(config.dimension(), config.heads());
        var qkv = projected(at + "attn.c_attn", norm(at + "ln_1", x));
        var mask = positions.mask(Integer.MAX_VALUE, heads.group());
        return Attention.causal(qkv, heads, qk -> qk.split(2, 2), mask, dropout);
    }

    @Override
    public NDArray rest(int index, NDArray x, NDArray gathered) {
        var at = "h." + index + ".";
        var attended = x.add(dropout.apply(projected(at + "attn.c_proj", gathered)));
        var hidden = config.nonlinearity().apply(projected(at + "mlp.c_fc", norm(at + "ln_2", attended)));
        return attended.add(dropout.apply(projected(at + "mlp.c_proj", hidden)));
    }

    @Override
    public NDArray finalNorm(NDArray x) {
        return norm("ln_f", x);
    }

    private NDArray projected(String name, NDArray x) {
        return Products.of(x, tensors.get(name + ".weight")).addi(tensors.get(name + ".bias"));
    }

    private NDArray norm(String name, NDArray x) {
        return Layers.layerNorm(tensors, name, x, config.epsilon());
    }
}
