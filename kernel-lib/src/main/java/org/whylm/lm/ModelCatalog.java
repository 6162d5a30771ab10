package org.whylm.lm;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.whylm.lm.weights.Safetensors;
import org.whylm.lm.weights.WeightsFormatException;
import org.whylm.run.Input;
import org.whylm.run.IoFailure;
import org.whylm.run.RecordJson;
import org.whylm.run.Workspace;

/**
 * Models by name: those of {@code datasets/models.json}, and any repository of a model hub as {@code hub:org/name}, with
 * {@code @revision} if not {@code main}, and with {@code /FILE.gguf} where it holds several. Models of the hub lie in the cache of the
 * hub's own client, where what other programs brought is found too.
 */
public final class ModelCatalog {

    /** A name that cannot lead out of its folder. */
    static final String SAFE_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,95}";

    /**
     * A file of a model.
     *
     * @param path name in the repository
     * @param bytes size, if the catalog knows it
     * @param sha256 in hex, if the catalog knows it
     */
    public record ModelFile(String path, Optional<Long> bytes, Optional<String> sha256) {

        /** @throws IllegalArgumentException if a path leads out of its folder, or a size or hash is none */
        public ModelFile {
            if (!path.matches(SAFE_NAME + "(/" + SAFE_NAME + ")*")) {
                throw new IllegalArgumentException("the path \"" + path + "\" is not that of a file in the repository");
            }
            if (bytes.orElse(0L) < 0
                    || sha256.filter(hash -> !hash.matches("[0-9a-f]{64}")).isPresent()) {
                throw new IllegalArgumentException(path + ": " + bytes + " bytes with the SHA-256 " + sha256);
            }
        }

        /** One of which no more is known. */
        static ModelFile of(String path) {
            return new ModelFile(path, Optional.empty(), Optional.empty());
        }
    }

    /**
     * A model of the catalog or of the hub.
     *
     * @param title one line about it
     * @param repository on the hub, {@code org/name}
     * @param revision branch, tag or commit
     * @param licence SPDX identifier or name, if known
     * @param packaged where {@code whylm fetch} puts it under the workspace's downloads, if packages carry it
     * @param files empty for a repository that the catalog does not list: then found out
     * @param rest of packages, which {@code fetch.py} reads
     */
    public record Model(
            String title,
            String repository,
            String revision,
            Optional<String> licence,
            Optional<String> citation,
            Optional<String> packaged,
            List<ModelFile> files,
            JsonObject rest) {

        /** @throws IllegalArgumentException if the repository or the revision is none */
        public Model {
            if (!repository.matches(SAFE_NAME + "/" + SAFE_NAME) || !revision.matches(SAFE_NAME)) {
                throw new IllegalArgumentException("a repository is org/name, not " + repository
                        + ", a revision a branch, tag or commit, not " + revision);
            }
        }
    }

    private record Json(Optional<String> hashes, Map<String, Model> models) {}

    private static final String HUB_PREFIX = "hub:";
    private static final Pattern HUB_NAME = Pattern.compile(
            "hub:(" + SAFE_NAME + "/" + SAFE_NAME + ")(?:/(" + SAFE_NAME + "\\.gguf))?(?:@(" + SAFE_NAME + "))?");
    private static final String WEIGHTS = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String GGUF = ".gguf";

    private final Map<String, Model> models;
    private final HubCache cache;
    private final Path packages;

    ModelCatalog(Map<String, Model> models, HubCache cache, Path packages) {
        this.models = models;
        this.cache = cache;
        this.packages = packages;
    }

    /**
     * The catalog of the current workspace.
     *
     * @throws IllegalStateException if there is no workspace, or its catalog is damaged
     */
    public static ModelCatalog load() {
        var workspace = Workspace.current();
        return new ModelCatalog(
                read(workspace.datasets().resolve("models.json")), HubCache.ofUser(), workspace.downloads());
    }

    static Map<String, Model> read(Path file) {
        try {
            var models = RecordJson.read(file, Json.class).models();
            models.forEach((name, model) -> {
                if (model.files().isEmpty()) {
                    throw new IllegalArgumentException("the model " + name + " has no files");
                }
            });
            return models;
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("The catalog of models " + file + " is damaged: " + e.getMessage(), e);
        }
    }

    /**
     * The hashes that are known of a model's files: by the catalog, and by the hub, which announced them when they were fetched.
     *
     * @param path what {@link #locate} gave, or where someone found it; absolute
     * @return SHA-256 by file; empty for a model of neither
     */
    Map<Path, String> hashes(Path path) {
        var known = new LinkedHashMap<>(HubCache.announced(path));
        for (var model : models.values()) {
            boolean here = placed(model)
                    .filter(found -> IoFailure.unless("Cannot read " + path, () -> Files.isSameFile(found, path)))
                    .isPresent();
            if (here) {
                model.files().forEach(file -> file.sha256()
                        .ifPresent(
                                hash -> known.put(Files.isDirectory(path) ? path.resolve(file.path()) : path, hash)));
            }
        }
        return known;
    }

    /** Names of the catalog's models, in its order. */
    public List<String> names() {
        return List.copyOf(models.keySet());
    }

    /**
     * A model by name.
     *
     * @param name one of {@link #names()}, or {@code hub:org/name}, with {@code @revision} if not {@code main}
     * @throws IllegalArgumentException if it is neither
     */
    public Model model(String name) {
        if (models.containsKey(name)) {
            return models.get(name);
        }
        var matcher = HUB_NAME.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("No model '" + name + "': give one of " + String.join(", ", names())
                    + ", or " + HUB_PREFIX + "org/name for a repository of the hub");
        }
        var files = Stream.ofNullable(matcher.group(2)).map(ModelFile::of).toList();
        var revision = matcher.group(3) == null ? "main" : matcher.group(3);
        var none = Optional.<String>empty();
        return new Model(matcher.group(1), matcher.group(1), revision, none, none, none, files, new JsonObject());
    }

    /** The title of one of the catalog's models; of another its name. */
    public String title(String name) {
        return models.containsKey(name) ? models.get(name).title() : name;
    }

    /**
     * Whether all files of a model are there, without a look at the network.
     *
     * @throws IllegalArgumentException if there is no model of this name
     */
    public boolean available(String name) {
        return placed(model(name)).isPresent();
    }

    /**
     * Where a model lies, without a look at the network.
     *
     * @return what to load: the directory, or the one file of a GGUF model
     * @throws IllegalArgumentException if there is no model of this name, or some of its files are not there; the message says
     *     how to fetch them, and where to place them where there is no network
     */
    public Path locate(String name) {
        var model = model(name);
        return placed(model)
                .orElseThrow(() -> new IllegalArgumentException(
                        "The model " + name + " is not there: run `./whylm fetch " + name + "`, or " + placing(model)));
    }

    /**
     * Brings a model of the hub, unless all of it is there.
     *
     * @return what to load: the directory, or the one file of a GGUF model
     * @throws IllegalArgumentException if there is no model of this name
     * @throws ModelFetchException if a file cannot be had or is not what it should be
     * @throws org.whylm.run.Progress.Interrupted if the thread was interrupted
     */
    public Path fetch(String name) {
        var model = model(name);
        return placed(model).orElseGet(() -> {
            try {
                cache.ask(
                        model.repository(),
                        model.revision(),
                        model.files().stream().map(ModelFile::path).toList());
                return locate(name);
            } catch (ModelFetchException e) {
                throw new ModelFetchException(
                        "Cannot fetch " + name + ": " + e.getMessage() + ". Try again, or " + placing(model), e);
            }
        });
    }

    /**
     * Removes a revision of a model from the hub's cache; what other revisions share with it stays.
     *
     * @throws IllegalArgumentException if there is no model of this name
     * @throws ModelFetchException if it cannot be removed
     */
    public void remove(String name) {
        var model = model(name);
        cache.ask(model.repository(), model.revision(), List.of("--remove"));
    }

    private String placing(Model model) {
        return "place a copy of " + cache.folder(model.repository()).getFileName()
                + " from the hub's cache of another machine in " + cache.root();
    }

    private Optional<Path> placed(Model model) {
        return model.packaged()
                .map(packages::resolve)
                .filter(Files::isRegularFile)
                .or(() -> cache.snapshot(model.repository(), model.revision()).flatMap(folder -> whole(model, folder)));
    }

    /** What to load of a folder, if all of it is there. */
    private static Optional<Path> whole(Model model, Path folder) {
        var ggufs = model.files().isEmpty() && !Files.exists(folder.resolve("config.json"))
                ? Input.names(folder, GGUF).stream().map(name -> name + GGUF).toList()
                : model.files().stream()
                        .map(ModelFile::path)
                        .filter(file -> file.endsWith(GGUF))
                        .toList();
        if (ggufs.size() == 1) {
            return Optional.of(folder.resolve(ggufs.get(0))).filter(Files::isRegularFile);
        }
        try {
            return Optional.of(folder).filter(directory -> needed(model, folder)
                    .allMatch(file -> Files.isRegularFile(folder.resolve(file))));
        } catch (WeightsFormatException e) {
            return Optional.empty(); // an index that names no files: to be fetched again
        }
    }

    private static Stream<String> needed(Model model, Path folder) {
        if (!model.files().isEmpty()) {
            return model.files().stream().map(ModelFile::path);
        }
        var index = folder.resolve(INDEX);
        var weights = Files.isRegularFile(index) ? Safetensors.shards(index).stream() : Stream.of(WEIGHTS);
        return Stream.concat(Stream.of("config.json", "tokenizer.json"), weights);
    }
}
