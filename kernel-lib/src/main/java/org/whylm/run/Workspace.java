package org.whylm.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        var named = System.getProperty("whylm.home", System.getenv("WHYLM_HOME"));
        if (named != null) {
            var root = Path.of(named).toAbsolutePath().normalize();
            if (!Files.isRegularFile(root.resolve(MARKER))) {
                throw new IllegalStateException(
                        "whylm.home or WHYLM_HOME names " + root + ", which holds no " + MARKER);
            }
            return new Workspace(root);
        }
        var start = Path.of("").toAbsolutePath();
        for (var folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve(MARKER))) {
                return new Workspace(folder);
            }
        }
        throw new IllegalStateException("No " + MARKER + " at or above " + start
                + ": run from inside a checkout of whylm, or set WHYLM_HOME to one");
    }

    /** Catalog and fetch rules of the data sets. */
    public Path datasets() {
        return root.resolve("datasets");
    }

    /** Fetched models and sentences; every file in it can be fetched again. */
    public Path downloads() {
        return datasets().resolve("downloads");
    }

    /** Results of runs: executed notebooks, tables, the report. Created on first use. */
    public Path build() {
        return created(root.resolve("build"));
    }

    /** Features that were computed once: {@code WHYLM_STORE}, or {@code build/features}. Created on first use. */
    public Path featureStore() {
        var named = System.getenv("WHYLM_STORE");
        return created(named != null ? Path.of(named) : build().resolve("features"));
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
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IoFailure("Cannot create the folder " + folder, e);
        }
    }
}
