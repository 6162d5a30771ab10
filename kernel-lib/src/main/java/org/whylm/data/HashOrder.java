package org.whylm.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.whylm.run.Sha256;

/** Splits and orders texts by the SHA-256 of their UTF-8 bytes, so that a text never changes side or place. */
final class HashOrder {

    private static final int TEST_SHARE = 5;

    private record Hashed<T>(byte[] hash, T item) {}

    private HashOrder() {}

    /** Whether a text is in the test split: the first 8 hexadecimal digits of its hash, as an unsigned integer, modulo 5 are 0. */
    static boolean inTest(String text) {
        return Integer.remainderUnsigned(ByteBuffer.wrap(hash(text)).getInt(), TEST_SHARE) == 0;
    }

    /** Items by the hash of their texts, ascending; items of equal texts keep their order. */
    static <T> List<T> sorted(Collection<T> items, Function<T, String> text) {
        return by(items, item -> hash(text.apply(item)));
    }

    /**
     * Items by the hash of their texts read backwards: an order that knows nothing of {@link #inTest} and of which sentences come
     * first in {@link #sorted}, so that its first items are a fair sample of those.
     */
    static <T> List<T> shuffled(Collection<T> items, Function<T, String> text) {
        return by(items, item -> reversed(hash(text.apply(item))));
    }

    private static <T> List<T> by(Collection<T> items, Function<T, byte[]> key) {
        return items.stream()
                .map(item -> new Hashed<>(key.apply(item), item))
                .sorted((a, b) -> Arrays.compareUnsigned(a.hash(), b.hash()))
                .map(Hashed::item)
                .toList();
    }

    private static byte[] reversed(byte[] bytes) {
        var reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static byte[] hash(String text) {
        return Sha256.digest().digest(text.getBytes(StandardCharsets.UTF_8));
    }
}
