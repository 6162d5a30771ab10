package org.whylm.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.whylm.features.ExtractionPlan;
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
    private static final Pattern SEGMENT = Pattern.compile("[0-9a-f]{24}/[0-9a-f]{64}\\.features");

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
        write(plan, new Path(folder(plan), PLAN), (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Forgets a plan and which of its shards were committed; their features stay. */
    void forget(String plan) {
        try {
            files.delete(folder(plan), true);
        } catch (IOException e) {
            throw new IoFailure("Cannot remove the plan " + folder(plan), e);
        }
    }

    /** Whether a shard was committed, and the segments that it names have all of its features, undamaged. */
    boolean isCommitted(String plan, ExtractionPlan.Shard shard) {
        try {
            var mark = mark(plan, shard.index());
            if (!files.exists(mark)) {
                return false;
            }
            var lacking = features(shard);
            for (var segment :
                    new String(bytes(mark), StandardCharsets.UTF_8).lines().toList()) {
                var path = SEGMENT.matcher(segment).matches() ? new Path(root, segment) : null;
                if (path == null || !files.exists(path)) {
                    return false;
                }
                lacking.getOrDefault(path.getParent().getName(), Set.of())
                        .removeAll(FeatureSegment.texts(path.getName(), bytes(path)));
            }
            return lacking.values().stream().allMatch(Set::isEmpty);
        } catch (IOException e) {
            throw new IoFailure("Cannot read shard " + shard.index() + " of the plan " + plan, e);
        }
    }

    /** Texts by the folder in which their features are kept. */
    private static Map<String, Set<String>> features(ExtractionPlan.Shard shard) {
        var features = new HashMap<String, Set<String>>();
        for (var batch : shard.batches()) {
            for (var pass : batch) {
                for (var key : pass.keys()) {
                    features.computeIfAbsent(key.folder(), any -> new HashSet<>())
                            .add(pass.hash());
                }
            }
        }
        return features;
    }

    /** Writes a shard's segments, then the file that says so. */
    void commit(String plan, int shard, List<FeatureSegment> segments) {
        var names = new StringBuilder();
        for (var segment : segments) {
            var name = segment.folder() + "/" + segment.name();
            write(plan, new Path(root, name), segment.bytes());
            names.append(name).append('\n');
        }
        write(plan, mark(plan, shard), names.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Removes what attempts that were killed left behind. */
    void sweep(String plan) {
        try {
            files.delete(partial(plan), true);
        } catch (IOException e) {
            throw new IoFailure("Cannot remove the partial files " + partial(plan), e);
        }
    }

    /** A whole file or none: another attempt may write the same one meanwhile, and a damaged one may be there. */
    private void write(String plan, Path path, byte[] bytes) {
        var written = new Path(partial(plan), UUID.randomUUID().toString());
        try {
            if (files.exists(path) && Arrays.equals(bytes(path), bytes)) {
                return;
            }
            files.mkdirs(path.getParent());
            try (var stream = files.create(written, true)) {
                stream.write(bytes);
            }
            if (!files.rename(written, path)) {
                files.delete(path, false);
                if (!files.rename(written, path) && !files.exists(path)) {
                    throw new IOException(written + " could not be renamed to " + path);
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

    private Path partial(String plan) {
        return new Path(folder(plan), ".partial");
    }

    private Path mark(String plan, int shard) {
        return new Path(folder(plan), String.format(java.util.Locale.ROOT, "shard-%06d", shard));
    }
}
