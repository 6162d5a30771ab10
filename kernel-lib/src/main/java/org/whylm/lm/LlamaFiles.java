package org.whylm.lm;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.Safetensors;

/** What files say of a Llama. */
final class LlamaFiles {

    private static final double NO_ROPE_BASE = 10_000;
    private static final double LARGEST_ROPE_BASE = 1e15;

    /** Metadata that are read, or that change nothing while positions are not scaled. */
    private static final Set<String> METADATA = Set.of(
            "attention.head_count",
            "attention.head_count_kv",
            "attention.key_length",
            "attention.value_length",
            "attention.layer_norm_rms_epsilon",
            "attention.causal",
            "rope.dimension_count",
            "rope.freq_base",
            "rope.scaling.original_context_length",
            "rope.scaling.finetuned",
            "tensor_data_layout");

    private static final Map<String, String> GGUF_NAMES = Map.ofEntries(
            Map.entry("embed_tokens", "token_embd"),
            Map.entry("norm", "output_norm"),
            Map.entry("lm_head", "output"),
            Map.entry("input_layernorm", "attn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("post_attention_layernorm", "ffn_norm"),
            Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"),
            Map.entry("mlp.down_proj", "ffn_down"));

    private LlamaFiles() {}

    static Network read(ConfigJson json, Safetensors weights, NDManager manager) {
        var config = config(json);
        var checkpoint = new Checkpoint(weights, "model.", manager);
        var tensors = tensors(config, checkpoint, UnaryOperator.identity(), false);
        checkpoint.requireAllRead("rotary_emb.inv_freq", config.tied() ? "lm_head.weight" : "rotary_emb.inv_freq");
        return config.on(tensors, Dropout.NONE);
    }

    static Network read(Gguf file, NDManager manager) {
        var config = config(file);
        var checkpoint = new Checkpoint(file, "", manager);
        var tensors = tensors(config, checkpoint, LlamaFiles::ggufName, true);
        checkpoint.requireAllRead();
        return config.on(tensors, Dropout.NONE);
    }

    /** {@code layers.3.mlp.up_proj.weight} is {@code blk.3.ffn_up.weight}. */
    private static String ggufName(String name) {
        var parts = name.split("\\.", name.startsWith("layers.") ? 3 : 1);
        var own = parts[parts.length - 1];
        int end = own.lastIndexOf('.');
        var block = parts.length == 3 ? "blk." + parts[1] + "." : "";
        return block + GGUF_NAMES.get(own.substring(0, end)) + own.substring(end);
    }

    /** @param pairs whether the components of a rotary pair stand next to each other */
    private static Tensors tensors(
            Llama.Config config, Checkpoint checkpoint, UnaryOperator<String> stored, boolean pairs) {
        long d = config.dimension(), q = (long) config.heads() * config.width();
        long kv = (long) config.keyHeads() * config.width(), hidden = config.hidden();
        return checkpoint.tensors(config.parameters(), parameter -> {
            var name = parameter.name();
            if (name.contains("qkv_proj")) {
                var query = checkpoint.part(stored.apply(name.replace("qkv", "q")), q, d);
                var key = checkpoint.part(stored.apply(name.replace("qkv", "k")), kv, d);
                var value = checkpoint.part(stored.apply(name.replace("qkv", "v")), kv, d);
                return checkpoint.stacked(
                        pairs ? query.pairsToHalves(config.heads()) : query,
                        pairs ? key.pairsToHalves(config.keyHeads()) : key,
                        value);
            }
            if (name.contains("gate_up_proj")) {
                return checkpoint.stacked(
                        checkpoint.part(stored.apply(name.replace("gate_up", "gate")), hidden, d),
                        checkpoint.part(stored.apply(name.replace("gate_up", "up")), hidden, d));
            }
            return checkpoint.array(new Parameter(stored.apply(name), parameter.shape()));
        });
    }

    private static Llama.Config config(ConfigJson json) {
        json.require("hidden_act", "silu");
        json.require("attention_bias", false);
        json.require("mlp_bias", false);
        int dimension = json.size("hidden_size");
        int heads = json.size("num_attention_heads");
        if (json.value("head_dim").isEmpty() && dimension % heads != 0) {
            throw json.unsupported("'num_attention_heads' " + heads + " does not divide 'hidden_size' " + dimension);
        }
        double ropeBase = json.number("rope_theta", NO_ROPE_BASE, 1, LARGEST_ROPE_BASE);
        for (var key : List.of("rope_scaling", "rope_parameters")) {
            var rope = json.object(key);
            if (rope.isPresent()) {
                rope.get().require("rope_type", "default");
                rope.get().require("type", "default");
                rope.get().refuseOthers("rope_type", "type", "rope_theta", "original_max_position_embeddings");
                ropeBase = rope.get().number("rope_theta", ropeBase, 1, LARGEST_ROPE_BASE);
            }
        }
        json.refuseOthers(
                "hidden_act",
                "num_attention_heads",
                "num_key_value_heads",
                "head_dim",
                "max_position_embeddings",
                "rms_norm_eps",
                "rope_theta",
                "rope_scaling",
                "rope_parameters",
                "tie_word_embeddings");
        int width = json.size("head_dim", Math.max(1, dimension / heads));
        return new Llama.Config(
                        dimension,
                        json.size("num_hidden_layers"),
                        heads,
                        json.size("num_key_value_heads", heads),
                        width,
                        json.size("intermediate_size"),
                        json.size("vocab_size"),
                        json.size("max_position_embeddings"),
                        json.epsilon("rms_norm_eps", 1e-6),
                        Rotary.of(width, ropeBase),
                        json.flag("tie_word_embeddings", false))
                .checked(json);
    }

    private static Llama.Config config(Gguf file) {
        var metadata = new GgufSettings(file);
        int dimension = metadata.size("llama.embedding_length");
        int heads = metadata.size("llama.attention.head_count");
        int width = metadata.size("llama.attention.key_length", Math.max(1, dimension / heads));
        for (var key : List.of("llama.rope.dimension_count", "llama.attention.value_length")) {
            metadata.require(key, (long) width);
        }
        metadata.requirePresent("llama.attention.layer_norm_rms_epsilon");
        metadata.require("general.type", "model");
        metadata.require("llama.tensor_data_layout", "Meta AI original pth");
        metadata.require("llama.attention.causal", true);
        metadata.refuseOthers("llama.", METADATA);
        if (!file.names().contains("token_embd.weight") || file.shape("token_embd.weight").length != 2) {
            throw metadata.unsupported("no matrix 'token_embd.weight'");
        }
        long vocabulary = file.shape("token_embd.weight")[0];
        metadata.require("llama.vocab_size", vocabulary);
        int tokens = file.metadata().strings("tokenizer.ggml.tokens").size();
        if (vocabulary != tokens) {
            throw metadata.unsupported("'token_embd.weight' has " + vocabulary + " rows for " + tokens + " tokens");
        }
        return new Llama.Config(
                        dimension,
                        metadata.size("llama.block_count"),
                        heads,
                        metadata.size("llama.attention.head_count_kv", heads),
                        width,
                        metadata.size("llama.feed_forward_length"),
                        tokens,
                        metadata.size("llama.context_length"),
                        metadata.epsilon("llama.attention.layer_norm_rms_epsilon", 1e-5),
                        Rotary.of(width, metadata.number("llama.rope.freq_base", NO_ROPE_BASE, 1, LARGEST_ROPE_BASE)),
                        !file.names().contains("output.weight"))
                .checked(metadata);
    }
}
