package org.whylm.lm;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * Parameters of a GPT-2 before training (Radford et al., 2019): Gaussian matrices of standard deviation 0.02, those that add to
 * the residual stream scaled by {@code 1/sqrt(2·blocks)}; norms start as the identity.
 */
final class Gpt2Initialization {

    private static final double DEVIATION = 0.02;

    private Gpt2Initialization() {}

    static Map<String, float[]> values(Map<String, long[]> shapes, int blocks, long seed) {
        var random = new Random(seed);
        var values = new LinkedHashMap<String, float[]>();
        shapes.forEach((name, shape) -> {
            var value = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
            if (shape.length > 1) {
                double scale = name.endsWith("c_proj.weight") ? DEVIATION / Math.sqrt(2.0 * blocks) : DEVIATION;
                for (int i = 0; i < value.length; i++) {
                    value[i] = (float) (scale * random.nextGaussian());
                }
            } else if (name.endsWith(".weight")) {
                Arrays.fill(value, 1);
            }
            values.put(name, value);
        });
        return values;
    }
}
