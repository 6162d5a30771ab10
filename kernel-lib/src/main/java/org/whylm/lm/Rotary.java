package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.whylm.run.Engine;

/**
 * Rotary positions (Su et al., 2021): of the components that turn, {@code r} of a head, the first, number {@code i} turns together
 * with {@code i + r/2}.
 */
final class Rotary {

    private final double[] frequencies;
    private float[] cosines = {};
    private float[] sines = {};

    /** @param frequencies radians a position, of each of the {@code r/2} pairs */
    private Rotary(double[] frequencies) {
        this.frequencies = frequencies;
    }

    /**
     * Pair {@code i} turns by {@code base^(-2i/width)} a position.
     *
     * @param width components that turn; where it is odd, one more does
     */
    static Rotary of(int width, double base) {
        var frequencies = new double[(width + 1) / 2];
        Arrays.setAll(frequencies, i -> Math.pow(base, -2.0 * i / width));
        return new Rotary(frequencies);
    }

    /**
     * Llama 3's longer context (Llama Team, 2024): waves that are long for the original context turn slower by a factor, short ones
     * as before, those between by something between.
     *
     * @param low a wave is long if fewer than so many fit in the original context
     * @param high and short if more than so many do
     */
    Rotary stretched(double factor, double low, double high, int original) {
        return new Rotary(Arrays.stream(frequencies)
                .map(frequency -> {
                    double waves = original * frequency / (2 * Math.PI);
                    double kept = Math.min(1, Math.max(0, (waves - low) / (high - low)));
                    return kept * frequency + (1 - kept) * frequency / factor;
                })
                .toArray());
    }

    /** Each pair slower by a factor of its own. */
    Rotary dividedBy(float[] factors) {
        var divided = new double[frequencies.length];
        Arrays.setAll(divided, i -> frequencies[i] / factors[i]);
        return new Rotary(divided);
    }

    /** How many components of a head turn. */
    int components() {
        return 2 * frequencies.length;
    }

    /**
     * What turns each head by the angles of its position, {@code B×L×H×h}: components times cosines, plus those of the other half times
     * sines, of which those of the first half have a minus.
     *
     * @param manager where what it needs for {@code length} positions lives
     */
    UnaryOperator<NDArray> turn(NDManager manager, int length) {
        int half = frequencies.length;
        if (half == 0) {
            return heads -> heads;
        }
        var angles = angles(length);
        // In the engine's own memory: a gradient still needs it when the arrays of a pass are freed.
        var cos = Engine.array(manager, angles.cosines(), length, 1, components());
        var sin = Engine.array(manager, angles.sines(), length, 1, 2, half);
        return heads -> {
            var size = heads.getShape();
            boolean whole = 2L * half == size.get(3);
            var parts = whole ? new NDList(heads) : heads.split(new long[] {2L * half}, 3);
            var x = parts.get(0);
            var halves = new Shape(size.get(0), size.get(1), size.get(2), 2, half);
            var others = x.reshape(halves).flip(3).muli(sin).reshape(x.getShape());
            var turned = x.mul(cos).addi(others);
            return whole ? turned : NDArrays.concat(new NDList(turned, parts.get(1)), -1);
        };
    }

    /** Of each position and component; those that turn the first half have a minus before their sines. */
    private record Angles(float[] cosines, float[] sines) {}

    /** Computes as many positions as are read: a long context costs nothing before it is used. Passes of other lengths may be under way. */
    private synchronized Angles angles(int length) {
        reach(length);
        int count = length * components();
        return new Angles(Arrays.copyOf(cosines, count), Arrays.copyOf(sines, count));
    }

    private void reach(int length) {
        int half = frequencies.length, known = cosines.length / components();
        if (length <= known) {
            return;
        }
        int positions = Math.max(length, Math.max(1024, 2 * known));
        cosines = new float[Math.multiplyExact(positions, components())];
        sines = new float[cosines.length];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < half; i++) {
                double angle = position * frequencies[i];
                int at = position * components() + i;
                cosines[at] = cosines[at + half] = (float) Math.cos(angle);
                sines[at + half] = (float) Math.sin(angle);
                sines[at] = -sines[at + half];
            }
        }
    }
}
