package org.whylm.lm;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.lm.Llama.Part;
import org.whylm.lm.Llama.Reach;

/** What files say of a Llama and its descendants; what they leave out is as in Hugging Face transformers or llama.cpp. */
final class LlamaSettings {

    /** In a GGUF file, what the frequencies of Llama 3's positions are divided by. */
    private static final String FREQUENCIES = "rope_freqs.weight";

    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";
    private static final int USUAL_WINDOW = 4096;
    private static final double GEMMA_BASE = 1e6;
    private static final int GEMMA_PATTERN = 6;
    private static final int BLOCKS_OF_GEMMA_27B = 62;

    private LlamaSettings() {}

    static Llama.Config llama(Settings json) {
        var parts = attentionBiases(json);
        if (json.flag("mlp_bias", false)) {
            parts.add(Part.MLP_BIASES);
        }
        var heads = heads(json, 0, 0);
        return config(
                "Llama", json, heads, all(json, new Reach(RotarySettings.of(json, heads.width()), Reach.ALL)), parts);
    }

    static Llama.Config mistral(Settings json) {
        var heads = heads(json, 0, 8);
        var reach =
                new Reach(RotarySettings.of(json, heads.width()), window(json).orElse(Reach.ALL));
        return config("Mistral", json, heads, all(json, reach), Set.of());
    }

    static Llama.Config qwen2(Settings json) {
        var heads = heads(json, 0, 32);
        return config("Qwen2", json, heads, qwenReaches(json, heads.width()), Set.of(Part.BIASES));
    }

    static Llama.Config qwen3(Settings json) {
        var parts = attentionBiases(json);
        parts.add(Part.HEAD_NORMS);
        var heads = heads(json, 128, 32);
        return config("Qwen3", json, heads, qwenReaches(json, heads.width()), parts);
    }

    static Llama.Config gemma3(Settings json) {
        json.require("use_bidirectional_attention", false);
        // Transformers does not read it: the function is that of hidden_activation.
        json.require("hidden_act", "gelu_pytorch_tanh");
        var parts = attentionBiases(json);
        parts.addAll(Set.of(Part.HEAD_NORMS, Part.NORMS_BEHIND));
        var heads = heads(json, 256, 4);
        var scaled = heads.scaled(json.number("query_pre_attn_scalar", 256, 1e-6, 1e9));
        return config("Gemma 3", json, scaled, gemmaReaches(json, heads.width()), parts);
    }

    private static Set<Part> attentionBiases(Settings json) {
        return json.flag("attention_bias", false)
                ? EnumSet.of(Part.BIASES, Part.OUTPUT_BIASES)
                : EnumSet.noneOf(Part.class);
    }

    /**
     * @param width if the file does not say; 0 for that of heads that share the states among them
     * @param keyHeads if the file does not say; 0 for as many as there are heads, which null stands for too
     */
    private static Heads heads(Settings json, int width, int keyHeads) {
        int dimension = json.size("hidden_size"), heads = json.size("num_attention_heads");
        if (width == 0 && json.value("head_dim").isEmpty() && dimension % heads != 0) {
            throw json.unsupported("'num_attention_heads' " + heads + " does not divide 'hidden_size' " + dimension);
        }
        boolean asMany = keyHeads == 0 || json.keys().contains("num_key_value_heads");
        return new Heads(
                        heads,
                        json.size("num_key_value_heads", asMany ? heads : keyHeads),
                        json.size("head_dim", width == 0 ? Math.max(1, dimension / heads) : width))
                .checked(json);
    }

    private static List<Reach> all(Settings json, Reach reach) {
        return Collections.nCopies(json.size("num_hidden_layers"), reach);
    }

    /** The window, if there is one: null says that there is none. */
    private static Optional<Integer> window(Settings json) {
        return json.keys().contains("sliding_window") ? json.optionalSize("sliding_window") : Optional.of(USUAL_WINDOW);
    }

    private static List<Reach> qwenReaches(Settings json, int width) {
        var rotary = RotarySettings.of(json, width);
        boolean uses = json.flag("use_sliding_window", false);
        var window = window(json).filter(any -> uses);
        double first = json.number("max_window_layers", 28, 0, Integer.MAX_VALUE);
        return reaches(json, block -> window.isPresent() && block >= first, rotary, rotary, window);
    }

    private static List<Reach> gemmaReaches(Settings json, int width) {
        int pattern = json.size("sliding_window_pattern", GEMMA_PATTERN);
        if (json.value("layer_types").isEmpty()) {
            json.require("_sliding_window_pattern", (long) pattern);
        }
        json.passOver("_sliding_window_pattern");
        var rope = json.object("rope_parameters");
        rope.ifPresent(each -> {
            each.passOver(FULL, SLIDING);
            each.refuseOthers();
        });
        var scaling = json.object("rope_scaling").or(() -> rope.flatMap(each -> each.object(FULL)));
        double base = json.base("rope_theta", GEMMA_BASE);
        double local = json.base("rope_local_base_freq", RotarySettings.BASE);
        return reaches(
                json,
                block -> (block + 1) % pattern != 0,
                RotarySettings.of(json, scaling, width, base),
                RotarySettings.of(json, rope.flatMap(each -> each.object(SLIDING)), width, local),
                window(json));
    }

    /** @param slides whether a block has the window, if the file does not list the blocks' types */
    private static List<Reach> reaches(
            Settings json, IntPredicate slides, Rotary full, Rotary sliding, Optional<Integer> window) {
        int blocks = json.size("num_hidden_layers");
        var types = json.strings("layer_types").orElseGet(() -> IntStream.range(0, blocks)
                .mapToObj(block -> slides.test(block) ? SLIDING : FULL)
                .toList());
        if (types.size() != blocks) {
            throw json.unsupported("'layer_types' names " + types.size() + " of " + blocks + " blocks");
        }
        return types.stream()
                .map(type -> switch (type) {
                    case FULL -> new Reach(full, Reach.ALL);
                    case SLIDING ->
                        new Reach(
                                sliding,
                                window.orElseThrow(() -> json.unsupported(
                                        "'layer_types' has " + SLIDING + ", but there is no 'sliding_window'")));
                    default ->
                        throw json.unsupported("'layer_types' has \"" + type + "\", only " + FULL + " and " + SLIDING
                                + " are supported");
                })
                .toList();
    }

    /**
     * Gemma 3, which has norms behind its sub-layers, scales the embeddings, and shares them with the output unless the file says
     * otherwise.
     */
    private static Llama.Config config(
            String family, Settings json, Heads heads, List<Reach> reaches, Set<Part> parts) {
        boolean gemma = parts.contains(Part.NORMS_BEHIND);
        int dimension = json.size("hidden_size");
        return new Llama.Config(
                family,
                dimension,
                json.size("vocab_size"),
                json.size("max_position_embeddings"),
                json.flag("tie_word_embeddings", gemma),
                gemma ? Math.sqrt(dimension) : 1,
                heads,
                reaches,
                json.size("intermediate_size"),
                gemma
                        ? Nonlinearity.of(json, "hidden_activation", "gelu_pytorch_tanh")
                        : Nonlinearity.of(json, "hidden_act", "silu"),
                json.epsilon("rms_norm_eps", 1e-6),
                parts);
    }

    /** Of a GGUF file; biases are there if the file has them. */
    static Llama.Config of(Settings metadata, Checkpoint file) {
        var architecture = metadata.string("general.architecture");
        var at = architecture + ".";
        boolean gemma = architecture.equals("gemma3");
        int dimension = metadata.size(at + "embedding_length"), blocks = metadata.size(at + "block_count");
        int count = metadata.size(at + "attention.head_count");
        int width = metadata.size(at + "attention.key_length", Math.max(1, dimension / count));
        for (var key : List.of("rope.dimension_count", "attention.value_length")) {
            metadata.require(at + key, (long) width);
        }
        metadata.requirePresent(at + "attention.layer_norm_rms_epsilon");
        metadata.require(at + "tensor_data_layout", "Meta AI original pth");
        metadata.require(at + "attention.causal", true);
        metadata.passOver(at + "rope.scaling.original_context_length", at + "rope.scaling.finetuned");
        var heads = new Heads(count, metadata.size(at + "attention.head_count_kv", count), width).checked(metadata);
        // As in llama.cpp, which says it of the largest Gemma 3 only.
        boolean shared = gemma && blocks == BLOCKS_OF_GEMMA_27B;
        return new Llama.Config(
                Family.ofGguf(metadata).name(),
                dimension,
                file.vocabulary(metadata, at),
                metadata.size(at + "context_length"),
                !file.has("output.weight"),
                gemma ? Math.sqrt(dimension) : 1,
                shared ? heads.scaled(dimension / count) : heads,
                IntStream.range(0, blocks)
                        .mapToObj(gemma ? gemmaReach(metadata, width) : everywhere(metadata, at, file, width))
                        .toList(),
                metadata.size(at + "feed_forward_length"),
                gemma ? Nonlinearity.GELU_TANH : Nonlinearity.SILU,
                metadata.epsilon(at + "attention.layer_norm_rms_epsilon", 1e-5),
                parts(architecture, file));
    }

    private static Set<Part> parts(String architecture, Checkpoint file) {
        return Stream.of(Part.values())
                .filter(part -> switch (part) {
                    case BIASES -> architecture.equals("qwen2") || file.has("blk.0.attn_q.bias");
                    case OUTPUT_BIASES -> file.has("blk.0.attn_output.bias");
                    case MLP_BIASES -> file.has("blk.0.ffn_up.bias");
                    case HEAD_NORMS -> Set.of("qwen3", "gemma3").contains(architecture);
                    case NORMS_BEHIND -> architecture.equals("gemma3");
                })
                .collect(Collectors.toSet());
    }

    private static IntFunction<Reach> everywhere(Settings metadata, String at, Checkpoint file, int width) {
        var rotary = Rotary.of(width, metadata.base(at + "rope.freq_base", RotarySettings.BASE));
        if (file.has(FREQUENCIES)) {
            rotary = rotary.dividedBy(file.values(new Parameter(FREQUENCIES, width / 2)));
        }
        var reach = new Reach(rotary, Reach.ALL);
        return block -> reach;
    }

    private static IntFunction<Reach> gemmaReach(Settings metadata, int width) {
        int pattern = metadata.size("gemma3.attention.sliding_window_pattern", GEMMA_PATTERN);
        var full = new Reach(Rotary.of(width, metadata.base("gemma3.rope.freq_base", GEMMA_BASE)), Reach.ALL);
        var sliding = new Reach(
                Rotary.of(width, metadata.base("gemma3.rope.freq_base_swa", RotarySettings.BASE)),
                metadata.size("gemma3.attention.sliding_window"));
        return block -> (block + 1) % pattern == 0 ? full : sliding;
    }
}
