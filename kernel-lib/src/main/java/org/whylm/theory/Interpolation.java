package org.whylm.theory;

import java.util.Arrays;
import java.util.List;
import org.hipparchus.stat.regression.SimpleRegression;

/** Models on the segment {@code p_t = (1-t) p* + t q}: how their excess and task loss grow with their distance from the truth. */
public final class Interpolation {

    private Interpolation() {}

    /**
     * T1's two sides of the models at the positions {@code t}.
     *
     * @param q {@code S×V}: the far end of the segment
     * @param v {@code V}: the classifier
     * @param t positions in [0, 1], 0 at the truth
     */
    public static List<Bound> path(FiniteLanguage language, Task task, double[][] q, double[] v, double... t) {
        return Arrays.stream(t)
                .mapToObj(at -> FiniteLanguage.mixture(language.pStar(), q, at))
                .map(p -> Statements.theorem1(language, task, p, v))
                .toList();
    }

    /**
     * The exponent {@code a} of {@code |loss - τ| ∝ ε^a} along a path, by least squares in logarithms; T1 has {@code a = ½}.
     *
     * @throws IllegalArgumentException if fewer than two models of the path differ from the truth
     */
    public static double exponent(List<Bound> path) {
        var apart = path.stream()
                .filter(it -> it.epsilon() > 0 && it.loss() != it.tau())
                .toList();
        if (apart.size() < 2) {
            throw new IllegalArgumentException(
                    "An exponent takes two models that differ from the truth, the path has " + apart.size());
        }
        var regression = new SimpleRegression();
        apart.forEach(it -> regression.addData(Math.log(it.epsilon()), Math.log(Math.abs(it.loss() - it.tau()))));
        return regression.getSlope();
    }
}
