package org.whylm.lm;

import ai.djl.ndarray.NDManager;
import java.util.Map;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.Safetensors;

/** What files say of a GPT-NeoX. */
final class GptNeoXFiles {

    private static final GgufNames GGUF_NAMES = new GgufNames(Map.of(
            "embed_in", "token_embd",
            "input_layernorm", "attn_norm",
            "attention.query_key_value", "attn_qkv",
            "attention.dense", "attn_output",
            "post_attention_layernorm", "ffn_norm",
            "mlp.dense_h_to_4h", "ffn_up",
            "mlp.dense_4h_to_h", "ffn_down",
            "final_layer_norm", "output_norm",
            "embed_out", "output"));

    private GptNeoXFiles() {}

    /** The rows of queries, keys and values lie head by head. */
    static Network read(Settings json, Safetensors weights, NDManager manager) {
        var config = config(json);
        var output = weights.names().contains("embed_out.weight") ? "embed_out.weight" : "lm_head.weight";
        var checkpoint =
                new Checkpoint(weights, "gpt_neox.", name -> name.equals("embed_out.weight") ? output : name, manager);
        var tensors = checkpoint.tensors(
                config.architecture().parameters(),
                parameter -> parameter.name().contains("query_key_value")
                        ? checkpoint.stacked(checkpoint.part(parameter).byKind(config.heads(), 3))
                        : checkpoint.array(parameter));
        if (config.tied()) {
            checkpoint.requireTied(output, tensors.get("embed_in.weight"));
        }
        checkpoint.requireAllRead("attention.bias", "attention.masked_bias", "rotary_emb.inv_freq");
        return new GptNeoX(config, tensors, Dropout.NONE);
    }

    private static GptNeoX.Config config(Settings json) {
        int d = json.size("hidden_size"), heads = json.heads("num_attention_heads", d);
        var config = new GptNeoX.Config(
                d,
                json.size("num_hidden_layers"),
                heads,
                json.size("intermediate_size"),
                json.size("vocab_size"),
                json.size("max_position_embeddings"),
                rotary(json, d / heads),
                json.flag("use_parallel_residual", true),
                Nonlinearity.of(json, "hidden_act", "gelu"),
                json.epsilon("layer_norm_eps", 1e-5),
                json.flag("attention_bias", true),
                json.flag("tie_word_embeddings", false));
        json.refuseOthers();
        return config;
    }

    private static Rotary rotary(Settings json, int width) {
        var rope = RotarySettings.parameters(json);
        double share = json.number("rotary_pct", 0.25, 0, 1), base = json.base("rotary_emb_base", RotarySettings.BASE);
        double own = rope.map(each -> each.number("partial_rotary_factor", share, 0, 1))
                .orElse(share);
        // Names that other families use for the same, which transformers does not read here.
        json.number("partial_rotary_factor", own, own, own);
        double ownBase = rope.map(each -> each.base("rope_theta", base)).orElse(base);
        json.number("rope_theta", ownBase, ownBase, ownBase);
        return checked(json, RotarySettings.ofFirst(json, rope, (int) (width * own), base), width);
    }

    private static Rotary checked(Settings settings, Rotary rotary, int width) {
        if (rotary.components() > width) {
            throw settings.unsupported("heads of " + width + " components, an odd number, that turn as a whole");
        }
        return rotary;
    }

    /** The activation of the feed-forward layer, which the format does not say, is that of Pythia. */
    static Network read(Settings metadata, Gguf weights, NDManager manager) {
        var checkpoint = new Checkpoint(weights, "", GGUF_NAMES::of, manager);
        var at = "gptneox.";
        int d = metadata.size(at + "embedding_length"), heads = metadata.heads(at + "attention.head_count", d);
        metadata.requirePresent(at + "attention.layer_norm_epsilon");
        metadata.requirePresent(at + "use_parallel_residual");
        int width = d / heads;
        var rotary = Rotary.of(
                (int) metadata.number(at + "rope.dimension_count", width, 0, width),
                metadata.base(at + "rope.freq_base", RotarySettings.BASE));
        var config = new GptNeoX.Config(
                d,
                metadata.size(at + "block_count"),
                heads,
                metadata.size(at + "feed_forward_length"),
                checkpoint.vocabulary(metadata, at),
                metadata.size(at + "context_length"),
                checked(metadata, rotary, width),
                metadata.flag(at + "use_parallel_residual", true),
                Nonlinearity.GELU,
                metadata.epsilon(at + "attention.layer_norm_epsilon", 1e-5),
                checkpoint.has("blk.0.attn_qkv.bias"),
                !checkpoint.has("output.weight"));
        metadata.refuseOthers(at);
        var tensors = checkpoint.tensors(config.architecture().parameters(), checkpoint::array);
        checkpoint.requireAllRead();
        return new GptNeoX(config, tensors, Dropout.NONE);
    }
}
