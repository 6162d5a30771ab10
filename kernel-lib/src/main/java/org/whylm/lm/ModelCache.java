package org.whylm.lm;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.whylm.lm.ModelCatalog.Model;
import org.whylm.lm.ModelCatalog.ModelFile;
import org.whylm.lm.ModelCatalog.StoredFile;
import org.whylm.run.AtomicFile;
import org.whylm.run.Progress;
import org.whylm.run.RecordJson;
import org.whylm.run.Sha256;

/**
 * Models on disk, shared between projects and processes: {@code models/org/name/} with the files as the hub has them, beside it
 * {@code name.lock.json} with the hashes that were met first. The lock file outlives the directory: a file that is fetched again
 * must be the one that was there before.
 *
 * @param root the cache's folder
 */
record ModelCache(Path root) {

    /** A name that cannot lead out of its folder. */
    static final String SAFE_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,95}";

    private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();
    private static final long POLL_MILLISECONDS = 100;

    /** {@code whylm} in the platform's folder for a user's caches. */
    static Path ofUser() {
        var system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        var home = Path.of(System.getProperty("user.home"));
        if (system.startsWith("windows") && System.getenv("LOCALAPPDATA") != null) {
            return Path.of(System.getenv("LOCALAPPDATA"), "whylm", "cache");
        }
        if (system.startsWith("mac")) {
            return home.resolve(Path.of("Library", "Caches", "whylm"));
        }
        var caches = System.getenv("XDG_CACHE_HOME");
        return (caches == null || caches.isBlank() ? home.resolve(".cache") : Path.of(caches)).resolve("whylm");
    }

    /** The folder of a model's files; there or not. */
    Path directory(Model model) {
        var suffix = model.revision().equals("main") || model.files() != null ? "" : "@" + model.revision();
        return root.resolve("models").resolve(model.repository() + suffix);
    }

    static ModelFile describe(String path, Path file) throws IOException {
        return new ModelFile(path, Files.size(file), Sha256.of(file));
    }

    /**
     * Keeps a model for the caller alone, until it is closed; waits while another thread or process has it.
     *
     * @throws Progress.Interrupted if the thread was interrupted while it waited
     */
    Held hold(Model model) throws IOException {
        var directory = directory(model);
        Files.createDirectories(directory);
        try (var waiting = Progress.start("wait for whoever else fetches " + model.name(), 1, "turn")) {
            try {
                IN_THIS_PROCESS.lockInterruptibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                waiting.advance(0);
            }
            FileChannel channel = null;
            try {
                channel = FileChannel.open(
                        directory.resolveSibling("." + directory.getFileName() + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock();
                while (lock == null) {
                    try {
                        Thread.sleep(POLL_MILLISECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    waiting.advance(0);
                    lock = channel.tryLock();
                }
                return new Held(model, directory, channel);
            } catch (IOException | RuntimeException e) {
                if (channel != null) {
                    channel.close();
                }
                IN_THIS_PROCESS.unlock();
                throw e;
            }
        }
    }

    private record Stored(String repository, String revision, Optional<String> commit, Map<String, StoredFile> files) {}

    private static Path lockFile(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".lock.json");
    }

    /**
     * What is recorded of a model's files; empty if nothing is.
     *
     * @throws IllegalArgumentException if the lock file is damaged
     */
    Map<String, ModelFile> recorded(Path directory) {
        var files = new TreeMap<String, ModelFile>();
        if (Files.isRegularFile(lockFile(directory))) {
            RecordJson.read(lockFile(directory), Stored.class)
                    .files()
                    .forEach((path, file) -> files.put(path, file.named(path)));
        }
        return files;
    }

    /** A cached model that no other process changes. */
    static final class Held implements AutoCloseable {

        private record Json(String repository, String revision, String commit, Map<String, ModelFile> files) {}

        private final Model model;
        private final Path directory;
        private final FileChannel channel;
        private final Map<String, ModelFile> recorded = new TreeMap<>();
        private String commit;

        private Held(Model model, Path directory, FileChannel channel) throws IOException {
            this.model = model;
            this.directory = directory;
            this.channel = channel;
            if (Files.exists(lockFile())) {
                read();
            }
        }

        private void read() throws IOException {
            try {
                var stored = RecordJson.read(lockFile(), Stored.class);
                stored.files().forEach((path, file) -> recorded.put(path, file.named(path)));
                commit = model.revision().equals(stored.revision())
                        ? stored.commit().orElse(null)
                        : null;
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "the lock file " + lockFile() + " is damaged (" + e.getMessage() + "): remove it", e);
            }
        }

        Path directory() {
            return directory;
        }

        Path lockFile() {
            return ModelCache.lockFile(directory);
        }

        /** The commit that the recorded files are of, null if the hub never named one. */
        String commit() {
            return commit;
        }

        void commit(String named) {
            commit = commit == null ? named : commit;
        }

        Optional<ModelFile> recorded(String path) {
            return Optional.ofNullable(recorded.get(path));
        }

        /** Adds a file to the lock file, if it is new there. */
        void record(ModelFile file) {
            if (file.equals(recorded.put(file.path(), file))) {
                return;
            }
            var json = new GsonBuilder()
                    .setPrettyPrinting()
                    .disableHtmlEscaping()
                    .create()
                    .toJson(new Json(model.repository(), model.revision(), commit, recorded));
            AtomicFile.write(lockFile(), json + "\n");
        }

        @Override
        public void close() throws IOException {
            try {
                channel.close();
            } finally {
                IN_THIS_PROCESS.unlock();
            }
        }
    }
}
