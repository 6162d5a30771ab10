package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Llama (Touvron et al., 2023): RMS norm before each sub-layer, rotary positions, grouped queries, a gated feed-forward layer. Its
 * descendants have more: Qwen2 biases, Mistral a sliding window, Qwen3 norms of queries and keys, Gemma 3 all but the biases,
 * scaled embeddings, and norms behind the sub-layers too. What they do not have is not among the tensors.
 */
record Llama(Config config, Tensors tensors, Dropout dropout) implements Network {

    /** What not every member of the family has. */
    enum Part {
        /** Of queries, keys and values. */
        BIASES,
        OUTPUT_BIASES,
        MLP_BIASES,
        /** Of each head's query and key, before they turn. */
        HEAD_NORMS,
        /** Of what a sub-layer adds. */
        NORMS_BEHIND
    }

    /**
     * What one block attends to.
     *
     * @param window how many positions, the same included
     */
    record Reach(Rotary rotary, int window) {

        static final int ALL = Integer.MAX_VALUE;
    }

    /**
     * What a Llama computes.
     *
     * @param tied whether the output embeddings are the input embeddings
     * @param embeddingScale what the input embeddings are multiplied by
     * @param reaches of each block
     * @param hidden width of the feed-forward layer
     * @param epsilon of the norms
     */
    record Config(
            String family,
            int dimension,
            int vocabulary,
            int maximumLength,
            boolean tied,
            double embeddingScale,
            Heads heads,
            List<Reach> reaches,
            int hidden,
            Nonlinearity nonlinearity,
            double epsilon,
            Set<Part> parts) {

        /** Projections are stored {@code out×in}, those that read the same input in one matrix. */
        private List<Parameter> block(int index) {
            var at = "layers." + index + ".";
            int d = dimension;
            long q = (long) heads.heads() * heads.width(), qkv = q + 2L * heads.keyHeads() * heads.width();
            boolean behind = parts.contains(Part.NORMS_BEHIND), mlpBias = parts.contains(Part.MLP_BIASES);
            var all = new ArrayList<>(norm(true, at + "input_layernorm", d));
            all.addAll(Parameter.linear(at + "self_attn.qkv_proj", d, qkv, parts.contains(Part.BIASES)));
            all.addAll(norm(parts.contains(Part.HEAD_NORMS), at + "self_attn.q_norm", heads.width()));
            all.addAll(norm(parts.contains(Part.HEAD_NORMS), at + "self_attn.k_norm", heads.width()));
            all.addAll(Parameter.linear(at + "self_attn.o_proj", q, d, parts.contains(Part.OUTPUT_BIASES)));
            all.addAll(norm(behind, at + "self_attn.norm", d));
            all.addAll(norm(true, at + "post_attention_layernorm", d));
            all.addAll(Parameter.linear(at + "mlp.gate_up_proj", d, 2L * hidden, mlpBias));
            all.addAll(Parameter.linear(at + "mlp.down_proj", hidden, d, mlpBias));
            all.addAll(norm(behind, at + "mlp.norm", d));
            return all;
        }

        private static List<Parameter> norm(boolean there, String name, int d) {
            return there ? List.of(new Parameter(name + ".weight", d)) : List.of();
        }

        Architecture architecture() {
            int d = dimension;
            return new Architecture(
                    family,
                    d,
                    vocabulary,
                    maximumLength,
                    List.of(new Parameter("embed_tokens.weight", vocabulary, d)),
                    IntStream.range(0, reaches.size()).mapToObj(this::block).toList(),
                    norm(true, "norm", d),
                    new Parameter(tied ? "embed_tokens.weight" : "lm_head.weight", vocabulary, d),
                    (tensors, dropout) -> new Llama(this, tensors, dropout));
        }
    }

    @Override
    public Architecture architecture() {
        return config.architecture();
    }

    @Override
    public NDArray embed(NDArray ids) {
        var rows = Layers.rows(ids, tensors.get("embed_tokens.weight"));
        return config.embeddingScale() == 1 ? rows : rows.mul(Scalar.of(rows, config.embeddingScale()));
    }

    @Override
    public NDArray gathered(int index, NDArray x, Positions positions) {
        var at = "layers." + index + ".";
        var attention = at + "self_attn.";
        var reach = config.reaches().get(index);
        return Attention.causal(
                linear(attention + "qkv_proj", norm(at + "input_layernorm", x)),
                config.heads(),
                qk -> turned(attention, qk, reach.rotary(), positions),
                positions.mask(reach.window(), config.heads().group()),
                dropout);
    }

    @Override
    public NDArray rest(int index, NDArray x, NDArray gathered) {
        var at = "layers." + index + ".";
        var attention = norm(at + "self_attn.norm", linear(at + "self_attn.o_proj", gathered));
        var attended = dropout.apply(attention).addi(x);
        return dropout.apply(gatedMlp(at + "mlp.", norm(at + "post_attention_layernorm", attended)))
                .addi(attended);
    }

    @Override
    public NDArray finalNorm(NDArray x) {
        return norm("norm", x);
    }

    /** Queries and keys, turned together unless each have a norm. */
    private NDList turned(String at, NDArray queriesAndKeys, Rotary rotary, Positions positions) {
        var heads = new long[] {config.heads().heads()};
        if (!config.parts().contains(Part.HEAD_NORMS)) {
            return positions.turned(rotary, queriesAndKeys).split(heads, 2);
        }
        var qk = queriesAndKeys.split(heads, 2);
        return new NDList(
                positions.turned(rotary, norm(at + "q_norm", qk.get(0))),
                positions.turned(rotary, norm(at + "k_norm", qk.get(1))));
    }

    private NDArray gatedMlp(String at, NDArray x) {
        var gateUp = linear(at + "gate_up_proj", x).split(2, 2);
        var hidden = config.nonlinearity().apply(gateUp.get(0)).muli(gateUp.get(1));
        return norm(at + "norm", linear(at + "down_proj", hidden));
    }

    private NDArray linear(String name, NDArray x) {
        return Layers.linear(tensors, name, x);
    }

    private NDArray norm(String name, NDArray x) {
        return Layers.rmsNorm(tensors, name, x, config.epsilon());
    }
}
