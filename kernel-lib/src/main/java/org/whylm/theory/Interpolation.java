package org.whylm.theory;

import java.util.ArrayList;
import java.util.List;

/**
 * A model on the segment {@code p_t = (1-t) p* + t q}: how its excess and its task loss grow with its distance from the truth.
 *
 * @param t the position, 0 at the truth
 * @param epsilon {@code ε}, the excess over the entropy, in nats
 * @param bound T1's two sides at {@code p_t}
 */
public record Interpolation(double t, double epsilon, Bound bound) {

    /**
     * The models at the positions {@code t}.
     *
     * @param q {@code S×V}: the far end of the segment
     * @param v {@code V}: the classifier
     * @param t positions in [0, 1]
     */
    public static List<Interpolation> path(FiniteLanguage language, Task task, double[][] q, double[] v, double... t) {
        var path = new ArrayList<Interpolation>();
        for (var position : t) {
            var p = FiniteLanguage.mixture(language.pStar(), q, position);
            var bound = Statements.theorem1(language, task, p, v);
            path.add(new Interpolation(position, bound.epsilon(), bound));
        }
        return path;
    }

    /**
     * The exponent {@code a} of {@code |loss - τ| ∝ ε^a} along a path, by least squares in logarithms; T1 has {@code a = ½}.
     *
     * @throws IllegalArgumentException if fewer than two models of the path differ from the truth
     */
    public static double exponent(List<Interpolation> path) {
        var apart = path.stream()
                .filter(it -> it.epsilon > 0 && it.bound.loss() != it.bound.tau())
                .toList();
        if (apart.size() < 2) {
            throw new IllegalArgumentException(
                    "An exponent takes two models that differ from the truth, the path has " + apart.size());
        }
        var x = apart.stream().mapToDouble(it -> Math.log(it.epsilon)).toArray();
        var y = apart.stream()
                .mapToDouble(it -> Math.log(Math.abs(it.bound.loss() - it.bound.tau())))
                .toArray();
        var meanX = Vectors.sum(x) / x.length;
        var meanY = Vectors.sum(y) / y.length;
        var covariance = 0.0;
        var variance = 0.0;
        for (var i = 0; i < x.length; i++) {
            covariance += (x[i] - meanX) * (y[i] - meanY);
            variance += (x[i] - meanX) * (x[i] - meanX);
        }
        return covariance / variance;
    }
}
