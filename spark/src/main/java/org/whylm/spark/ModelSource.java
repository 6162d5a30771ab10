package org.whylm.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.ModelCatalog;
import org.whylm.run.IoFailure;
import org.whylm.run.Sha256;

/**
 * Where every machine finds a model: a path that all of them see, or an address that each copies to its own disk once.
 *
 * @param location an absolute path, or {@code scheme:…} of a file or folder that Hadoop reaches
 * @param sha256 of the model that the plan was made with; {@code ""} before it is known
 */
record ModelSource(String location, String sha256) implements Serializable {

    /** @param named a path, an address, or a name of the project's catalog whose files are there */
    static ModelSource of(String named) {
        if (isAddress(named)) {
            return new ModelSource(named, "");
        }
        var path = Files.exists(Path.of(named))
                ? Path.of(named)
                : ModelCatalog.load().locate(named);
        return new ModelSource(path.toAbsolutePath().normalize().toString(), "");
    }

    /** Loads the model. @throws IllegalStateException if it is not the one that the plan was made with */
    LanguageModel load(Configuration hadoop) {
        var path = isAddress(location) ? copied(hadoop) : Path.of(location);
        if (!Files.exists(path)) {
            throw new IllegalStateException(
                    "This machine has no model at " + path
                            + ": put it on a file system that all machines see, or give an address such as hdfs://… or s3a://…");
        }
        var model = LanguageModels.load(path.toString());
        if (!sha256.isEmpty() && !model.sha256().equals(sha256)) {
            var found = model.sha256();
            model.close();
            throw new IllegalStateException("The model at " + location + " has the SHA-256 " + found + " here, and "
                    + sha256 + " on the driver");
        }
        return model;
    }

    private Path copied(Configuration hadoop) {
        try {
            var source = new org.apache.hadoop.fs.Path(location);
            var files = source.getFileSystem(hadoop);
            var version = Sha256.of(location + files.getFileStatus(source).getModificationTime() + sha256);
            var folder = Path.of(System.getProperty("java.io.tmpdir"), "whylm-models", version.substring(0, 24));
            var local = folder.resolve(source.getName());
            if (!Files.exists(local)) {
                Files.createDirectories(folder);
                var partial = Files.createTempDirectory(folder, "partial").resolve(source.getName());
                FileUtil.copy(files, source, partial.toFile(), false, hadoop);
                move(partial, local);
            }
            return local;
        } catch (IOException e) {
            throw new IoFailure("Cannot copy the model " + location + " to this machine", e);
        }
    }

    /** Another executor of this machine may have been faster. */
    private static void move(Path partial, Path local) throws IOException {
        try {
            Files.move(partial, local, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.exists(local)) {
                throw e;
            }
            FileUtil.fullyDelete(partial.toFile());
        }
        Files.deleteIfExists(partial.getParent());
    }

    private static boolean isAddress(String named) {
        return named.matches("[a-z][a-z0-9+.-]+:/.*");
    }
}
