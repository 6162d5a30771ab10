package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;

/** BERT (Devlin et al., 2019): every position sees all; layer norm behind each sub-layer, learned positions, GELU. */
record BertEncoder(Config config, Tensors tensors) {

    /**
     * Sizes of a BERT.
     *
     * @param hidden width of the feed-forward layer
     * @param types kinds of segments
     */
    record Config(
            int dimension,
            int blocks,
            int heads,
            int hidden,
            int vocabulary,
            int types,
            int maximumLength,
            double epsilon) {

        /** All that is read; matrices are stored {@code out×in}. */
        List<Parameter> parameters() {
            int d = dimension;
            var all = new ArrayList<Parameter>();
            all.add(new Parameter("embeddings.word_embeddings.weight", vocabulary, d));
            all.add(new Parameter("embeddings.position_embeddings.weight", maximumLength, d));
            all.add(new Parameter("embeddings.token_type_embeddings.weight", types, d));
            all.addAll(Parameter.norm("embeddings.LayerNorm", d));
            for (int index = 0; index < blocks; index++) {
                var at = "encoder.layer." + index + ".";
                for (var name : List.of("query", "key", "value")) {
                    all.addAll(Parameter.linear(at + "attention.self." + name, d, d, true));
                }
                all.addAll(Parameter.linear(at + "attention.output.dense", d, d, true));
                all.addAll(Parameter.norm(at + "attention.output.LayerNorm", d));
                all.addAll(Parameter.linear(at + "intermediate.dense", d, hidden, true));
                all.addAll(Parameter.linear(at + "output.dense", hidden, d, true));
                all.addAll(Parameter.norm(at + "output.LayerNorm", d));
            }
            all.addAll(Parameter.linear("cls.predictions.transform.dense", d, d, true));
            all.addAll(Parameter.norm("cls.predictions.transform.LayerNorm", d));
            return all;
        }
    }

    /**
     * The state at the first token after the transformation that the masked-LM decoder reads.
     *
     * @param ids {@code B×L}
     * @return {@code B×d}
     */
    NDArray first(NDArray ids) {
        var pass = ids.getManager();
        var x = embed(ids);
        for (int index = 0; index < config.blocks(); index++) {
            try (var scope = pass.newSubManager()) {
                x.attach(scope);
                x = block("encoder.layer." + index + ".", x);
                x.attach(pass);
            }
        }
        var transformed = Nonlinearity.GELU.apply(linear("cls.predictions.transform.dense", x.get(":, 0")));
        return norm("cls.predictions.transform", transformed);
    }

    private NDArray embed(NDArray ids) {
        var position = tensors.get("embeddings.position_embeddings.weight")
                .get(":" + ids.getShape().get(1));
        var firstSegment =
                tensors.get("embeddings.token_type_embeddings.weight").get("0");
        position.attach(ids.getManager());
        firstSegment.attach(ids.getManager());
        var words = Layers.rows(ids, tensors.get("embeddings.word_embeddings.weight"));
        return norm("embeddings", words.addi(position).addi(firstSegment));
    }

    private NDArray block(String at, NDArray x) {
        var mixed = linear(at + "attention.output.dense", attention(at + "attention.self.", x));
        var attended = norm(at + "attention.output", x.add(mixed));
        var mlp = linear(at + "output.dense", Nonlinearity.GELU.apply(linear(at + "intermediate.dense", attended)));
        return norm(at + "output", attended.add(mlp));
    }

    /** Scaled dot-product attention to all positions. */
    private NDArray attention(String at, NDArray x) {
        long batch = x.getShape().get(0), length = x.getShape().get(1);
        int width = config.dimension() / config.heads();
        var q = heads(linear(at + "query", x));
        var k = heads(linear(at + "key", x));
        var v = heads(linear(at + "value", x));
        var weights =
                q.matMul(k.transpose(0, 1, 3, 2)).muli(1 / Math.sqrt(width)).softmax(-1);
        return weights.matMul(v).transpose(0, 2, 1, 3).reshape(batch, length, config.dimension());
    }

    /** {@code B×L×d} to {@code B×H×L×h}. */
    private NDArray heads(NDArray x) {
        var shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), config.heads(), config.dimension() / config.heads())
                .transpose(0, 2, 1, 3);
    }

    private NDArray linear(String name, NDArray x) {
        return Layers.linear(tensors, name, x);
    }

    private NDArray norm(String name, NDArray x) {
        return Layers.layerNorm(tensors, name + ".LayerNorm", x, config.epsilon());
    }
}
