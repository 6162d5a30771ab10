package org.whylm.lm;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.whylm.run.Input;
import org.whylm.run.IoFailure;

/** What lies at a path that is to be a model: where that is a part of one, or lacks a part, what to do about it. */
final class ModelPath {

    private static final String CONFIG = "config.json";
    private static final String TOKENIZER = "tokenizer.json";
    private static final String WEIGHTS = "model.safetensors";
    private static final String INDEX = WEIGHTS + ".index.json";

    /** Endings of weights that are not read. */
    private static final List<String> OTHER_WEIGHTS =
            List.of(".bin", ".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".h5", ".msgpack");

    private ModelPath() {}

    /** @throws UnsupportedModelException if it is no whole model */
    static void requireWhole(Path path) {
        (Files.isDirectory(path) ? ofFolder(path) : ofFile(path)).ifPresent(problem -> {
            throw new UnsupportedModelException(path + ": " + problem);
        });
    }

    private static Optional<String> ofFile(Path file) {
        var name = file.toString();
        boolean part = name.endsWith(".json") || OTHER_WEIGHTS.stream().anyMatch(name::endsWith);
        if (!part || startsAsGguf(file)) {
            return Optional.empty();
        }
        var folder = file.toAbsolutePath().getParent();
        return Optional.of(
                Files.exists(folder.resolve(CONFIG))
                        ? "one file of a model; give its folder, " + folder
                        : "one file of a model; put it beside the model's " + CONFIG + " and " + TOKENIZER
                                + ", and give their folder");
    }

    /** Whether a file is in GGUF whatever its name, as those that were called {@code ggml-model-q4_0.bin}. */
    private static boolean startsAsGguf(Path file) {
        return IoFailure.unless("Cannot read " + file, () -> {
            try (var in = Files.newInputStream(file)) {
                return new String(in.readNBytes(4), StandardCharsets.US_ASCII).equals("GGUF");
            }
        });
    }

    private static Optional<String> ofFolder(Path folder) {
        var names = Input.names(folder, "");
        boolean weights = names.contains(WEIGHTS) || names.contains(INDEX);
        var gguf = names.stream().filter(name -> name.endsWith(".gguf")).findFirst();
        if (gguf.isPresent() && !weights) {
            return Optional.of("a folder with " + gguf.get() + "; give that file");
        }
        if (!Files.isRegularFile(folder.resolve(CONFIG))) {
            return Optional.of(
                    "no " + CONFIG
                            + (names.contains("adapter_config.json")
                                    ? ", but an adapter: merge it into its model (merge_and_unload() of peft), save that with"
                                            + " save_pretrained() and give its folder"
                                    : names.contains("snapshots")
                                            ? ", but a repository in the hub's cache: give a folder in its snapshots"
                                            : ": give a folder as save_pretrained() of transformers writes it, or a GGUF file"));
        }
        var other = names.stream()
                .filter(name -> OTHER_WEIGHTS.stream().anyMatch(name::endsWith))
                .findFirst();
        if (!weights) {
            return Optional.of("neither " + WEIGHTS + " nor " + INDEX
                    + other.map(name -> ", but " + name + ": " + written("AutoModelForCausalLM", folder))
                            .orElse(""));
        }
        return names.contains(TOKENIZER)
                ? Optional.empty()
                : Optional.of("no " + TOKENIZER + ": " + written("AutoTokenizer", folder));
    }

    private static String written(String type, Path folder) {
        return "write it with transformers, " + type + ".from_pretrained(\"" + folder + "\").save_pretrained(\""
                + folder + "\")";
    }
}
