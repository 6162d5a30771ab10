package org.whylm.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.whylm.features.FeatureSegment;
import org.whylm.features.FeatureStore;
import org.whylm.run.IoFailure;

/**
 * The {@link FeatureStore}'s folder on any file system that Hadoop reaches, written by many machines. Segments are named by their
 * content, so that two attempts at one shard write the same file. A shard is committed once a file of its index, which names its
 * segments, is in the folder of its plan.
 */
final class SharedStore {

    private static final String PLANS = "plans";
    private static final String PLAN = "plan.tsv";

    private final FileSystem files;
    private final Path root;
    private final Map<String, Set<String>> texts = new HashMap<>();

    /** @param location a folder: {@code file:}, {@code hdfs:}, {@code s3a:} or a path of the default file system */
    SharedStore(String location, Configuration hadoop) {
        try {
            this.root = new Path(location);
            this.files = root.getFileSystem(hadoop);
            files.setWriteChecksum(false);
        } catch (IOException e) {
            throw new IoFailure("Cannot reach the store " + location, e);
        }
    }

    /** Whether the features of a text, given by its hash, are there; segments that are damaged or foreign do not count. */
    boolean has(FeatureStore.Key key, String hash) {
        return texts.computeIfAbsent(key.folder(), this::textsIn).contains(hash);
    }

    private Set<String> textsIn(String folder) {
        var found = new HashSet<String>();
        try {
            var path = new Path(root, folder);
            if (files.exists(path)) {
                for (var status : files.listStatus(path)) {
                    found.addAll(FeatureSegment.texts(status.getPath().getName(), bytes(status.getPath())));
                }
            }
        } catch (IOException e) {
            throw new IoFailure("Cannot read the features in " + folder + " of " + root, e);
        }
        return found;
    }

    /** The plan that was recorded under this name. */
    Optional<List<String>> plan(String plan) {
        var path = new Path(folder(plan), PLAN);
        try {
            return files.exists(path)
                    ? Optional.of(new String(bytes(path), StandardCharsets.UTF_8)
                            .lines()
                            .toList())
                    : Optional.empty();
        } catch (IOException e) {
            throw new IoFailure("Cannot read the plan " + path, e);
        }
    }

    /** Records a plan, as {@link PlanRecord} writes it. */
    void record(String plan, List<String> lines) {
        write(new Path(folder(plan), PLAN), (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Whether a shard was committed, and each of its segments is there and whole. */
    boolean isCommitted(String plan, int shard) {
        try {
            var mark = mark(plan, shard);
            if (!files.exists(mark)) {
                return false;
            }
            for (var segment :
                    new String(bytes(mark), StandardCharsets.UTF_8).lines().toList()) {
                var path = new Path(root, segment);
                if (!files.exists(path) || !FeatureSegment.matches(path.getName(), bytes(path))) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new IoFailure("Cannot read shard " + shard + " of the plan " + plan, e);
        }
    }

    /** Writes a shard's segments, then the file that says so. */
    void commit(String plan, int shard, List<FeatureSegment> segments) {
        var names = new StringBuilder();
        for (var segment : segments) {
            var name = segment.folder() + "/" + segment.name();
            write(new Path(root, name), segment.bytes());
            names.append(name).append('\n');
        }
        write(mark(plan, shard), names.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Removes what attempts that were killed left behind. */
    void sweep() {
        try {
            files.delete(new Path(root, PLANS + "/.partial"), true);
        } catch (IOException e) {
            throw new IoFailure("Cannot remove the partial files of " + root, e);
        }
    }

    /** A whole file or none: another attempt may write the same one meanwhile, and a damaged one may be there. */
    private void write(Path path, byte[] bytes) {
        var partial = new Path(root, PLANS + "/.partial/" + UUID.randomUUID());
        try {
            files.mkdirs(path.getParent());
            try (var stream = files.create(partial, true)) {
                stream.write(bytes);
            }
            if (!files.rename(partial, path)) {
                files.delete(path, false);
                if (!files.rename(partial, path) && !files.exists(path)) {
                    throw new IOException(partial + " could not be renamed to " + path);
                }
            }
        } catch (IOException e) {
            throw new IoFailure("Cannot write " + path, e);
        }
    }

    private byte[] bytes(Path path) throws IOException {
        try (var stream = files.open(path)) {
            return stream.readAllBytes();
        }
    }

    private Path folder(String plan) {
        return new Path(root, PLANS + "/" + plan);
    }

    private Path mark(String plan, int shard) {
        return new Path(folder(plan), String.format(java.util.Locale.ROOT, "shard-%06d", shard));
    }
}
