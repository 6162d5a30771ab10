package org.whylm.theory;

/**
 * A language with finitely many contexts: {@code S} contexts over a vocabulary of {@code V} words. The arrays are copied in
 * and must not be written to afterwards.
 *
 * @param pL {@code S}: the weight {@code p_L(s)} of each context
 * @param pStar {@code S×V}: the true next-word distribution {@code p*(.|s)} of each context
 */
public record FiniteLanguage(double[] pL, double[][] pStar) {

    /** @throws IllegalArgumentException if {@code pL} or a row of {@code pStar} is no distribution, or the shapes disagree */
    public FiniteLanguage {
        pL = pL.clone();
        pStar = Vectors.copy(pStar);
        Distributions.require("pL", pL);
        requireConditionals("pStar", pStar, pL.length, pStar.length == 0 ? 0 : pStar[0].length);
    }

    /** The number of contexts {@code S}. */
    public int contexts() {
        return pL.length;
    }

    /** The number of words {@code V}. */
    public int vocabulary() {
        return pStar[0].length;
    }

    /** {@code E_{s~p_L} H(p*(.|s))} in nats: the least cross-entropy of any model. */
    public double entropy() {
        return Distributions.mean(pL, s -> Distributions.entropy(pStar[s]));
    }

    /**
     * The cross-entropy {@code E_{s~p_L} E_{w~p*} -log p(w|s)} of a model, in nats.
     *
     * @param p {@code S×V}: the model's next-word distributions
     */
    public double crossEntropy(double[][] p) {
        requireConditionals("p", p, contexts(), vocabulary());
        return Distributions.mean(pL, s -> Distributions.crossEntropy(pStar[s], p[s]));
    }

    /** {@code E_{s~p_L} KL(p(.|s) ‖ q(.|s))} in nats, for {@code S×V} next-word distributions {@code p} and {@code q}. */
    public double divergence(double[][] p, double[][] q) {
        requireConditionals("p", p, contexts(), vocabulary());
        requireConditionals("q", q, contexts(), vocabulary());
        return Distributions.mean(pL, s -> Distributions.divergence(p[s], q[s]));
    }

    /**
     * {@code E_{s~p_L} KL(p(.|s) ‖ p_f(.|s))} in nats for a softmax model: from its logits, so that it is finite however small a
     * probability of {@code p_f} is.
     *
     * @param p {@code S×V}
     * @param f {@code S×d}
     */
    public double divergence(double[][] p, Embeddings phi, double[][] f) {
        requireConditionals("p", p, contexts(), vocabulary());
        Vectors.requireShape("f", f, contexts(), phi.dimension());
        return Distributions.mean(pL, s -> Distributions.divergence(p[s], phi.softmax(f[s]), phi.logSoftmax(f[s])));
    }

    /** This language with {@code p*} mixed with the uniform distribution, which gets weight {@code share}. */
    public FiniteLanguage smoothed(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share = " + share + " is not in [0, 1]");
        }
        var uniform = Distributions.uniform(vocabulary());
        return new FiniteLanguage(pL, mixture(pStar, Vectors.rows(contexts(), s -> uniform), share));
    }

    /** {@code (1-t) p + t q}, row by row. */
    static double[][] mixture(double[][] p, double[][] q, double t) {
        var mixture = new double[p.length][p[0].length];
        for (var s = 0; s < p.length; s++) {
            for (var w = 0; w < p[s].length; w++) {
                mixture[s][w] = (1 - t) * p[s][w] + t * q[s][w];
            }
        }
        return mixture;
    }

    private static void requireConditionals(String name, double[][] p, int contexts, int vocabulary) {
        Vectors.requireShape(name, p, contexts, vocabulary);
        for (var s = 0; s < p.length; s++) {
            Distributions.require(name + "[" + s + "]", p[s]);
        }
    }
}
