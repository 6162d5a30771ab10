package org.whylm.train;

import java.util.Arrays;
import java.util.Map;
import org.whylm.objective.WhitenedQuad;

/**
 * The linear layer behind the transformer, {@code x ↦ weight·x + bias}.
 *
 * @param weight {@code d×d}
 * @param bias {@code d}
 */
record OutputProjection(double[][] weight, double[] bias) {

    static final String WEIGHT = "output_projection.weight";
    private static final String BIAS = "output_projection.bias";

    static OutputProjection of(Map<String, float[]> parameters, int d) {
        var weight = new double[d][d];
        var bias = new double[d];
        for (int row = 0; row < d; row++) {
            for (int column = 0; column < d; column++) {
                weight[row][column] = parameters.get(WEIGHT)[row * d + column];
            }
            bias[row] = parameters.get(BIAS)[row];
        }
        return new OutputProjection(weight, bias);
    }

    OutputProjection followedBy(WhitenedQuad.Affine map) {
        var both = map.after(new WhitenedQuad.Affine(weight, bias));
        return new OutputProjection(both.weight(), both.bias());
    }

    OutputProjection scaled(double scale) {
        return new OutputProjection(
                Arrays.stream(weight).map(row -> scaled(row, scale)).toArray(double[][]::new), scaled(bias, scale));
    }

    private static double[] scaled(double[] values, double scale) {
        return Arrays.stream(values).map(value -> scale * value).toArray();
    }

    /** Replaces the layer among the parameters. */
    void into(Map<String, float[]> parameters) {
        int d = bias.length;
        var flatWeight = new float[d * d];
        var flatBias = new float[d];
        for (int row = 0; row < d; row++) {
            for (int column = 0; column < d; column++) {
                flatWeight[row * d + column] = (float) weight[row][column];
            }
            flatBias[row] = (float) bias[row];
        }
        parameters.put(WEIGHT, flatWeight);
        parameters.put(BIAS, flatBias);
    }
}
