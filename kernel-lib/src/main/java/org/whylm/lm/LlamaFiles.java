package org.whylm.lm;

import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.function.Function;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.Safetensors;

/** The tensors of a Llama and its descendants, as they lie in files. */
final class LlamaFiles {

    /** What Gemma 3 calls its four norms; those behind a sub-layer belong to it here. */
    private static final Map<String, String> GEMMA_NORMS = Map.of(
            "self_attn.norm", "post_attention_layernorm",
            "post_attention_layernorm", "pre_feedforward_layernorm",
            "mlp.norm", "post_feedforward_layernorm");

    private static final GgufNames GGUF_NAMES = new GgufNames(Map.ofEntries(
            Map.entry("embed_tokens", "token_embd"),
            Map.entry("norm", "output_norm"),
            Map.entry("lm_head", "output"),
            Map.entry("input_layernorm", "attn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.q_norm", "attn_q_norm"),
            Map.entry("self_attn.k_norm", "attn_k_norm"),
            Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("self_attn.norm", "post_attention_norm"),
            Map.entry("post_attention_layernorm", "ffn_norm"),
            Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"),
            Map.entry("mlp.down_proj", "ffn_down"),
            Map.entry("mlp.norm", "post_ffw_norm"),
            Map.entry("rope_freqs", "rope_freqs")));

    private LlamaFiles() {}

    /** A family of Hugging Face directories. */
    static Family.Reader<Safetensors> of(Function<Settings, Llama.Config> settings) {
        return (json, weights, manager) -> {
            var config = settings.apply(json);
            json.refuseOthers();
            boolean gemma = config.parts().contains(Llama.Part.NORMS_BEHIND);
            var checkpoint = new Checkpoint(weights, "model.", name -> gemma ? gemmaName(name) : name, manager);
            var tensors = tensors(config, checkpoint, false, gemma);
            if (config.tied()) {
                checkpoint.requireTied("lm_head.weight", tensors.get("embed_tokens.weight"));
            }
            checkpoint.requireAllRead("rotary_emb.inv_freq");
            return new Llama(config, tensors, Dropout.NONE);
        };
    }

    /** A GGUF file: there a Llama's rotary pairs stand next to each other, and Gemma's norms have their 1 already. */
    static Network read(Settings metadata, Gguf weights, NDManager manager) {
        var checkpoint = new Checkpoint(weights, "", GGUF_NAMES::of, manager);
        var config = LlamaSettings.of(metadata, checkpoint);
        var architecture = metadata.string("general.architecture");
        metadata.refuseOthers(architecture + ".");
        var tensors = tensors(config, checkpoint, architecture.equals("llama"), false);
        checkpoint.requireAllRead();
        return new Llama(config, tensors, Dropout.NONE);
    }

    private static String gemmaName(String name) {
        return GEMMA_NORMS.entrySet().stream()
                .filter(norm -> name.endsWith("." + norm.getKey() + ".weight"))
                .map(norm -> name.replace(norm.getKey(), norm.getValue()))
                .findFirst()
                .orElse(name);
    }

    /**
     * @param pairs whether the components of a rotary pair stand next to each other
     * @param plusOne whether norms multiply by 1 more than is stored
     */
    private static Tensors tensors(Llama.Config config, Checkpoint checkpoint, boolean pairs, boolean plusOne) {
        var heads = config.heads();
        return checkpoint.tensors(config.architecture().parameters(), parameter -> {
            var name = parameter.name();
            if (name.contains("qkv_proj")) {
                long keys = (long) heads.keyHeads() * heads.width();
                var query = checkpoint.part(part(parameter, "qkv", "q", (long) heads.heads() * heads.width()));
                var key = checkpoint.part(part(parameter, "qkv", "k", keys));
                var value = checkpoint.part(part(parameter, "qkv", "v", keys));
                return checkpoint.stacked(
                        pairs ? query.pairsToHalves(heads.heads()) : query,
                        pairs ? key.pairsToHalves(heads.keyHeads()) : key,
                        value);
            }
            if (name.contains("gate_up_proj")) {
                return checkpoint.stacked(
                        checkpoint.part(part(parameter, "gate_up", "gate", config.hidden())),
                        checkpoint.part(part(parameter, "gate_up", "up", config.hidden())));
            }
            var array = checkpoint.array(parameter);
            return plusOne && name.contains("norm") ? array.addi(1) : array;
        });
    }

    /** The rows of a stacked parameter that a file has as a tensor of their own. */
    private static Parameter part(Parameter stacked, String together, String alone, long rows) {
        var shape = stacked.shape().clone();
        shape[0] = rows;
        return new Parameter(stacked.name().replace(together, alone), shape);
    }
}
