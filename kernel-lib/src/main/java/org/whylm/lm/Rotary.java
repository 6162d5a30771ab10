package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Rotary positions (Su et al., 2021): component {@code i} of a head turns together with {@code i + h/2}. */
final class Rotary {

    private final double[] frequencies;
    private float[] cosines = {};
    private float[] sines = {};

    /** @param frequencies radians a position, of each of the {@code h/2} pairs */
    private Rotary(double[] frequencies) {
        this.frequencies = frequencies;
    }

    /** Pair {@code i} turns by {@code base^(-2i/width)} a position. */
    static Rotary of(int width, double base) {
        var frequencies = new double[width / 2];
        Arrays.setAll(frequencies, i -> Math.pow(base, -2.0 * i / width));
        return new Rotary(frequencies);
    }

    /** Turns each head by the angles of its position, {@code B×L×H×h}. */
    NDArray turn(NDArray heads) {
        int length = (int) heads.getShape().get(1);
        reach(length);
        var cos = table(cosines, length, heads.getManager());
        var sin = table(sines, length, heads.getManager());
        var halves = heads.split(2, 3);
        NDArray x = halves.get(0), y = halves.get(1);
        return NDArrays.concat(
                new NDList(x.mul(cos).subi(y.mul(sin)), y.mul(cos).addi(x.mul(sin))), -1);
    }

    /** In the engine's own memory: a gradient still needs it when the arrays of a block are freed. */
    private NDArray table(float[] values, int length, NDManager scope) {
        int half = frequencies.length;
        try (var buffer = scope.create(Arrays.copyOf(values, length * half), new Shape(length, 1, half))) {
            return buffer.duplicate();
        }
    }

    /** Computes the angles of as many positions as are read: a long context costs nothing before it is used. */
    private synchronized void reach(int length) {
        int half = frequencies.length, known = cosines.length / half;
        if (length <= known) {
            return;
        }
        int positions = Math.max(length, Math.max(1024, 2 * known));
        cosines = new float[Math.multiplyExact(positions, half)];
        sines = new float[cosines.length];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < half; i++) {
                double angle = position * frequencies[i];
                cosines[position * half + i] = (float) Math.cos(angle);
                sines[position * half + i] = (float) Math.sin(angle);
            }
        }
    }
}
