package org.whylm.lm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.whylm.run.Input;
import org.whylm.run.IoFailure;
import org.whylm.run.Progress;
import org.whylm.run.RecordJson;
import org.whylm.run.Workspace;

/**
 * The cache of the hub's own client, {@code huggingface_hub}: read here as it lies, filled by {@code datasets/hub.py} with the project's
 * Python.
 *
 * @param root {@code HF_HUB_CACHE}, or where {@code HF_HOME} or the user's caches put it
 */
record HubCache(Path root) {

    private static final String HASH = "[0-9a-f]{64}";
    private static final long POLL_MILLISECONDS = 100;

    /** What the script answers. */
    private record Answer(Optional<String> folder, Optional<String> error) {}

    /** The cache that the settings of the hub's client name; the system property {@code whylm.hub.cache} goes first. */
    static HubCache ofUser() {
        return new HubCache(Workspace.setting("whylm.hub.cache", "HF_HUB_CACHE")
                .map(Path::of)
                .orElseGet(() -> environment("HF_HOME")
                        .orElseGet(() -> environment("XDG_CACHE_HOME")
                                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
                                .resolve("huggingface"))
                        .resolve("hub"))
                .toAbsolutePath()
                .normalize());
    }

    private static Optional<Path> environment(String variable) {
        return Optional.ofNullable(System.getenv(variable))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }

    /** Where a repository's revisions lie; there or not. */
    Path folder(String repository) {
        return root.resolve("models--" + repository.replace("/", "--"));
    }

    /** The files of a revision (branch, tag or commit), if some of them are there. */
    Optional<Path> snapshot(String repository, String revision) {
        var folder = folder(repository);
        var reference = folder.resolve("refs").resolve(revision);
        var commit = Files.isRegularFile(reference) ? Input.text(reference).strip() : revision;
        return Optional.of(commit)
                .filter(name -> name.matches(ModelCatalog.SAFE_NAME))
                .map(folder.resolve("snapshots")::resolve)
                .filter(Files::isDirectory);
    }

    /** The SHA-256 that the hub announced of large files: names of the blobs that the files of a folder, or one file, link to. */
    static Map<Path, String> announced(Path path) {
        var known = new LinkedHashMap<Path, String>();
        for (var file : Files.isDirectory(path) ? Input.folder(path) : List.of(path)) {
            if (Files.isSymbolicLink(file) && Files.exists(file)) {
                var blob = IoFailure.unless("Cannot read " + file, file::toRealPath)
                        .getFileName()
                        .toString();
                if (blob.matches(HASH)) {
                    known.put(file, blob);
                }
            }
        }
        return known;
    }

    /**
     * Brings files of a revision, or what makes a model if none are named; or removes it.
     *
     * @param files names of files, or {@code --remove} alone
     * @return their folder
     * @throws ModelFetchException if that cannot be done; the message says why
     * @throws Progress.Interrupted if the thread was interrupted; what arrived stays, to go on from
     */
    Path ask(String repository, String revision, List<String> files) {
        var workspace = Workspace.current();
        var python = workspace.python();
        if (!Files.isExecutable(python)) {
            throw new ModelFetchException(python + ", which asks the hub, is missing: run `make setup` first");
        }
        var command = new ArrayList<>(List.of(
                python.toString(), workspace.datasets().resolve("hub.py").toString(), repository, revision));
        command.addAll(files);
        try {
            var answer = Files.createTempFile("whylm-hub", ".json");
            try {
                int status =
                        run(command, answer, (files.contains("--remove") ? "removal of " : "fetch of ") + repository);
                if (Files.size(answer) == 0) {
                    throw new ModelFetchException("the hub's client ended with status " + status + " and no answer");
                }
                var answered = RecordJson.read(answer, Answer.class);
                return answered.folder()
                        .map(Path::of)
                        .orElseThrow(
                                () -> new ModelFetchException(answered.error().orElse("no answer")));
            } finally {
                Files.delete(answer);
            }
        } catch (IOException e) {
            throw new IoFailure("Cannot run " + String.join(" ", command), e);
        }
    }

    private int run(List<String> command, Path answer, String what) throws IOException {
        var builder = new ProcessBuilder(command)
                .redirectOutput(answer.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("HF_HUB_CACHE", root.toString());
        Workspace.setting("whylm.hub.endpoint", "HF_ENDPOINT")
                .ifPresent(endpoint -> builder.environment().put("HF_ENDPOINT", endpoint));
        var script = builder.start();
        try (var progress = Progress.start(what, 1, "model")) {
            while (!hasEnded(script)) {
                progress.advance(0);
            }
            progress.advance(1);
            return script.exitValue();
        } finally {
            script.destroy();
        }
    }

    private static boolean hasEnded(Process script) {
        try {
            return script.waitFor(POLL_MILLISECONDS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // progress reports it
            return false;
        }
    }
}
