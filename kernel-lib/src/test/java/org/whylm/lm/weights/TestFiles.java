package org.whylm.lm.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.whylm.run.Sha256;

/** The fixtures of the test resources, and what the tests of both formats do with them. */
final class TestFiles {

    private TestFiles() {}

    static Path fixture(String name) {
        try {
            return Path.of(TestFiles.class.getResource("/fixtures/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static float[] floats(Path file) throws IOException {
        var buffer = ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        var floats = new float[buffer.remaining()];
        buffer.get(floats);
        return floats;
    }

    /** SHA-256 of the named tensors' decoded values as little-endian F32, one tensor after the other. */
    static String valuesSha256(Weights weights, Iterable<String> names) {
        var digest = Sha256.digest();
        for (var name : names) {
            var values = weights.values(name);
            var bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            digest.update(bytes.array());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A new file: to overwrite one makes some file systems wait for the disk. */
    static Path write(Path folder, byte[] bytes) throws IOException {
        return Files.write(Files.createTempFile(folder, "damaged", null), bytes);
    }

    /** Reads a file of these bytes in full: 1 if it is refused, else 0. */
    interface Reading {
        int rejected(byte[] bytes) throws IOException;
    }

    /** Small files, damaged at every place: cut there all are refused, and of those with a lie there many. */
    static void assertNoDamageEscapes(Path small, Reading reading) throws IOException {
        var sound = Files.readAllBytes(small);
        int rejected = 0;
        for (int at = 0; at < sound.length; at++) {
            assertEquals(1, reading.rejected(Arrays.copyOf(sound, at)), "cut to " + at + " bytes");
            for (var damaged : damaged(sound, at)) {
                rejected += reading.rejected(damaged);
            }
        }
        assertEquals(0, reading.rejected(sound));
        assertTrue(rejected > 1_000, "only " + rejected + " of the damaged files were rejected");
    }

    /** Every way in which a header can lie about one number or text: eight bytes replaced, or one. */
    private static List<byte[]> damaged(byte[] sound, int at) {
        var lies = new long[] {-1, sound.length, 1L << 31, 1L << 32, 1L << 61, Long.MIN_VALUE};
        var damaged = new ArrayList<byte[]>();
        for (long lie : lies) {
            if (at + Long.BYTES <= sound.length) {
                var bytes = sound.clone();
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, lie);
                damaged.add(bytes);
            }
        }
        for (int change : new int[] {1, 0x80, 0xff}) {
            var bytes = sound.clone();
            bytes[at] ^= (byte) change;
            damaged.add(bytes);
        }
        return damaged;
    }
}
