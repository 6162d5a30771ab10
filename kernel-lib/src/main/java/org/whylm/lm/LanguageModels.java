package org.whylm.lm;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.Safetensors;
import org.whylm.run.Engine;
import org.whylm.run.IoFailure;
import org.whylm.run.Sha256;
import org.whylm.run.Workspace;

/** Loads language models from files. */
public final class LanguageModels {

    private LanguageModels() {}

    /**
     * Loads a model.
     *
     * @param nameOrPath a GGUF file, or a Hugging Face directory ({@code config.json}, {@code tokenizer.json},
     *     {@code model.safetensors} whole or sharded with its index) with a model of one of the families supported, where a
     *     {@code vocabulary.json} beside them restricts the tokenizer; or a name of the {@link ModelCatalog}, such as
     *     {@code smollm2}, whose files are there; or {@code hub:org/name@revision}, fetched unless the hub's cache has it
     * @throws UnsupportedModelException if the architecture, a setting or a tensor is not supported, or a tensor is missing; or if
     *     a file is not the one whose hash the catalog or the hub's cache knows
     * @throws ModelFetchException if a model of the hub cannot be fetched
     * @throws org.whylm.lm.weights.WeightsFormatException if a file is damaged
     * @throws IllegalArgumentException if there is no such model
     * @throws UncheckedIOException if a file cannot be read
     */
    public static LanguageModel load(String nameOrPath) {
        var path = Path.of(nameOrPath);
        if (Files.exists(path)) {
            return load(path.toAbsolutePath().normalize().getFileName().toString(), path);
        }
        var catalog = ModelCatalog.load();
        if (nameOrPath.startsWith("hub:")) {
            return load(nameOrPath, catalog.fetch(nameOrPath));
        }
        if (catalog.names().contains(nameOrPath)) {
            return load(nameOrPath, catalog.locate(nameOrPath));
        }
        throw new IllegalArgumentException(
                "No model '" + nameOrPath + "': there is no file or directory at that path, and the" + " catalog has "
                        + String.join(", ", catalog.names()) + ", or hub:org/name for a repository of the hub");
    }

    private static LanguageModel load(String name, Path path) {
        var manager = Engine.newManager();
        try {
            return Files.isDirectory(path) ? directory(name, path, manager) : gguf(name, path, manager);
        } catch (IOException e) {
            manager.close();
            throw new IoFailure("Cannot read the model " + path, e);
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    private static LanguageModel directory(String name, Path directory, NDManager manager) throws IOException {
        var config = directory.resolve("config.json");
        if (!Files.isRegularFile(config)) {
            throw new UnsupportedModelException(directory, "no config.json");
        }
        var json = ConfigJson.read(config);
        try (var weights = Safetensors.open(directory)) {
            var tokenizerJson = directory.resolve("tokenizer.json");
            var vocabulary = directory.resolve(VocabularyRestriction.FILE);
            var found = new LinkedHashMap<>(weights.hashes());
            var tokenizerConfig = directory.resolve(Tokenizer.CONFIG);
            for (var file : List.of(config, tokenizerJson, tokenizerConfig, vocabulary)) {
                if (Files.exists(file)) {
                    found.put(file, Sha256.of(file));
                }
            }
            requireKnown(directory, found);
            var network = Family.of(json).directory().read(json, weights, manager);
            var tokenizer = Tokenizer.fromJson(tokenizerJson);
            var hashes = weights.sha256() + found.get(config) + found.get(tokenizerJson);
            if (tokenizer.hasStart()) {
                hashes += found.get(tokenizerConfig);
            }
            if (found.containsKey(vocabulary)) {
                tokenizer = tokenizer.restrictedTo(VocabularyRestriction.read(directory));
                hashes += found.get(vocabulary);
            }
            return new LanguageModel(
                            name,
                            Sha256.of(hashes),
                            tokenizer.forModel(network.config().vocabulary()),
                            network,
                            manager)
                    .from(weights);
        }
    }

    private static LanguageModel gguf(String name, Path file, NDManager manager) throws IOException {
        try (var weights = Gguf.open(file)) {
            requireKnown(file, weights.hashes());
            var metadata = new GgufSettings(weights);
            metadata.require("general.type", "model");
            var family = Family.of(metadata);
            var tokenizer = Tokenizer.fromGguf(weights);
            var network = family.gguf().read(metadata, weights, manager);
            return new LanguageModel(
                            name,
                            weights.sha256(),
                            tokenizer.forModel(network.config().vocabulary()),
                            network,
                            manager)
                    .from(weights);
        }
    }

    /** Compares with the hashes that the catalog, or the hub's cache, has of the model at a path. */
    private static void requireKnown(Path model, Map<Path, String> found) {
        if (Workspace.find().isEmpty()) {
            return;
        }
        var known = ModelCatalog.load().hashes(model.toAbsolutePath().normalize());
        found.forEach((file, hash) -> {
            var expected = known.getOrDefault(file.toAbsolutePath().normalize(), hash);
            if (!expected.equals(hash)) {
                throw new UnsupportedModelException(file + " has SHA-256 " + hash + ", expected " + expected
                        + ": it is damaged, or another file than was fetched; remove it and fetch the model again");
            }
        });
    }
}
