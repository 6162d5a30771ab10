package org.whylm.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damage as files suffer it, and as someone hostile would choose it; the same for the same seed. */
final class Mutator {

    private static final List<String> WORDS = List.of(
            "1e999",
            "-1",
            "0",
            "2147483648",
            "18446744073709551615",
            "1e-999",
            "NaN",
            "null",
            "true",
            "[]",
            "{}",
            "\"\"",
            "\\ud800",
            "\"",
            "\u0000",
            ",",
            ":",
            "[[[[[[[[",
            "]",
            "}",
            "\r",
            "\n",
            "\uFEFF",
            "$",
            "-0.0",
            "0.5",
            "\"type\":");

    private final Random random;

    Mutator(long seed) {
        random = new Random(seed);
    }

    /**
     * A file with one to four damages.
     *
     * @param reach how many of its first bytes are damaged
     */
    byte[] damaged(byte[] sound, int reach) {
        var bytes = sound;
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            bytes = once(bytes, Math.max(1, Math.min(reach, bytes.length)));
        }
        return bytes;
    }

    private byte[] once(byte[] bytes, int reach) {
        if (bytes.length == 0) {
            return bytes;
        }
        int at = random.nextInt(reach);
        int length = Math.min(1 + random.nextInt(1 << random.nextInt(7)), Math.min(reach, bytes.length) - at);
        return switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> spliced(bytes, at, length, new byte[0]);
            case 2 -> spliced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + Math.max(0, length)));
            case 3 -> {
                var replacement = WORDS.get(random.nextInt(WORDS.size())).getBytes(StandardCharsets.UTF_8);
                yield spliced(bytes, at, random.nextBoolean() ? 0 : Math.max(0, length), replacement);
            }
            case 4 -> lie(bytes, at, reach);
            case 5 -> digit(bytes, at, reach);
            default -> {
                var changed = bytes.clone();
                if (changed.length > 0) {
                    changed[at] = random.nextBoolean()
                            ? (byte) random.nextInt(256)
                            : (byte) (changed[at] ^ 1 << random.nextInt(8));
                }
                yield changed;
            }
        };
    }

    /** Eight bytes that say something large, negative, or the length of the file. */
    private byte[] lie(byte[] bytes, int at, int reach) {
        var lies = new long[] {-1, 0, 1, bytes.length, 1L << 31, 1L << 32, 1L << 61, Long.MIN_VALUE, random.nextLong()};
        long lie = lies[random.nextInt(lies.length)];
        var changed = bytes.clone();
        for (int i = 0; i < Long.BYTES && at + i < reach; i++) {
            changed[at + i] = (byte) (lie >> 8 * i);
        }
        return changed;
    }

    /** The next digit, another digit. */
    private byte[] digit(byte[] bytes, int at, int reach) {
        var changed = bytes.clone();
        for (int i = at; i < Math.min(reach, changed.length); i++) {
            if (changed[i] >= '0' && changed[i] <= '9') {
                changed[i] = (byte) ('0' + random.nextInt(10));
                break;
            }
        }
        return changed;
    }

    private static byte[] spliced(byte[] bytes, int at, int removed, byte[] inserted) {
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.writeBytes(inserted);
        out.write(bytes, at + removed, bytes.length - at - removed);
        return out.toByteArray();
    }
}
