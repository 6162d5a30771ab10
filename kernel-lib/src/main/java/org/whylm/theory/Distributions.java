package org.whylm.theory;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/** Probability vectors. */
final class Distributions {

    private static final double SUM_TOLERANCE = 1e-9;

    private Distributions() {}

    static void require(String name, double[] p) {
        var sum = 0.0;
        for (var i = 0; i < p.length; i++) {
            if (!(p[i] >= 0)) {
                throw new IllegalArgumentException(name + "[" + i + "] = " + p[i] + " is not a probability");
            }
            sum += p[i];
        }
        if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
            throw new IllegalArgumentException(name + " sums to " + sum + ", not to 1");
        }
    }

    static double[] uniform(int outcomes) {
        var p = new double[outcomes];
        Arrays.fill(p, 1.0 / outcomes);
        return p;
    }

    static double[] normalized(double[] weights) {
        return Vectors.scaled(weights, 1 / Vectors.sum(weights));
    }

    /** {@code E_{s~p} value(s)}; an outcome without weight is not asked for its value. */
    static double mean(double[] p, IntToDoubleFunction value) {
        var sum = 0.0;
        for (var s = 0; s < p.length; s++) {
            if (p[s] > 0) {
                sum += p[s] * value.applyAsDouble(s);
            }
        }
        return sum;
    }

    static double entropy(double[] p) {
        return crossEntropy(p, p);
    }

    /** {@code -E_{w~p} log q(w)}, in nats; infinite where {@code q} misses a word of {@code p}. */
    static double crossEntropy(double[] p, double[] q) {
        return mean(p, w -> -Math.log(q[w]));
    }

    /**
     * {@code KL(p ‖ q)} in nats, summed from terms {@code p (x - log(1+x))}, {@code x = q/p - 1}, none of them negative:
     * as both sum to 1 the value is {@code Σ p log(p/q)}, without its cancellation where the two are close.
     */
    static double divergence(double[] p, double[] q) {
        return divergence(p, q, Arrays.stream(q).map(Math::log).toArray());
    }

    /** The same where {@code log q} is at hand: finite even if elements of {@code q} are too small for a double and became 0. */
    static double divergence(double[] p, double[] q, double[] logQ) {
        var sum = 0.0;
        for (var w = 0; w < p.length; w++) {
            if (p[w] > 0) {
                var x = (q[w] - p[w]) / p[w];
                sum += p[w] * (x - (Math.abs(x) < 0.5 ? Math.log1p(x) : logQ[w] - Math.log(p[w])));
            } else {
                sum += q[w];
            }
        }
        return sum;
    }
}
