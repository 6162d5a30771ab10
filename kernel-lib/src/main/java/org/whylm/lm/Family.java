package org.whylm.lm;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.Safetensors;
import org.whylm.lm.weights.Weights;

/**
 * A family of language models: how files say what the network of one is.
 *
 * @param name by which people know it
 * @param modelType its {@code model_type} in {@code config.json}
 * @param architecture its {@code general.architecture} in GGUF; empty if that format has none of its own
 */
record Family(String name, String modelType, String architecture, Reader<Safetensors> directory, Reader<Gguf> gguf) {

    /** The families that there are; BERT, which predicts no next word, is {@link Bert}. */
    private static final List<Family> ALL = List.of(
            new Family("GPT-2", "gpt2", "gpt2", Gpt2Files::read, Gpt2Files::read),
            new Family("GPT-NeoX", "gpt_neox", "gptneox", GptNeoXFiles::read, GptNeoXFiles::read),
            new Family("Llama", "llama", "llama", LlamaFiles.of(LlamaSettings::llama), LlamaFiles::read),
            new Family("Mistral", "mistral", "", LlamaFiles.of(LlamaSettings::mistral), LlamaFiles::read),
            new Family("Qwen2", "qwen2", "qwen2", LlamaFiles.of(LlamaSettings::qwen2), LlamaFiles::read),
            new Family("Qwen3", "qwen3", "qwen3", LlamaFiles.of(LlamaSettings::qwen3), LlamaFiles::read),
            new Family("Gemma 3", "gemma3_text", "gemma3", LlamaFiles.of(LlamaSettings::gemma3), LlamaFiles::read));

    /** Reads a Hugging Face directory or a GGUF file. */
    interface Reader<W extends Weights> {

        /**
         * @param manager where the tensors live
         * @throws UnsupportedModelException if a setting is not supported, or a tensor is missing or left over
         */
        Network read(Settings settings, W weights, NDManager manager);
    }

    /** @throws UnsupportedModelException if it is none of those supported */
    static Family ofConfig(Settings json) {
        var type = json.string("model_type");
        if (type.equals("bert")) {
            throw json.unsupported("BERT, an encoder that predicts no next word (see Bert)");
        }
        return of(Family::modelType, type, json);
    }

    /** @throws UnsupportedModelException if it is none of those supported */
    static Family ofGguf(Settings metadata) {
        return of(Family::architecture, metadata.string("general.architecture"), metadata);
    }

    private static Family of(Function<Family, String> name, String wanted, Settings settings) {
        return ALL.stream()
                .filter(family -> !wanted.isEmpty() && name.apply(family).equals(wanted))
                .findFirst()
                .orElseThrow(() -> settings.unsupported("architecture '" + wanted + "'"));
    }

    /** What can be read, for a message. */
    static String supported() {
        var directories = ALL.stream().map(Family::name).collect(Collectors.joining(", "));
        var files = ALL.stream()
                .filter(family -> !family.architecture().isEmpty())
                .map(Family::name)
                .collect(Collectors.joining(", "));
        return directories + " and BERT in a Hugging Face directory; " + files + " as GGUF";
    }
}
