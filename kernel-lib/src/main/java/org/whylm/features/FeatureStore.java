package org.whylm.features;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.whylm.run.AtomicFile;
import org.whylm.run.IoFailure;
import org.whylm.run.Sha256;
import org.whylm.run.Workspace;

/**
 * Features on disk, computed once. A folder for each {@link Key} holds segments: files of entries, each found by the SHA-256 of
 * its text, so that data sets which share sentences share their features. A segment is named by the SHA-256 of its bytes; one
 * that does not match its name is removed when it is met, and its texts are computed again, as those of one that others wrote. In a
 * folder that can only be read nothing is kept. Segments are whole or not there.
 */
public final class FeatureStore {

    private static final int MAGIC = 0x77684C01;
    private static final int HEADER_BYTES = 12;
    private static final int HASH_BYTES = 32;
    private static final String SUFFIX = ".features";

    /**
     * What, beside the text, an entry depends on.
     *
     * @param model SHA-256 of the model
     * @param prompt what follows the text; empty for the text alone
     * @param truncation tokens kept of a text
     * @param codeVersion {@link FeatureExtractor#CODE_VERSION}
     */
    record Key(String model, String prompt, int truncation, int codeVersion) {
        String folder() {
            return Sha256.of(model + "\n" + truncation + "\n" + codeVersion + "\n" + prompt)
                    .substring(0, 24);
        }
    }

    /**
     * One text's features.
     *
     * @param f {@code d}
     * @param conditionalMean {@code d}
     */
    record Entry(float[] f, float[] conditionalMean, float logPartition) {}

    private final Path root;
    private boolean warned;

    /** @param root folder of the store; created when first written */
    public FeatureStore(Path root) {
        this.root = root;
    }

    /** The store of the {@link Workspace#current() current workspace}. */
    public static FeatureStore current() {
        return new FeatureStore(Workspace.current().featureStore());
    }

    /**
     * The entries that are there, by the hash of their text.
     *
     * @param wanted hashes of texts
     */
    Map<String, Entry> read(Key key, Set<String> wanted) {
        var entries = new HashMap<String, Entry>();
        for (var segment : segments(key)) {
            readSegment(segment, wanted, entries);
        }
        return entries;
    }

    /** Adds entries, by the hash of their text, as one segment. */
    void write(Key key, Map<String, Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        int d = entries.values().iterator().next().f().length;
        var bytes = ByteBuffer.allocate(Math.toIntExact(HEADER_BYTES + entries.size() * entryBytes(d)));
        bytes.putInt(MAGIC).putInt(entries.size()).putInt(d);
        entries.forEach((hash, entry) -> {
            bytes.put(HexFormat.of().parseHex(hash));
            bytes.asFloatBuffer().put(entry.f()).put(entry.conditionalMean()).put(entry.logPartition());
            bytes.position(bytes.position() + (2 * d + 1) * Float.BYTES);
        });
        var segment = root.resolve(key.folder()).resolve(Sha256.of(bytes.array()) + SUFFIX);
        try {
            AtomicFile.write(segment, bytes.array());
        } catch (IoFailure e) {
            if (Files.isWritable(root)) {
                throw e;
            }
            if (!warned) {
                warned = true;
                System.err.println(e.getMessage() + ". What is computed is used, but not kept");
            }
        }
    }

    private List<Path> segments(Key key) {
        var folder = root.resolve(key.folder());
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new IoFailure("Cannot list the features in " + folder, e);
        }
    }

    /** Whatever is wrong with a segment costs only that its texts are computed again. */
    private static void readSegment(Path segment, Collection<String> wanted, Map<String, Entry> entries) {
        try {
            var content = Files.readAllBytes(segment);
            if (!segment.getFileName().toString().equals(Sha256.of(content) + SUFFIX)) {
                say(segment, "do not match their checksum");
                Files.delete(segment);
                return;
            }
            var bytes = ByteBuffer.wrap(content);
            if (content.length < HEADER_BYTES || bytes.getInt() != MAGIC) {
                say(segment, "were not written by this version of the feature store");
                return;
            }
            int count = bytes.getInt(), d = bytes.getInt();
            if (count < 0 || d < 1 || content.length - HEADER_BYTES != count * entryBytes(d)) {
                say(segment, "are not as many as they say");
                return;
            }
            var hash = new byte[HASH_BYTES];
            for (int index = 0; index < count; index++) {
                bytes.get(hash);
                var text = HexFormat.of().formatHex(hash);
                if (wanted.contains(text)) {
                    entries.put(text, entry(bytes, d));
                } else {
                    bytes.position(bytes.position() + (2 * d + 1) * Float.BYTES);
                }
            }
        } catch (IOException e) {
            say(segment, "cannot be read or removed (" + IoFailure.reason(e) + ")");
        }
    }

    private static void say(Path segment, String what) {
        System.err.println("The features in " + segment + " " + what + ": they are computed again");
    }

    private static Entry entry(ByteBuffer bytes, int d) {
        var f = new float[d];
        var conditionalMean = new float[d];
        bytes.asFloatBuffer().get(f).get(conditionalMean);
        bytes.position(bytes.position() + 2 * d * Float.BYTES);
        return new Entry(f, conditionalMean, bytes.getFloat());
    }

    private static long entryBytes(int d) {
        return HASH_BYTES + (2L * d + 1) * Float.BYTES;
    }
}
