package org.whylm.lm;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Map;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.Safetensors;

/** What files say of a GPT-2. */
final class Gpt2Files {

    /** The key of {@code config.json} that says that the checkpoint has a linear layer behind the final norm. */
    static final String PROJECTION = "whylm_output_projection";

    private static final GgufNames GGUF_NAMES = new GgufNames(Map.of(
            "wte", "token_embd",
            "wpe", "position_embd",
            "ln_1", "attn_norm",
            "attn.c_attn", "attn_qkv",
            "attn.c_proj", "attn_output",
            "ln_2", "ffn_norm",
            "mlp.c_fc", "ffn_up",
            "mlp.c_proj", "ffn_down",
            "ln_f", "output_norm",
            "lm_head", "output"));

    private Gpt2Files() {}

    static Network read(Settings json, Safetensors weights, NDManager manager) {
        var config = config(json);
        var parameters = new ArrayList<>(config.architecture().parameters());
        if (json.flag(PROJECTION, false)) {
            parameters.addAll(Network.projection(config.dimension()));
        }
        var checkpoint = new Checkpoint(weights, "transformer.", name -> name, manager);
        var tensors = checkpoint.tensors(parameters, checkpoint::array);
        if (config.tied()) {
            checkpoint.requireTied("lm_head.weight", tensors.get("wte.weight"));
        }
        checkpoint.requireAllRead("attn.bias", "attn.masked_bias");
        return new Gpt2(config, tensors, Dropout.NONE);
    }

    private static Gpt2.Config config(Settings json) {
        json.require("scale_attn_weights", true);
        json.require("scale_attn_by_inverse_layer_idx", false);
        json.require("add_cross_attention", false);
        int dimension = json.size("n_embd");
        var config = new Gpt2.Config(
                dimension,
                json.size("n_layer"),
                json.heads("n_head", dimension),
                json.size("n_inner", 4 * dimension),
                json.size("vocab_size"),
                json.size("n_positions"),
                Nonlinearity.of(json, "activation_function", "gelu_new"),
                json.epsilon("layer_norm_epsilon", 1e-5),
                json.flag("tie_word_embeddings", true));
        // Other names for the same, which transformers takes in place of its own.
        json.require("hidden_size", (long) dimension);
        json.require("num_hidden_layers", (long) config.blocks());
        json.require("num_attention_heads", (long) config.heads());
        json.require("max_position_embeddings", (long) config.maximumLength());
        json.refuseOthers();
        return config;
    }

    /** There the matrices of the blocks are stored {@code out×in}. */
    static Network read(Settings metadata, Gguf weights, NDManager manager) {
        var checkpoint = new Checkpoint(weights, "", GGUF_NAMES::of, manager);
        var at = "gpt2.";
        int d = metadata.size(at + "embedding_length");
        metadata.requirePresent(at + "attention.layer_norm_epsilon");
        var config = new Gpt2.Config(
                d,
                metadata.size(at + "block_count"),
                metadata.heads(at + "attention.head_count", d),
                metadata.size(at + "feed_forward_length", 4 * d),
                checkpoint.vocabulary(metadata, at),
                metadata.size(at + "context_length"),
                Nonlinearity.GELU_TANH,
                metadata.epsilon(at + "attention.layer_norm_epsilon", 1e-5),
                !checkpoint.has("output.weight"));
        metadata.refuseOthers(at);
        var tensors = checkpoint.tensors(config.architecture().parameters(), parameter -> {
            boolean turned = parameter.shape().length == 2 && parameter.name().startsWith("h.");
            return turned ? checkpoint.transposed(parameter) : checkpoint.array(parameter);
        });
        checkpoint.requireAllRead();
        return new Gpt2(config, tensors, Dropout.NONE);
    }
}
