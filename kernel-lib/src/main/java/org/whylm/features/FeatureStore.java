package org.whylm.features;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.whylm.run.AtomicFile;
import org.whylm.run.Input;
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

    /**
     * What, beside the text, an entry depends on.
     *
     * @param model SHA-256 of the model
     * @param prompt what follows the text; empty for the text alone
     * @param truncation tokens kept of a text
     * @param codeVersion {@link FeatureExtractor#CODE_VERSION}
     */
    public record Key(String model, String prompt, int truncation, int codeVersion) implements Serializable {

        /** Name of its folder in the store. */
        public String folder() {
            return Sha256.key(model, truncation, codeVersion, prompt);
        }
    }

    /** One text's features, the arrays of {@code d} components. */
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

    /** The entries of texts, by hash, that are there, for a model of dimension {@code d}. */
    Map<String, Entry> read(Key key, int d, Set<String> wanted) {
        var entries = new HashMap<String, Entry>();
        Input.folder(root.resolve(key.folder())).stream()
                .filter(file -> file.toString().endsWith(FeatureSegment.SUFFIX))
                .forEach(segment -> readSegment(segment, d, wanted, entries));
        return entries;
    }

    /** Adds a segment, whole or not at all. */
    void write(FeatureSegment segment) {
        try {
            AtomicFile.write(root.resolve(segment.folder()).resolve(segment.name()), segment.bytes());
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

    /** Whatever is wrong with a segment costs only that its texts are computed again. */
    private static void readSegment(Path segment, int d, Collection<String> wanted, Map<String, Entry> entries) {
        try {
            var content = Files.readAllBytes(segment);
            if (!FeatureSegment.matches(segment.getFileName().toString(), content)) {
                say(segment, "do not match their checksum");
                Files.delete(segment);
                return;
            }
            var read = new HashMap<String, Entry>();
            FeatureSegment.read(content, wanted::contains, read::put).ifPresent(what -> say(segment, what));
            if (read.values().stream().allMatch(entry -> entry.f().length == d)) {
                entries.putAll(read);
            } else {
                say(segment, "are of another model, whose d is not " + d);
            }
        } catch (IOException e) {
            say(segment, "cannot be read or removed (" + IoFailure.reason(e) + ")");
        }
    }

    private static void say(Path segment, String what) {
        System.err.println("The features in " + segment + " " + what + ": they are computed again");
    }
}
