package org.whylm.objective;

import org.whylm.run.Engine;
import org.whylm.run.Matrices;

/**
 * An objective on a sample in double precision, as arrays of Java.
 *
 * @param value mean over the sample
 * @param gradientF {@code n×d}
 * @param gradientPhi in the layout of {@code Φᵀ}, {@code V×d}
 */
public record Evaluated(double value, double[][] gradientF, double[][] gradientPhi) {

    public static Evaluated of(Objective objective, double[][] f, double[][] phi, int[] words) {
        try (var scope = Engine.newManager()) {
            var states = Engine.array(scope, Matrices.matrix("f", f));
            var embeddings = Engine.array(scope, Matrices.matrix("Φᵀ", phi));
            var gradients = objective.gradients(states, embeddings, words, true);
            return new Evaluated(gradients.value(), Engine.rows(gradients.f()), Engine.rows(gradients.phi()));
        }
    }
}
