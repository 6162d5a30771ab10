package org.whylm.train;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.whylm.objective.WhitenedQuad.Affine;
import org.whylm.run.Matrices;

/** The linear layer behind the transformer, {@code x ↦ weight·x + bias}. */
final class OutputProjection {

    static final String WEIGHT = "output_projection.weight";
    private static final String BIAS = "output_projection.bias";

    private OutputProjection() {}

    /** Puts another layer in its place among the parameters. */
    static void replace(Map<String, float[]> parameters, UnaryOperator<Affine> other) {
        int d = parameters.get(BIAS).length;
        var weight = Matrices.doubles(Matrices.rows(parameters.get(WEIGHT), d));
        var bias = Matrices.doubles(new float[][] {parameters.get(BIAS)})[0];
        var replaced = other.apply(new Affine(weight, bias));
        parameters.put(WEIGHT, Matrices.floats(replaced.weight()));
        parameters.put(BIAS, Matrices.floats(new double[][] {replaced.bias()}));
    }
}
