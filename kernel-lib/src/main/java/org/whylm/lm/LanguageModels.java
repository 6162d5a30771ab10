package org.whylm.lm;

import ai.djl.ndarray.NDManager;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.whylm.lm.weights.Gguf;
import org.whylm.lm.weights.Safetensors;
import org.whylm.lm.weights.Weights;
import org.whylm.run.Beside;
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
        if (!nameOrPath.isBlank() && Files.exists(path)) {
            var name = path.toAbsolutePath().normalize().getFileName();
            return load(name == null ? nameOrPath : name.toString(), path);
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
        ModelPath.requireWhole(path);
        var engine = Beside.start(Engine::version); // its libraries take a third of a second
        try {
            return Files.isDirectory(path) ? directory(name, path) : gguf(name, path);
        } catch (IoFailure e) {
            throw new IoFailure("The model " + path, e);
        } finally {
            engine.get();
        }
    }

    private static LanguageModel directory(String name, Path directory) {
        var config = directory.resolve("config.json");
        var json = Settings.ofConfig(config);
        try (var weights = Safetensors.open(directory)) {
            var tokenizerJson = directory.resolve("tokenizer.json");
            var vocabulary = directory.resolve(VocabularyRestriction.FILE);
            var tokenizerConfig = directory.resolve(Tokenizer.CONFIG);
            var small = Stream.of(config, tokenizerJson, tokenizerConfig, vocabulary)
                    .filter(Files::exists)
                    .collect(Collectors.toMap(file -> file, file -> Sha256.of(file)));
            var hashes = Beside.start(() -> {
                var all = new LinkedHashMap<>(weights.hashes());
                all.putAll(small);
                return known(directory, all);
            });
            try {
                var family = Family.ofConfig(json);
                return model(
                        name,
                        weights,
                        () -> small.containsKey(vocabulary)
                                ? Tokenizer.fromJson(tokenizerJson).restrictedTo(VocabularyRestriction.read(directory))
                                : Tokenizer.fromJson(tokenizerJson),
                        manager -> family.directory().read(json, weights, manager),
                        tokenizer -> {
                            var found = hashes.get();
                            return Sha256.of(weights.sha256()
                                    + found.get(config)
                                    + found.get(tokenizerJson)
                                    + (tokenizer.hasStart() ? found.get(tokenizerConfig) : "")
                                    + found.getOrDefault(vocabulary, ""));
                        });
            } finally {
                hashes.get(); // of a file that is not the one that was fetched that is said, whatever else it led to
            }
        }
    }

    private static LanguageModel gguf(String name, Path file) {
        try (var weights = Gguf.open(file)) {
            var hashes = Beside.start(() -> known(file, weights.hashes()));
            try {
                var metadata = Settings.ofGguf(weights);
                metadata.require("general.type", "model");
                var family = Family.ofGguf(metadata);
                return model(
                        name,
                        weights,
                        () -> Tokenizer.fromGguf(weights),
                        manager -> family.gguf().read(metadata, weights, manager),
                        tokenizer -> {
                            hashes.get();
                            return weights.sha256();
                        });
            } finally {
                hashes.get(); // as above
            }
        }
    }

    /** Reads tokenizer and tensors beside each other: they take about as long. */
    private static LanguageModel model(
            String name,
            Weights weights,
            Supplier<Tokenizer> tokens,
            Function<NDManager, Network> tensors,
            Function<Tokenizer, String> sha256) {
        var tokenizer = Beside.start(tokens);
        var manager = Engine.newNetworkManager();
        try {
            var network = tensors.apply(manager);
            return new LanguageModel(
                            name,
                            sha256.apply(tokenizer.get()),
                            tokenizer.get().forModel(network.architecture().vocabulary()),
                            network,
                            network.architecture().blocks().size(),
                            manager,
                            true)
                    .from(weights);
        } catch (RuntimeException | Error e) {
            manager.close();
            tokenizer.get().close();
            throw e;
        }
    }

    /** Hashes of files, compared with those that the catalog, or the hub's cache, has of the model at a path. */
    private static Map<Path, String> known(Path model, Map<Path, String> found) {
        if (Workspace.find().isEmpty()) {
            return found;
        }
        var known = ModelCatalog.load().hashes(model.toAbsolutePath().normalize());
        found.forEach((file, hash) -> {
            var expected = known.getOrDefault(file.toAbsolutePath().normalize(), hash);
            if (!expected.equals(hash)) {
                throw new UnsupportedModelException(file + " has SHA-256 " + hash + ", expected " + expected
                        + ": it is damaged, or another file than was fetched; remove it and fetch the model again");
            }
        });
        return found;
    }
}
