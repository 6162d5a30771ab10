package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * GPT-NeoX (Black et al., 2022), such as Pythia: layer norm before each sub-layer, of which a head's first components turn by their
 * position; the two sub-layers read the same states, or one after the other. Matrices are stored {@code out×in}.
 */
record GptNeoX(Config config, Tensors tensors, Dropout dropout) implements Network {

    /**
     * What a GPT-NeoX computes.
     *
     * @param hidden width of the feed-forward layer
     * @param parallel whether the feed-forward layer reads what the attention reads
     * @param attentionBias whether the projections of the attention have biases
     * @param tied whether the output embeddings are the input embeddings
     */
    record Config(
            int dimension,
            int blocks,
            int heads,
            int hidden,
            int vocabulary,
            int maximumLength,
            Rotary rotary,
            boolean parallel,
            Nonlinearity nonlinearity,
            double epsilon,
            boolean attentionBias,
            boolean tied) {

        private List<Parameter> block(int index) {
            var at = "layers." + index + ".";
            int d = dimension;
            var all = new ArrayList<>(Parameter.norm(at + "input_layernorm", d));
            all.addAll(Parameter.linear(at + "attention.query_key_value", d, 3L * d, attentionBias));
            all.addAll(Parameter.linear(at + "attention.dense", d, d, attentionBias));
            all.addAll(Parameter.norm(at + "post_attention_layernorm", d));
            all.addAll(Parameter.linear(at + "mlp.dense_h_to_4h", d, hidden, true));
            all.addAll(Parameter.linear(at + "mlp.dense_4h_to_h", hidden, d, true));
            return all;
        }

        Architecture architecture() {
            int d = dimension;
            return new Architecture(
                    "GPT-NeoX",
                    d,
                    vocabulary,
                    maximumLength,
                    List.of(new Parameter("embed_in.weight", vocabulary, d)),
                    IntStream.range(0, blocks).mapToObj(this::block).toList(),
                    Parameter.norm("final_layer_norm", d),
                    new Parameter(tied ? "embed_in.weight" : "embed_out.weight", vocabulary, d),
                    (tensors, dropout) -> new GptNeoX(this, tensors, dropout));
        }
    }

    @Override
    public Architecture architecture() {
        return config.architecture();
    }

    @Override
    public NDArray embed(NDArray ids) {
        return dropout.apply(Layers.rows(ids, tensors.get("embed_in.weight")));
    }

    @Override
    public NDArray gathered(int index, NDArray x, Positions positions) {
        var at = "layers." + index + ".";
        var heads = Heads.sharing(config.dimension(), config.heads());
        var qkv = linear(at + "attention.query_key_value", norm(at + "input_layernorm", x));
        var mask = positions.mask(Integer.MAX_VALUE, heads.group());
        return Attention.causal(
                qkv, heads, qk -> positions.turned(config.rotary(), qk).split(2, 2), mask, dropout);
    }

    @Override
    public NDArray rest(int index, NDArray x, NDArray gathered) {
        var at = "layers." + index + ".";
        var attended = x.add(dropout.apply(linear(at + "attention.dense", gathered)));
        var read = norm(at + "post_attention_layernorm", config.parallel() ? x : attended);
        var hidden = config.nonlinearity().apply(linear(at + "mlp.dense_h_to_4h", read));
        return attended.add(dropout.apply(linear(at + "mlp.dense_4h_to_h", hidden)));
    }

    @Override
    public NDArray finalNorm(NDArray x) {
        return norm("final_layer_norm", x);
    }

    private NDArray linear(String name, NDArray x) {
        return Layers.linear(tensors, name, x);
    }

    private NDArray norm(String name, NDArray x) {
        return Layers.layerNorm(tensors, name, x, config.epsilon());
    }
}
