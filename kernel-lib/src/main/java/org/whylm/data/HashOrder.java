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
        return items.stream()
                .map(item -> new Hashed<>(hash(text.apply(item)), item))
                .sorted((a, b) -> Arrays.compareUnsigned(a.hash(), b.hash()))
                .map(Hashed::item)
                .toList();
    }

    private static byte[] hash(String text) {
        return Sha256.digest().digest(text.getBytes(StandardCharsets.UTF_8));
    }
}
