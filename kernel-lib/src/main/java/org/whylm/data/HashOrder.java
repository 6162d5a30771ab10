package org.whylm.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/** Splits and orders texts by the SHA-256 of their UTF-8 bytes, so that a text never changes side or place. */
final class HashOrder {

    private static final int TEST_SHARE = 5;

    private record Hashed<T>(byte[] hash, T item) {}

    private HashOrder() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    static String sha256(byte[] content) {
        return HexFormat.of().formatHex(sha256().digest(content));
    }

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
        return sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    }
}
