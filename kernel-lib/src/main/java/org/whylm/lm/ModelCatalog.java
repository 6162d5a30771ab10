package org.whylm.lm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.whylm.run.RecordJson;
import org.whylm.run.Workspace;

/**
 * Models by name: those of {@code datasets/models.json}, and any repository of a model hub as {@code hub:org/name}. Their files
 * lie in a cache that all projects of a user share.
 *
 * <p>The hub is {@code WHYLM_HUB} (default: Hugging Face's), the cache is {@code WHYLM_CACHE} (default: {@code whylm} in the
 * platform's folder for a user's caches); the system properties {@code whylm.hub} and {@code whylm.cache} go first.
 */
public final class ModelCatalog {

    /**
     * A file of a model.
     *
     * @param path name in the repository
     * @param bytes size, null if the catalog does not know it
     * @param sha256 in hex, null if the catalog does not know it: then the first hash that is met is recorded and required later
     */
    public record ModelFile(String path, Long bytes, String sha256) {

        /** @throws IllegalArgumentException if a path leads out of its folder, or a size or hash is none */
        public ModelFile {
            if (!path.matches(ModelCache.SAFE_NAME + "(/" + ModelCache.SAFE_NAME + ")*")) {
                throw new IllegalArgumentException("the path \"" + path + "\" is not that of a file in the repository");
            }
            if (bytes != null && bytes < 0 || sha256 != null && !sha256.matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException(path + ": " + bytes + " bytes with the SHA-256 \"" + sha256 + "\"");
            }
        }

        static ModelFile named(String path) {
            return new ModelFile(path, null, null);
        }
    }

    /**
     * A model of the catalog or of the hub.
     *
     * @param name the name it goes by here
     * @param title one line about it
     * @param repository on the hub, {@code org/name}
     * @param revision branch, tag or commit
     * @param licence SPDX identifier, null if not known
     * @param citation null if not known
     * @param packaged where {@code whylm fetch} puts it under the workspace's downloads if a package carries it, else null
     * @param files null for a repository that the catalog does not list: then found out
     */
    public record Model(
            String name,
            String title,
            String repository,
            String revision,
            String licence,
            String citation,
            String packaged,
            List<ModelFile> files) {}

    /**
     * A model that was fetched.
     *
     * @param path what to load: the directory, or the one file of a GGUF model
     * @param lock where the hashes are recorded
     * @param files every file, in order, with size and SHA-256
     * @param firstUse those whose hash nobody knew before: recorded now, to be compared with a trusted source
     */
    public record Fetched(Path path, Path lock, List<ModelFile> files, Set<String> firstUse) {

        /** One line a file (SHA-256, size, name), for a person to read and compare. */
        public List<String> lines() {
            return files.stream()
                    .map(file -> String.format(
                            Locale.ROOT,
                            "%s %12d  %s%s",
                            file.sha256(),
                            file.bytes(),
                            file.path(),
                            firstUse.contains(file.path()) ? "  (trusted on first use)" : ""))
                    .toList();
        }
    }

    /** A file as it stands in a catalog or a lock file. */
    record StoredFile(Optional<String> path, Optional<Long> bytes, Optional<String> sha256) {

        ModelFile named(String name) {
            return new ModelFile(name, bytes.orElse(null), sha256.orElse(null));
        }
    }

    private record StoredModel(
            String title,
            String repository,
            String revision,
            Optional<String> licence,
            Optional<String> citation,
            Optional<String> packaged,
            List<StoredFile> files) {

        Model named(String name) {
            if (!repository.matches(ModelCache.SAFE_NAME + "/" + ModelCache.SAFE_NAME)
                    || !revision.matches(ModelCache.SAFE_NAME)
                    || files.isEmpty()
                    || files.stream().anyMatch(file -> file.path().isEmpty())) {
                throw new IllegalArgumentException("the model " + name
                        + " needs a repository org/name, a revision, and files that each have a path");
            }
            return new Model(
                    name,
                    title,
                    repository,
                    revision,
                    licence.orElse(null),
                    citation.orElse(null),
                    packaged.orElse(null),
                    files.stream().map(file -> file.named(file.path().get())).toList());
        }
    }

    private record Json(Optional<String> hashes, Map<String, StoredModel> models) {}

    private static final String DEFAULT_HUB = "https://huggingface.co";
    private static final String HUB_PREFIX = "hub:";
    private static final Pattern HUB_NAME = Pattern.compile(
            "hub:(" + ModelCache.SAFE_NAME + "/" + ModelCache.SAFE_NAME + ")(?:@(" + ModelCache.SAFE_NAME + "))?");
    private static final String WEIGHTS = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    private final Map<String, Model> models;
    private final HubAddress hub;
    private final ModelCache cache;
    private final Path packages;
    private final HubDownload download;

    ModelCatalog(Map<String, Model> models, HubAddress hub, Path cache, Path packages, HubDownload.Pace pace) {
        this.models = models;
        this.hub = hub;
        this.cache = new ModelCache(cache);
        this.packages = packages;
        this.download = new HubDownload(pace);
    }

    /**
     * The catalog of the current workspace.
     *
     * @throws IllegalArgumentException if {@code WHYLM_HUB} is neither HTTPS nor plain HTTP on the loopback interface
     * @throws IllegalStateException if there is no workspace, or its catalog is damaged
     */
    public static ModelCatalog load() {
        var workspace = Workspace.current();
        var file = workspace.datasets().resolve("models.json");
        return new ModelCatalog(
                read(file),
                HubAddress.of(Workspace.setting("whylm.hub", "WHYLM_HUB").orElse(DEFAULT_HUB)),
                Workspace.setting("whylm.cache", "WHYLM_CACHE").map(Path::of).orElseGet(ModelCache::ofUser),
                workspace.downloads(),
                HubDownload.Pace.STANDARD);
    }

    static Map<String, Model> read(Path file) {
        try {
            var models = new LinkedHashMap<String, Model>();
            RecordJson.read(file, Json.class).models().forEach((name, model) -> models.put(name, model.named(name)));
            return models;
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("The catalog of models " + file + " is damaged: " + e.getMessage(), e);
        }
    }

    /**
     * The hashes that are known of a model's files: by the catalog, else by the lock file of the cache.
     *
     * @param path what {@link #locate} gave, or where someone found it; absolute
     * @return SHA-256 by file; empty for a model of neither
     */
    Map<Path, String> hashes(Path path) {
        var known = new LinkedHashMap<Path, String>();
        for (var model : models.values()) {
            if (model.packaged() != null && isSame(path, packages.resolve(model.packaged()))) {
                model.files().stream()
                        .filter(file -> path.endsWith(file.path()) && file.sha256() != null)
                        .forEach(file -> known.put(path, file.sha256()));
            }
        }
        var directory = Files.isDirectory(path) ? path : path.getParent();
        if (directory.startsWith(cache.root().toAbsolutePath().normalize())) {
            cache.recorded(directory).forEach((name, file) -> known.put(directory.resolve(name), file.sha256()));
            models.values().stream()
                    .filter(model -> isSame(directory, cache.directory(model)))
                    .flatMap(model -> model.files().stream())
                    .filter(file -> file.sha256() != null)
                    .forEach(file -> known.put(directory.resolve(file.path()), file.sha256()));
        }
        return known;
    }

    private static boolean isSame(Path path, Path other) {
        return path.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
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
        var revision = matcher.group(2) == null ? "main" : matcher.group(2);
        return new Model(name, matcher.group(1), matcher.group(1), revision, null, null, null, null);
    }

    /**
     * Whether all files of a model are there, without a look at the network.
     *
     * @throws IllegalArgumentException if there is no model of this name
     */
    public boolean available(String name) {
        var model = model(name);
        return model.packaged() != null && Files.isRegularFile(packages.resolve(model.packaged()))
                || missing(model).isEmpty();
    }

    /**
     * Where a model lies, without a look at the network.
     *
     * @return what to load: the directory, or the one file of a GGUF model
     * @throws IllegalArgumentException if there is no model of this name, or some of its files are not there; the message says
     *     how to fetch them, and in which directory to place them where there is no network
     */
    public Path locate(String name) {
        var model = model(name);
        if (model.packaged() != null && Files.isRegularFile(packages.resolve(model.packaged()))) {
            return packages.resolve(model.packaged());
        }
        var missing = missing(model);
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("The model " + name + " is not there: run `./whylm fetch " + name
                    + "`, or " + placing(model, missing));
        }
        return path(model);
    }

    /**
     * Brings what is missing of a model, and checks every file: size and SHA-256 as the catalog gives them, else as they were
     * recorded when the file was first met, else as the hub announces them. Whatever else happens, no file of the cache is ever
     * half-written, and what arrived is kept to go on from. Other processes that fetch the same model wait.
     *
     * @throws IllegalArgumentException if there is no model of this name
     * @throws ModelFetchException if a file cannot be had or is not what it should be
     * @throws org.whylm.run.Progress.Interrupted if the thread was interrupted
     */
    public Fetched fetch(String name) {
        var model = model(name);
        try (var held = cache.hold(model)) {
            return new Fetching(model, held).fetch();
        } catch (IOException e) {
            throw new ModelFetchException(
                    "Cannot fetch " + name + ": " + e.getMessage() + ". Try again, or "
                            + placing(model, missing(model)),
                    e);
        }
    }

    private String placing(Model model, List<String> missing) {
        return "place " + String.join(", ", missing) + " of " + hub.base() + "/" + model.repository() + " in "
                + cache.directory(model);
    }

    private Path path(Model model) {
        var directory = cache.directory(model);
        boolean oneFile = model.files() != null
                && model.files().size() == 1
                && model.files().get(0).path().endsWith(".gguf");
        return oneFile ? directory.resolve(model.files().get(0).path()) : directory;
    }

    private List<String> missing(Model model) {
        var directory = cache.directory(model);
        var needed = new ArrayList<String>();
        if (model.files() != null) {
            model.files().forEach(file -> needed.add(file.path()));
        } else {
            needed.addAll(List.of("config.json", "tokenizer.json"));
            if (Files.isRegularFile(directory.resolve(INDEX))) {
                needed.addAll(ShardIndex.files(directory.resolve(INDEX)));
            } else {
                needed.add(WEIGHTS);
            }
        }
        return needed.stream()
                .filter(file -> !Files.isRegularFile(directory.resolve(file)))
                .toList();
    }

    /** One run of {@link #fetch}, while the cached model is held against other processes. */
    private final class Fetching {

        private final Model model;
        private final ModelCache.Held held;
        private final Map<String, ModelFile> catalog;
        private final List<ModelFile> files = new ArrayList<>();
        private final Set<String> firstUse = new TreeSet<>();

        Fetching(Model model, ModelCache.Held held) {
            this.model = model;
            this.held = held;
            this.catalog = model.files() == null
                    ? Map.of()
                    : model.files().stream().collect(Collectors.toMap(ModelFile::path, file -> file));
        }

        Fetched fetch() throws IOException {
            if (model.files() != null) {
                for (var file : model.files()) {
                    bring(file.path());
                }
            } else {
                bring("config.json");
                bring("tokenizer.json");
                bringWeights();
            }
            return new Fetched(path(model), held.lockFile(), List.copyOf(files), Set.copyOf(firstUse));
        }

        private void bringWeights() throws IOException {
            if (!Files.exists(held.directory().resolve(INDEX))) {
                try {
                    bring(WEIGHTS);
                    return;
                } catch (HubDownload.NotThere e) {
                    // large models are split: their index lists the files
                }
            }
            try {
                bring(INDEX);
            } catch (HubDownload.NotThere e) {
                throw new IOException("the repository " + model.repository() + " has neither " + WEIGHTS + " nor "
                        + INDEX + " (other formats are not read)");
            }
            for (var shard : ShardIndex.files(held.directory().resolve(INDEX))) {
                bring(shard);
            }
        }

        private void bring(String path) throws IOException {
            var known = known(path);
            var target = held.directory().resolve(path);
            ModelFile found;
            if (Files.isRegularFile(target)) {
                found = ModelCache.describe(path, target);
                if (known.sha256() != null && !known.sha256().equals(found.sha256())) {
                    throw new IOException(target + " has SHA-256 " + found.sha256() + ", expected " + known.sha256()
                            + " ("
                            + (catalog.containsKey(path) && catalog.get(path).sha256() != null
                                    ? "the catalog's"
                                    : "recorded in " + held.lockFile())
                            + "): remove one of the two");
                }
            } else {
                var revision = held.commit() != null ? held.commit() : model.revision();
                var address = hub.file(model.repository(), revision, path);
                var arrived = download.fetch(address, target, new HubDownload.Expected(known.bytes(), known.sha256()));
                held.commit(arrived.commit());
                found = new ModelFile(path, arrived.bytes(), arrived.sha256());
            }
            files.add(found);
            if (known.sha256() == null) {
                firstUse.add(path);
            }
            held.record(found);
        }

        private ModelFile known(String path) {
            var listed = catalog.getOrDefault(path, ModelFile.named(path));
            return listed.sha256() != null ? listed : held.recorded(path).orElse(listed);
        }
    }
}
