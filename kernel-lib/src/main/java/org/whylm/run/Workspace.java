package org.whylm.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The checkout that a run belongs to, and the places in it that the library reads and writes.
 *
 * @param root the folder that holds {@code datasets/catalog.json}
 */
public record Workspace(Path root) {

    private static final Path MARKER = Path.of("datasets", "catalog.json");

    static {
        ServiceLoader.load(Surroundings.class, Workspace.class.getClassLoader()).forEach(Surroundings::prepare);
    }

    /**
     * The workspace named by the system property {@code whylm.home} or the environment variable {@code WHYLM_HOME}; without
     * either, the nearest folder at or above the working directory that holds {@code datasets/catalog.json}.
     *
     * @throws IllegalStateException if there is none
     */
    public static Workspace current() {
        return find().orElseThrow(() -> new IllegalStateException("No " + MARKER + " at or above "
                + Path.of("").toAbsolutePath() + ": run from inside a checkout of whylm, or set WHYLM_HOME to one"));
    }

    /**
     * The same, if there is one.
     *
     * @throws IllegalStateException if one is named that is none
     */
    public static Optional<Workspace> find() {
        var named = setting("whylm.home", "WHYLM_HOME");
        if (named.isPresent()) {
            var root = Path.of(named.get()).toAbsolutePath().normalize();
            if (!Files.isRegularFile(root.resolve(MARKER))) {
                throw new IllegalStateException(
                        "whylm.home or WHYLM_HOME names " + root + ", which holds no " + MARKER);
            }
            return Optional.of(new Workspace(root));
        }
        for (var folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve(MARKER))) {
                return Optional.of(new Workspace(folder));
            }
        }
        return Optional.empty();
    }

    /** What a system property or else an environment variable says; one that is empty or blank says nothing. */
    public static Optional<String> setting(String property, String variable) {
        return Optional.ofNullable(System.getProperty(property))
                .or(() -> Optional.ofNullable(System.getenv(variable)))
                .filter(value -> !value.isBlank());
    }

    /** Catalog and fetch rules of the data sets. */
    public Path datasets() {
        return root.resolve("datasets");
    }

    /** Fetched models and sentences; every file in it can be fetched again. */
    public Path downloads() {
        return datasets().resolve("downloads");
    }

    /** The Python that runs what is in {@link #datasets}: {@code WHYLM_PYTHON}, or that of the project's environment; there or not. */
    public Path python() {
        return setting("whylm.python", "WHYLM_PYTHON").map(Path::of).orElseGet(() -> root.resolve(".venv/bin/python"));
    }

    /** Results of runs: executed notebooks, tables, the report. Created on first use. */
    public Path build() {
        return created(root.resolve("build"));
    }

    /** Results of a kind that a profile's run leaves, such as {@code tables}, {@code figures}, {@code findings}; there or not. */
    public Path results(String kind, String profile) {
        return build().resolve(kind).resolve(profile);
    }

    /** Features that were computed once: {@code WHYLM_STORE}, or {@code build/features}. Created on first use. */
    public Path featureStore() {
        return created(
                setting("whylm.store", "WHYLM_STORE").map(root::resolve).orElseGet(() -> build().resolve("features")));
    }

    /** Models trained here. Created on first use. */
    public Path models() {
        return created(build().resolve("models"));
    }

    /** Runs of fine-tuning, and what came of them. Created on first use. */
    public Path fineTuning() {
        return created(build().resolve("fine-tuning"));
    }

    private static Path created(Path folder) {
        return IoFailure.unless("Cannot create the folder " + folder, () -> Files.createDirectories(folder));
    }
}
