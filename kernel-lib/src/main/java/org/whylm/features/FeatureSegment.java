package org.whylm.features;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.whylm.run.Sha256;

/**
 * A file of the {@link FeatureStore}: features of some texts under one key, each found by the SHA-256 of its text. Its name is the
 * SHA-256 of its bytes, so that a damaged file shows and the same features are the same file.
 *
 * @param folder the key's folder
 * @param name file name
 * @param bytes magic number, number of entries, {@code d}; of each entry the hash, {@code f}, {@code Φp_f} and {@code log Z}; big-endian
 */
public record FeatureSegment(String folder, String name, byte[] bytes) {

    static final String SUFFIX = ".features";

    private static final int MAGIC = 0x77684C01;
    private static final int HEADER_BYTES = 12;
    private static final int HASH_BYTES = 32;

    /** @param entries by the hash of their text; at least one */
    static FeatureSegment of(FeatureStore.Key key, Map<String, FeatureStore.Entry> entries) {
        int d = entries.values().iterator().next().f().length;
        var bytes = ByteBuffer.allocate(Math.toIntExact(HEADER_BYTES + entries.size() * entryBytes(d)));
        bytes.putInt(MAGIC).putInt(entries.size()).putInt(d);
        entries.forEach((hash, entry) -> {
            bytes.put(HexFormat.of().parseHex(hash));
            bytes.asFloatBuffer().put(entry.f()).put(entry.conditionalMean()).put(entry.logPartition());
            bytes.position(bytes.position() + (2 * d + 1) * Float.BYTES);
        });
        return new FeatureSegment(key.folder(), Sha256.of(bytes.array()) + SUFFIX, bytes.array());
    }

    /** Whether a file of that name may have that content. */
    public static boolean matches(String name, byte[] bytes) {
        return name.equals(Sha256.of(bytes) + SUFFIX);
    }

    /** The hashes of the texts in a file of that name and content; none if it is damaged or of another version. */
    public static Set<String> texts(String name, byte[] content) {
        var hashes = new HashSet<String>();
        if (matches(name, content)) {
            read(content, hash -> true, (hash, entry) -> hashes.add(hash));
        }
        return hashes;
    }

    /** Hands over the entries of the texts wanted, by their hashes; returns what is wrong with the segment, if something is. */
    static Optional<String> read(
            byte[] content, Predicate<String> wanted, BiConsumer<String, FeatureStore.Entry> entries) {
        var bytes = ByteBuffer.wrap(content);
        if (content.length < HEADER_BYTES || bytes.getInt() != MAGIC) {
            return Optional.of("were not written by this version of the feature store");
        }
        int count = bytes.getInt(), d = bytes.getInt();
        if (count < 0 || d < 1 || content.length != HEADER_BYTES + count * entryBytes(d)) {
            return Optional.of("are not as many as they say");
        }
        var hash = new byte[HASH_BYTES];
        for (int index = 0; index < count; index++) {
            bytes.get(hash);
            var text = HexFormat.of().formatHex(hash);
            if (wanted.test(text)) {
                entries.accept(text, entry(bytes, d));
            } else {
                bytes.position(bytes.position() + (2 * d + 1) * Float.BYTES);
            }
        }
        return Optional.empty();
    }

    private static FeatureStore.Entry entry(ByteBuffer bytes, int d) {
        var f = new float[d];
        var conditionalMean = new float[d];
        bytes.asFloatBuffer().get(f).get(conditionalMean);
        bytes.position(bytes.position() + 2 * d * Float.BYTES);
        return new FeatureStore.Entry(f, conditionalMean, bytes.getFloat());
    }

    private static long entryBytes(int d) {
        return HASH_BYTES + (2L * d + 1) * Float.BYTES;
    }
}
