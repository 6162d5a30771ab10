package org.whylm.lm.weights;

/**
 * How a tensor's elements are stored: blocks of {@code elements} values in {@code bytes} bytes, little-endian. The
 * quantised layouts, and the order of the float operations that decode them, are those of ggml ({@code ggml-quants.c}).
 */
enum Encoding {
    F32(0, 1, 4, (in, at, out, to) -> out[to] = Float.intBitsToFloat(int32(in, at))),
    F16(1, 1, 2, (in, at, out, to) -> out[to] = half(in, at)),
    BF16(30, 1, 2, (in, at, out, to) -> out[to] = Float.intBitsToFloat(int16(in, at) << 16)),
    Q4_0(2, 32, 18, Encoding::q4_0),
    Q4_1(3, 32, 20, Encoding::q4_1),
    Q5_0(6, 32, 22, Encoding::q5_0),
    Q5_1(7, 32, 24, Encoding::q5_1),
    Q8_0(8, 32, 34, Encoding::q8_0),
    Q2_K(10, 256, 84, Encoding::q2_k),
    Q3_K(11, 256, 110, Encoding::q3_k),
    Q4_K(12, 256, 144, Encoding::q4_k),
    Q5_K(13, 256, 176, Encoding::q5_k),
    Q6_K(14, 256, 210, Encoding::q6_k),
    Q8_K(15, 256, 292, Encoding::q8_k),
    IQ2_XXS(16, 256, 66, Codebook::iq2_xxs),
    IQ2_XS(17, 256, 74, Codebook::iq2_xs),
    IQ3_XXS(18, 256, 98, Codebook::iq3_xxs),
    IQ1_S(19, 256, 50, Codebook::iq1_s),
    IQ4_NL(20, 32, 18, Codebook::iq4_nl),
    IQ3_S(21, 256, 110, Codebook::iq3_s),
    IQ2_S(22, 256, 82, Codebook::iq2_s),
    IQ4_XS(23, 256, 136, Codebook::iq4_xs),
    IQ1_M(29, 256, 56, Codebook::iq1_m),
    TQ1_0(34, 256, 54, Codebook::tq1_0),
    TQ2_0(35, 256, 66, Codebook::tq2_0),
    MXFP4(39, 32, 17, Codebook::mxfp4),
    NVFP4(40, 64, 36, Codebook::nvfp4);

    /** Decodes the block that starts at {@code in[at]} into {@code out[to]} and what follows. */
    private interface Block {
        void decode(byte[] in, int at, float[] out, int to);
    }

    /** Number of the type in ggml, and so in GGUF. */
    final int ggmlType;

    final int elements;
    final int bytes;
    private final Block block;

    Encoding(int ggmlType, int elements, int bytes, Block block) {
        this.ggmlType = ggmlType;
        this.elements = elements;
        this.bytes = bytes;
        this.block = block;
    }

    void decode(byte[] in, float[] out, int blocks) {
        for (int i = 0; i < blocks; i++) {
            block.decode(in, i * bytes, out, i * elements);
        }
    }

    private static void q4_0(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        for (int j = 0; j < 16; j++) {
            int q = in[at + 2 + j];
            out[to + j] = d * ((q & 15) - 8);
            out[to + 16 + j] = d * ((q >> 4 & 15) - 8);
        }
    }

    private static void q4_1(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        float m = half(in, at + 2);
        for (int j = 0; j < 16; j++) {
            int q = in[at + 4 + j];
            out[to + j] = d * (q & 15) + m;
            out[to + 16 + j] = d * (q >> 4 & 15) + m;
        }
    }

    private static void q5_0(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        int high = int32(in, at + 2);
        for (int j = 0; j < 16; j++) {
            int q = in[at + 6 + j];
            out[to + j] = d * ((q & 15 | (high >> j & 1) << 4) - 16);
            out[to + 16 + j] = d * ((q >> 4 & 15 | (high >> j + 16 & 1) << 4) - 16);
        }
    }

    private static void q5_1(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        float m = half(in, at + 2);
        int high = int32(in, at + 4);
        for (int j = 0; j < 16; j++) {
            int q = in[at + 8 + j];
            out[to + j] = d * (q & 15 | (high >> j & 1) << 4) + m;
            out[to + 16 + j] = d * (q >> 4 & 15 | (high >> j + 16 & 1) << 4) + m;
        }
    }

    private static void q8_0(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        for (int j = 0; j < 32; j++) {
            out[to + j] = d * in[at + 2 + j];
        }
    }

    // A K-quant block is 16 groups of 16 values (Q2_K, Q3_K, Q6_K) or 8 groups of 32 (Q4_K, Q5_K), each with its own
    // scale. Two-bit fields lie in four layers: layer s of 32 bytes holds the values s·32 to s·32 + 31 of its half.

    private static void q2_k(byte[] in, int at, float[] out, int to) {
        float d = half(in, at + 80);
        float dMin = half(in, at + 82);
        for (int group = 0; group < 16; group++) {
            int scale = in[at + group] & 0xff;
            float step = d * (scale & 15);
            float min = dMin * (scale >> 4);
            int shift = group / 2 % 4 * 2;
            int quants = at + 16 + group / 8 * 32 + group % 2 * 16;
            for (int j = 0; j < 16; j++) {
                out[to + group * 16 + j] = step * (in[quants + j] >> shift & 3) - min;
            }
        }
    }

    private static void q3_k(byte[] in, int at, float[] out, int to) {
        float d = half(in, at + 108);
        for (int group = 0; group < 16; group++) {
            int low = in[at + 96 + group % 8] >> group / 8 * 4 & 15;
            int high = in[at + 104 + group % 4] >> group / 4 * 2 & 3;
            float step = d * ((low | high << 4) - 32);
            int shift = group / 2 % 4 * 2;
            int half = group % 2 * 16;
            int quants = at + 32 + group / 8 * 32 + half;
            for (int j = 0; j < 16; j++) {
                int missing = (in[at + half + j] >> group / 2 & 1) == 1 ? 0 : 4;
                out[to + group * 16 + j] = step * ((in[quants + j] >> shift & 3) - missing);
            }
        }
    }

    private static void q4_k(byte[] in, int at, float[] out, int to) {
        groupsOf32(in, at, at + 16, 0, out, to);
    }

    private static void q5_k(byte[] in, int at, float[] out, int to) {
        groupsOf32(in, at, at + 48, 1, out, to);
    }

    /** @param fifth 1 where the values have a fifth bit, which lie in 32 bytes before the others, else 0 */
    private static void groupsOf32(byte[] in, int at, int lows, int fifth, float[] out, int to) {
        float d = half(in, at);
        float dMin = half(in, at + 2);
        for (int group = 0; group < 8; group++) {
            float step = d * scale(in, at + 4, group);
            float min = dMin * min(in, at + 4, group);
            int shift = group % 2 * 4;
            int quants = lows + group / 2 * 32;
            for (int j = 0; j < 32; j++) {
                int high = in[at + 16 + j] >> group & fifth;
                out[to + group * 32 + j] = step * (in[quants + j] >> shift & 15 | high << 4) - min;
            }
        }
    }

    private static void q6_k(byte[] in, int at, float[] out, int to) {
        float d = half(in, at + 208);
        for (int group = 0; group < 16; group++) {
            float step = d * in[at + 192 + group];
            int layer = group / 2 % 4;
            int half = group % 2 * 16;
            int lows = at + group / 8 * 64 + layer % 2 * 32 + half;
            int highs = at + 128 + group / 8 * 32 + half;
            for (int j = 0; j < 16; j++) {
                int low = in[lows + j] >> layer / 2 * 4 & 15;
                int high = in[highs + j] >> layer * 2 & 3;
                out[to + group * 16 + j] = step * ((low | high << 4) - 32);
            }
        }
    }

    private static void q8_k(byte[] in, int at, float[] out, int to) {
        float d = Float.intBitsToFloat(int32(in, at));
        for (int j = 0; j < 256; j++) {
            out[to + j] = d * in[at + 4 + j];
        }
    }

    /** Six-bit scale of one of the eight groups of Q4_K and Q5_K; their twelve bytes start at {@code in[at]}. */
    private static int scale(byte[] in, int at, int group) {
        return group < 4 ? in[at + group] & 63 : in[at + group + 4] & 15 | (in[at + group - 4] >> 6 & 3) << 4;
    }

    private static int min(byte[] in, int at, int group) {
        return group < 4 ? in[at + group + 4] & 63 : in[at + group + 4] >> 4 & 15 | (in[at + group] >> 6 & 3) << 4;
    }

    static int int16(byte[] in, int at) {
        return in[at] & 0xff | (in[at + 1] & 0xff) << 8;
    }

    static int int32(byte[] in, int at) {
        return int16(in, at) | int16(in, at + 2) << 16;
    }

    static float half(byte[] in, int at) {
        int bits = int16(in, at);
        int sign = (bits & 0x8000) << 16;
        int magnitude = (bits & 0x7fff) << 13;
        if (magnitude >= 0x7c00 << 13) {
            return Float.intBitsToFloat(sign | 0x7f800000 | magnitude & 0x7fffff);
        }
        // The exponent's bias is 15 in F16 and 127 in F32; the product is exact, for subnormal numbers too.
        return Float.intBitsToFloat(sign | magnitude) * 0x1p112f;
    }
}
