package org.whylm.data;

import com.google.gson.JsonObject;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.whylm.run.RecordJson;
import org.whylm.run.Workspace;

/**
 * The tasks of {@code datasets/catalog.json}. Tasks made of fetched sentences lie in {@code datasets/downloads}; the others are
 * read as CSV from the folder that the environment variable {@code WHYLM_DATA} names (a relative path counts from the root of
 * the checkout), one sub-folder a task, with {@code train} and {@code test}, or {@code all}, as
 * {@code .csv} or {@code .csv.gz}.
 */
public final class DatasetCatalog {

    private static final String FETCH = "run `make fetch` or `./whylm fetch`";
    private static final String TRAIN = "train";
    private static final String TEST = "test";
    private static final String ALL = "all";

    // As the file has it; what only fetch.py reads is in `rest`.
    private record AssetFile(String path, String sha256, JsonObject rest) {}

    private record Asset(String archive, String licence, String citation, List<AssetFile> files, JsonObject rest) {}

    private record Entry(
            String title,
            Optional<String> asset,
            Optional<Map<String, RatedSentences.Rule>> sentences,
            Optional<List<String>> classes,
            Optional<Map<String, CataloguedCsv>> csv,
            Optional<Boolean> leaveOutBlankTexts,
            Optional<String> inPlaceOf,
            Optional<String> source,
            Optional<String> licence,
            Optional<String> citation,
            String labelRule,
            String prompt,
            String words) {}

    private record Content(
            Map<String, Asset> assets,
            Map<String, Map<String, List<String>>> words,
            Map<String, Entry> tasks,
            JsonObject rest) {}

    private final Content content;
    private final Path downloads;
    private final Optional<Path> csvFolder;

    private DatasetCatalog(Content content, Path downloads, Optional<Path> csvFolder) {
        this.content = content;
        this.downloads = downloads;
        this.csvFolder = csvFolder;
    }

    /**
     * The catalog of the current workspace.
     *
     * @throws DataException if the catalog cannot be read
     */
    public static DatasetCatalog load() {
        var workspace = Workspace.current();
        return load(workspace, Workspace.setting("whylm.data", "WHYLM_DATA").map(workspace.root()::resolve));
    }

    /**
     * The catalog of a workspace, with the folder of the CSV tasks if there is one.
     *
     * @throws DataException if the catalog cannot be read
     */
    public static DatasetCatalog load(Workspace workspace, Optional<Path> csvFolder) {
        var file = workspace.datasets().resolve("catalog.json");
        try {
            var content = RecordJson.read(file, Content.class);
            content.tasks().forEach((name, entry) -> check(file, content, name, entry));
            return new DatasetCatalog(content, workspace.downloads(), csvFolder.map(Path::normalize));
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new DataException(file + ": not a readable catalog (" + e.getMessage() + ")", e);
        }
    }

    /** Names of what {@code make fetch} brings, in the catalog's order. */
    public List<String> assets() {
        return List.copyOf(content.assets().keySet());
    }

    /** Names of all tasks, in the catalog's order. */
    public List<String> tasks() {
        return List.copyOf(content.tasks().keySet());
    }

    /** Whether {@code make fetch} brings a task; the others are CSV files of the user's. */
    public boolean isFetched(String name) {
        return entry(name).csv().isEmpty();
    }

    /** Which of the paper's data sets a task stands for, where that cannot be had from a package registry. */
    public Optional<String> inPlaceOf(String name) {
        return entry(name).inPlaceOf();
    }

    /** Whether the files of a task are there. */
    public boolean available(String name) {
        var entry = entry(name);
        return entry.csv().isEmpty()
                ? files(entry).keySet().stream().allMatch(path -> Files.isRegularFile(downloads.resolve(path)))
                : splits(entry).stream().allMatch(split -> csv(entry, split).isPresent());
    }

    /**
     * What the catalog says of a task.
     *
     * @throws IllegalArgumentException if there is no task of that name
     */
    public CatalogTask task(String name) {
        var entry = entry(name);
        var asset = entry.csv().isEmpty() ? entry.asset().map(content.assets()::get) : Optional.<Asset>empty();
        var classes = asset.isPresent()
                ? List.copyOf(entry.sentences().orElseThrow().keySet())
                : entry.classes().orElseThrow();
        return new CatalogTask(
                name,
                entry.title(),
                classes,
                asset.map(Asset::archive).or(entry::source).orElse(null),
                files(entry),
                asset.map(Asset::licence).or(entry::licence).orElse(null),
                asset.map(Asset::citation).or(entry::citation).orElse(null),
                entry.labelRule(),
                entry.prompt(),
                content.words().get(entry.words()));
    }

    /**
     * The sentences of a task. Fetched files must have the catalog's hash; the files of a CSV task may be the user's own. A task
     * without a fixed split has all its examples in {@code train} and none in {@code test}: see {@link TextDataset#splits}.
     *
     * @throws IllegalArgumentException if there is no task of that name
     * @throws DataException if a file is missing, is not the fetched one, or has a malformed row
     */
    public TextDataset dataset(String name) {
        var entry = entry(name);
        if (entry.csv().isEmpty()) {
            files(entry).forEach(this::requireFetched);
            return RatedSentences.dataset(name, entry.sentences().orElseThrow(), downloads);
        }
        var splits = new ArrayList<List<Example>>();
        for (var split : splits(entry)) {
            splits.add(examples(entry, required(name, entry, split)));
        }
        splits.add(List.of()); // the test split of a task that has only one
        return new TextDataset(name, entry.classes().orElseThrow(), splits.get(0), splits.get(1));
    }

    private List<String> splits(Entry entry) {
        return csv(entry, ALL).isPresent() && csv(entry, TRAIN).isEmpty() ? List.of(ALL) : List.of(TRAIN, TEST);
    }

    /**
     * In what the files of a CSV task that {@link #dataset} reads differ from the catalogued ones, a line a file; none where they are
     * those, as fetched files always are.
     *
     * @throws IllegalArgumentException if there is no task of that name
     * @throws DataException if a file is missing or has a malformed row
     */
    public List<String> deviations(String name) {
        var entry = entry(name);
        if (entry.csv().isEmpty()) {
            return List.of();
        }
        var deviations = new ArrayList<String>();
        for (var split : splits(entry)) {
            var file = required(name, entry, split);
            var catalogued = entry.csv().orElseThrow().get(split);
            var difference = catalogued == null
                    ? Optional.of(file.getFileName() + " is a split that the catalog does not have")
                    : catalogued.difference(
                            file,
                            () -> LabelledCsv.readWithBlanks(file),
                            entry.classes().orElseThrow());
            difference.ifPresent(what -> deviations.add(name + ": " + what));
        }
        return deviations;
    }

    private static void check(Path file, Content content, String name, Entry entry) {
        var ofSentences = entry.sentences().isPresent()
                && entry.asset().filter(content.assets()::containsKey).isPresent();
        var ofCsv = entry.csv().filter(files -> !files.isEmpty()).isPresent()
                && entry.classes().isPresent();
        if (ofSentences == ofCsv) {
            throw new DataException(file + ": the task " + name
                    + " needs either \"sentences\" and a known \"asset\", or \"csv\" and \"classes\"");
        }
        var paths = ofCsv
                ? entry.csv().orElseThrow().values().stream().map(CataloguedCsv::file)
                : entry.sentences().orElseThrow().values().stream().map(RatedSentences.Rule::file);
        paths.filter(path -> !path.matches(
                        "[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)" + (ofCsv ? "+" : "*")))
                .forEach(path -> {
                    throw new DataException(file + ": the task " + name + " names the file \"" + path
                            + "\", which is no path below a folder");
                });
        if (!content.words().containsKey(entry.words())) {
            throw new DataException(file + ": the task " + name + " names the word lists \"" + entry.words()
                    + "\"; there are " + content.words().keySet());
        }
    }

    private Entry entry(String name) {
        var entry = content.tasks().get(name);
        if (entry == null) {
            throw new IllegalArgumentException(
                    "No task \"" + name + "\" in datasets/catalog.json; there are " + tasks());
        }
        return entry;
    }

    private Map<String, String> files(Entry entry) {
        var files = new LinkedHashMap<String, String>();
        if (entry.csv().isPresent()) {
            entry.csv().orElseThrow().values().forEach(file -> file.sha256()
                    .ifPresent(hash -> files.put(file.file(), hash)));
            return files;
        }
        var used = entry.sentences().orElseThrow().values().stream()
                .map(RatedSentences.Rule::file)
                .toList();
        for (var file : content.assets().get(entry.asset().orElseThrow()).files()) {
            if (used.contains(file.path())) {
                files.put(file.path(), file.sha256());
            }
        }
        return files;
    }

    private void requireFetched(String path, String sha256) {
        var file = downloads.resolve(path);
        if (!Files.isRegularFile(file)) {
            throw new DataException(file + " is missing: " + FETCH);
        }
        if (!CataloguedCsv.sha256(file).equals(sha256)) {
            throw new DataException(file + " is not the catalogued file (its SHA-256 differs): " + FETCH);
        }
    }

    private Path required(String name, Entry entry, String split) {
        return csv(entry, split).orElseThrow(() -> {
            var wanted = entry.csv().orElseThrow().containsKey(ALL) ? ALL : split;
            var file = subfolder(entry).resolve(wanted + ".csv");
            return new DataException(csvFolder
                    .map(folder -> folder.resolve(file) + " (or .csv.gz) is missing, looked for below WHYLM_DATA")
                    .orElse("The task " + name + " is read from CSV: set WHYLM_DATA to the folder that holds " + file
                            + " (columns label,text), made from "
                            + entry.source().orElse("its source")));
        });
    }

    /** The file of a split: the catalogued one, else {@code split.csv} or {@code split.csv.gz} beside it. */
    private Optional<Path> csv(Entry entry, String split) {
        if (csvFolder.isEmpty()) {
            return Optional.empty();
        }
        var catalogued = entry.csv().orElseThrow().get(split);
        var names = Stream.of(split + ".csv", split + ".csv.gz").map(subfolder(entry)::resolve);
        return Stream.concat(Stream.ofNullable(catalogued).map(file -> Path.of(file.file())), names)
                .map(csvFolder.get()::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static Path subfolder(Entry entry) {
        return Path.of(entry.csv().orElseThrow().values().iterator().next().file())
                .getParent();
    }

    /** Examples of a CSV task; its labels are names of classes or their indices. */
    private static List<Example> examples(Entry entry, Path file) {
        var classes = entry.classes().orElseThrow();
        var rows = entry.leaveOutBlankTexts().orElse(false) ? LabelledCsv.readWithBlanks(file) : LabelledCsv.read(file);
        var named = rows.stream()
                .filter(row -> !row.text().isBlank())
                .map(row -> new LabelledCsv.Row(row.line(), row.className(classes), row.text()))
                .toList();
        return LabelledCsv.examples(file, named, classes);
    }
}
