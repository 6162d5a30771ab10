package org.whylm.theory;

/**
 * A binary classification task on the contexts of a language. Two contexts may have the same next-word distribution and
 * different labels, so labels may be as random as one likes. The arrays are copied in and must not be written to afterwards.
 *
 * @param pT {@code S}: the weight {@code p_T(s)} of each context
 * @param labels {@code S}: the label {@code y} of each context, -1 or +1
 */
public record Task(double[] pT, int[] labels, Loss loss) {

    /** @throws IllegalArgumentException if {@code pT} is no distribution or a label is not ±1 */
    public Task {
        pT = pT.clone();
        labels = labels.clone();
        Distributions.require("pT", pT);
        if (labels.length != pT.length) {
            throw new IllegalArgumentException(labels.length + " labels for " + pT.length + " contexts");
        }
        for (var s = 0; s < labels.length; s++) {
            if (Math.abs(labels[s]) != 1) {
                throw new IllegalArgumentException("labels[" + s + "] = " + labels[s] + " is neither -1 nor +1");
            }
        }
    }

    /** The number of contexts {@code S}. */
    public int contexts() {
        return pT.length;
    }

    /**
     * {@code ℓ_T(g, v) = E_{(s,y)~p_T} loss(v·g(s), y)}.
     *
     * @param features {@code S×n}: features {@code g(s)}, such as next-word distributions ({@code n = V})
     * @param v {@code n}: the classifier
     */
    public double loss(double[][] features, double[] v) {
        return loss(features, v, 0);
    }

    /** {@code E loss(v·g(s) + intercept, y)}. */
    double loss(double[][] features, double[] v, double intercept) {
        Vectors.requireShape("features", features, contexts(), v.length);
        return Distributions.mean(pT, s -> loss.of(Vectors.dot(v, features[s]) + intercept, labels[s]));
    }

    /** How much of {@code p_T} the sign of {@code v·g(s)} gets wrong; a score of 0 counts half. */
    double error(double[][] features, double[] v) {
        Vectors.requireShape("features", features, contexts(), v.length);
        return Distributions.mean(pT, s -> (1 - Math.signum(labels[s] * Vectors.dot(v, features[s]))) / 2);
    }
}
