package org.whylm.lm;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import org.whylm.lm.weights.Safetensors;

/** What files say of a GPT-2. */
final class Gpt2Files {

    /** The key of {@code config.json} that says that the checkpoint has a linear layer behind the final norm. */
    static final String PROJECTION = "whylm_output_projection";

    private Gpt2Files() {}

    static Network read(ConfigJson json, Safetensors weights, NDManager manager) {
        var config = config(json);
        var parameters = new ArrayList<>(config.parameters());
        if (json.flag(PROJECTION, false)) {
            parameters.addAll(Network.projection(config.dimension()));
        }
        var checkpoint = new Checkpoint(weights, "transformer.", manager);
        var tensors = checkpoint.tensors(parameters, checkpoint::array);
        checkpoint.requireAllRead("attn.bias", "attn.masked_bias", config.tied() ? "lm_head.weight" : "attn.bias");
        return config.on(tensors, Dropout.NONE);
    }

    private static Gpt2.Config config(ConfigJson json) {
        json.require("activation_function", "gelu_new");
        json.require("scale_attn_weights", true);
        json.require("scale_attn_by_inverse_layer_idx", false);
        json.require("add_cross_attention", false);
        json.refuseOthers(
                "activation_function",
                "scale_attn_weights",
                "scale_attn_by_inverse_layer_idx",
                "n_head",
                "n_positions",
                "layer_norm_epsilon",
                "tie_word_embeddings");
        int dimension = json.size("n_embd"), heads = json.size("n_head");
        if (dimension % heads != 0 || dimension > Integer.MAX_VALUE / 4) {
            throw json.unsupported("'n_head' " + heads + " does not divide 'n_embd' " + dimension);
        }
        return new Gpt2.Config(
                dimension,
                json.size("n_layer"),
                heads,
                json.size("n_inner", 4 * dimension),
                json.size("vocab_size"),
                json.size("n_positions"),
                json.epsilon("layer_norm_epsilon", 1e-5),
                json.flag("tie_word_embeddings", true));
    }
}
