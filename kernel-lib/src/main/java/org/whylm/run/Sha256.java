package org.whylm.run;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** SHA-256 digests, as 64 lower-case hex digits. */
public final class Sha256 {

    private Sha256() {}

    /** A fresh digest to feed bytes to. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("Every Java platform has SHA-256", e);
        }
    }

    /** The bytes of numbers, one after the other. */
    public static byte[] bytes(float[] values) {
        var bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    public static String of(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    /** Digest of the UTF-8 text. */
    public static String of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The first 24 digits of the digest of some parts, one a line: a name for what depends on them. */
    public static String key(Object... parts) {
        return of(Stream.of(parts).map(String::valueOf).collect(Collectors.joining("\n")))
                .substring(0, 24);
    }

    /**
     * Digest of a file's bytes, read as a stream.
     *
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    public static String of(Path file) {
        return IoFailure.unless("Cannot read " + file, () -> {
            var out = new DigestOutputStream(OutputStream.nullOutputStream(), digest());
            Files.copy(file, out);
            return HexFormat.of().formatHex(out.getMessageDigest().digest());
        });
    }
}
