package org.whylm.lm.weights;

import org.whylm.run.Input;

/**
 * The layouts of ggml that look values up: a non-linear scale (IQ4), powers of two (MXFP4, NVFP4), three values (TQ), or rows of a
 * codebook with signs (IQ1 to IQ3).
 */
enum Codebook {
    IQ2_XXS(256, 8, 0x08, 0x19, 0x2b),
    IQ2_XS(512, 8, 0x08, 0x19, 0x2b),
    IQ2_S(1024, 8, 0x08, 0x19, 0x2b),
    IQ3_XXS(256, 4, 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3e),
    IQ3_S(512, 4, 0x01, 0x03, 0x05, 0x07, 0x09, 0x0b, 0x0d, 0x0f),
    IQ1_S(2048, 8, -1, 0, 1);

    private static final int HEX_DIGITS = 4;
    private static final int[] IQ4 = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    private static final int[] E2M1_DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    private static final float IQ1_DELTA = 0.125f;

    private final int rows;
    private final int columns;
    private final int[] values;
    private float[] grid;

    Codebook(int rows, int columns, int... values) {
        this.rows = rows;
        this.columns = columns;
        this.values = values;
    }

    private synchronized float[] grid() {
        if (grid == null) {
            var words = words();
            int bits = 16 / columns;
            grid = new float[rows * columns];
            for (int row = 0; row < rows; row++) {
                int word = Integer.parseInt(words.substring(row * HEX_DIGITS, (row + 1) * HEX_DIGITS), 16);
                for (int column = 0; column < columns; column++) {
                    grid[row * columns + column] = values[word >> column * bits & (1 << bits) - 1];
                }
            }
        }
        return grid;
    }

    private String words() {
        var lines = Input.resource(Codebook.class, "codebooks.txt").lines().toList();
        int start = lines.indexOf(name() + " " + rows) + 1;
        return String.join("", lines.subList(start, lines.size())).substring(0, rows * HEX_DIGITS);
    }

    /** Writes a row times a scale, with the sign of each value in the bits of {@code signs}. */
    private void row(int row, float scale, int signs, float[] out, int to) {
        var grid = grid();
        for (int j = 0; j < columns; j++) {
            float value = scale * grid[row * columns + j];
            out[to + j] = (signs >> j & 1) == 0 ? value : -value;
        }
    }

    /** The eighth sign makes their number even. */
    private static int signs(int seven) {
        return seven & 127 | (Integer.bitCount(seven & 127) & 1) << 7;
    }

    static void iq2_xxs(byte[] in, int at, float[] out, int to) {
        float d = Encoding.half(in, at);
        for (int group = 0; group < 8; group++) {
            int rows = at + 2 + group * 8;
            int signs = Encoding.int32(in, rows + 4);
            float scale = d * (0.5f + (signs >>> 28)) * 0.25f;
            for (int l = 0; l < 4; l++) {
                IQ2_XXS.row(in[rows + l] & 0xff, scale, signs(signs >> 7 * l), out, to + group * 32 + l * 8);
            }
        }
    }

    static void iq2_xs(byte[] in, int at, float[] out, int to) {
        float d = Encoding.half(in, at);
        for (int l = 0; l < 32; l++) {
            int q = Encoding.int16(in, at + 2 + 2 * l);
            float scale = d * (0.5f + (in[at + 66 + l / 4] >> l / 2 % 2 * 4 & 15)) * 0.25f;
            IQ2_XS.row(q & 511, scale, signs(q >> 9), out, to + l * 8);
        }
    }

    static void iq2_s(byte[] in, int at, float[] out, int to) {
        float d = Encoding.half(in, at);
        for (int l = 0; l < 32; l++) {
            int row = in[at + 2 + l] & 0xff | (in[at + 66 + l / 4] >> l % 4 * 2 & 3) << 8;
            float scale = d * (0.5f + (in[at + 74 + l / 4] >> l / 2 % 2 * 4 & 15)) * 0.25f;
            IQ2_S.row(row, scale, in[at + 34 + l], out, to + l * 8);
        }
    }

    static void iq3_xxs(byte[] in, int at, float[] out, int to) {
        float d = Encoding.half(in, at);
        for (int group = 0; group < 8; group++) {
            int signs = Encoding.int32(in, at + 66 + group * 4);
            float scale = d * (0.5f + (signs >>> 28)) * 0.5f;
            for (int l = 0; l < 8; l++) {
                int four = signs(signs >> 7 * (l / 2)) >> l % 2 * 4;
                IQ3_XXS.row(in[at + 2 + group * 8 + l] & 0xff, scale, four, out, to + group * 32 + l * 4);
            }
        }
    }

    static void iq3_s(byte[] in, int at, float[] out, int to) {
        float d = Encoding.half(in, at);
        for (int l = 0; l < 64; l++) {
            int row = in[at + 2 + l] & 0xff | (in[at + 66 + l / 8] >> l % 8 & 1) << 8;
            float scale = d * (1 + 2 * (in[at + 106 + l / 16] >> l / 8 % 2 * 4 & 15));
            IQ3_S.row(row, scale, in[at + 74 + l / 2] >> l % 2 * 4, out, to + l * 4);
        }
    }

    static void iq1_s(byte[] in, int at, float[] out, int to) {
        float d = Encoding.half(in, at);
        for (int l = 0; l < 32; l++) {
            int high = Encoding.int16(in, at + 34 + l / 4 * 2);
            float scale = d * (2 * (high >> 12 & 7) + 1);
            shifted(in[at + 2 + l] & 0xff | (high >> l % 4 * 3 & 7) << 8, scale, high >> 15, out, to + l * 8);
        }
    }

    static void iq1_m(byte[] in, int at, float[] out, int to) {
        var d = new byte[2];
        for (int i = 0; i < 4; i++) {
            d[i / 2] |= (byte) ((in[at + 48 + 2 * i + 1] >> 4 & 15) << i % 2 * 4);
        }
        for (int l = 0; l < 32; l++) {
            int high = in[at + 32 + l / 2] >> l % 2 * 4 & 15;
            int scales = Encoding.int16(in, at + 48 + l / 8 * 2);
            float scale = Encoding.half(d, 0) * (2 * (scales >> l / 2 % 4 * 3 & 7) + 1);
            shifted(in[at + l] & 0xff | (high & 7) << 8, scale, high >> 3, out, to + l * 8);
        }
    }

    private static void shifted(int row, float scale, int negative, float[] out, int to) {
        var grid = IQ1_S.grid();
        float delta = negative == 0 ? IQ1_DELTA : -IQ1_DELTA;
        for (int j = 0; j < 8; j++) {
            out[to + j] = scale * (grid[row * 8 + j] + delta);
        }
    }

    static void iq4_nl(byte[] in, int at, float[] out, int to) {
        halves(in, at + 2, 16, Encoding.half(in, at), IQ4, out, to);
    }

    static void iq4_xs(byte[] in, int at, float[] out, int to) {
        float d = Encoding.half(in, at);
        int high = Encoding.int16(in, at + 2);
        for (int group = 0; group < 8; group++) {
            int low = in[at + 4 + group / 2] >> group % 2 * 4 & 15;
            float scale = d * ((low | (high >> 2 * group & 3) << 4) - 32);
            halves(in, at + 8 + group * 16, 16, scale, IQ4, out, to + group * 32);
        }
    }

    static void mxfp4(byte[] in, int at, float[] out, int to) {
        int exponent = in[at] & 0xff;
        float half = Float.intBitsToFloat(exponent < 2 ? 0x00200000 << exponent : exponent - 1 << 23);
        halves(in, at + 1, 16, half, E2M1_DOUBLED, out, to);
    }

    static void nvfp4(byte[] in, int at, float[] out, int to) {
        for (int group = 0; group < 4; group++) {
            int scale = in[at + group] & 0xff;
            int exponent = scale >> 3 & 15;
            double value =
                    exponent == 0 ? (scale & 7) * 0x1p-9 : (1 + (scale & 7) / 8.0) * Math.scalb(1.0, exponent - 7);
            float half = scale == 0x7f ? 0 : (float) (value / 2);
            halves(in, at + 4 + group * 8, 8, half, E2M1_DOUBLED, out, to + group * 16);
        }
    }

    /** Low halves of some bytes, then the high halves, as indices. */
    private static void halves(byte[] in, int at, int count, float scale, int[] values, float[] out, int to) {
        for (int j = 0; j < count; j++) {
            out[to + j] = scale * values[in[at + j] & 15];
            out[to + count + j] = scale * values[in[at + j] >> 4 & 15];
        }
    }

    static void tq1_0(byte[] in, int at, float[] out, int to) {
        float d = Encoding.half(in, at + 52);
        to = trits(in, at, 32, 5, d, out, to);
        to = trits(in, at + 32, 16, 5, d, out, to);
        trits(in, at + 48, 4, 4, d, out, to);
    }

    /** Digits of numbers in base three, each number a fraction of 256: the first digit of every byte, then the second. */
    private static int trits(byte[] in, int at, int count, int digits, float d, float[] out, int to) {
        for (int digit = 0, power = 1; digit < digits; digit++, power *= 3) {
            for (int j = 0; j < count; j++) {
                out[to++] = d * (((in[at + j] * power & 0xff) * 3 >> 8) - 1);
            }
        }
        return to;
    }

    static void tq2_0(byte[] in, int at, float[] out, int to) {
        float d = Encoding.half(in, at + 64);
        for (int i = 0; i < 256; i++) {
            out[to + i] = d * ((in[at + i / 128 * 32 + i % 32] >> i / 32 % 4 * 2 & 3) - 1);
        }
    }
}
