package org.whylm.lm.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EncodingTest {

    /**
     * Oracle: the blocks of {@code fixtures/quants}, decoded by ggml's reference code; those of the types from IQ1_M on and of TQ, MXFP4
     * and NVFP4 are random bytes decoded by the Python package gguf 0.19. Q8_K, which it does not decode, by its definition in ggml.
     */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "B?F\\d+")
    void quantisedBlocksEqualTheOracleToTheLastBit(Encoding encoding) throws IOException {
        var name = "quants/" + encoding.name().toLowerCase(Locale.ROOT);
        var blocks = Files.readAllBytes(TestFiles.fixture(name + ".bin"));
        var expected = TestFiles.floats(TestFiles.fixture(name + ".f32"));
        var decoded = new float[expected.length];
        assertEquals(expected.length / encoding.elements * encoding.bytes, blocks.length);
        encoding.decode(blocks, decoded, blocks.length / encoding.bytes);
        assertArrayEquals(bits(expected), bits(decoded));
    }

    /** Every finite F16 equals its definition (-1)^s · 2^(max(e,1) - 25) · (1024·[e > 0] + mantissa), IEEE 754 binary16. */
    @Test
    void everyHalfPrecisionNumberDecodesToItsDefinition() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float decoded = one(Encoding.F16, (short) bits);
            int exponent = bits >> 10 & 31;
            int mantissa = bits & 1023;
            int sign = bits < 1 << 15 ? 1 : -1;
            if (exponent == 31) {
                assertEquals(mantissa == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN, decoded);
            } else {
                double magnitude = Math.scalb(mantissa + (exponent > 0 ? 1024.0 : 0.0), Math.max(exponent, 1) - 25);
                assertEquals((float) (sign * magnitude), decoded);
            }
        }
    }

    @Test
    void brainFloatsAreTheUpperHalfOfAFloat() {
        assertEquals(1f, one(Encoding.BF16, (short) 0x3f80));
        assertEquals(-2.5f, one(Encoding.BF16, (short) 0xc020));
        assertEquals(new BigDecimal("0.33398438"), new BigDecimal(Float.toString(one(Encoding.BF16, (short) 0x3eab))));
    }

    private static float one(Encoding encoding, short bits) {
        var decoded = new float[1];
        var bytes = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort(bits);
        encoding.decode(bytes.array(), decoded, 1);
        return decoded[0];
    }

    private static int[] bits(float[] values) {
        var bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}
