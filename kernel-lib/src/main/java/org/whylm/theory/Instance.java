package org.whylm.theory;

/**
 * All that the statements speak of: a language, a task on it, output embeddings, features of a softmax model.
 *
 * @param phi {@code Φ}
 * @param f {@code S×d}
 * @param lambda {@code d}: the classifier of conditional means, {@code v = Φᵀλ}
 */
public record Instance(FiniteLanguage language, Task task, Embeddings phi, double[][] f, double[] lambda) {

    /** How an instance's {@code p*} is drawn. */
    public enum Family {
        /** {@code p* = softmax(Φᵀθ)}: {@code Φ} realises the language, so the excess over the entropy is that over the best f. */
        REALIZABLE,
        /** Independent Dirichlet draws. */
        DIRICHLET,
        /** Mixtures of a few topics. */
        TOPICS,
        /** Dirichlet draws in which about a third of the probabilities is 0: a minimiser f* may not exist. */
        ZEROS
    }

    /** {@code v = Φᵀλ}, of length {@code V}. */
    public double[] v() {
        return phi.transposed(lambda);
    }

    /** {@code p_f}, {@code S×V}; what is too small for a double is 0. */
    public double[][] model() {
        return phi.softmax(f);
    }

    /**
     * A random instance: 5 to 12 contexts, 4 to 12 words, 2 to 4 dimensions. The labels are the signs of a random
     * {@code Φᵀλ} on {@code p*}, about one in ten flipped; the task leaves out about a fifth of the contexts; the features lie
     * at a random distance from the best ones; {@code λ} is the best classifier of {@code Φp*} within a random bound on
     * {@code ‖v‖_∞}.
     */
    public static Instance random(Sampler sampler, Family family) {
        var vocabulary = sampler.integer(4, 12);
        var dimension = sampler.integer(2, Math.min(4, vocabulary - 2));
        var contexts = sampler.integer(5, 12);
        var phi = sampler.embeddings(dimension, vocabulary, 1);
        var language = language(sampler, family, contexts, phi);
        var drawn = sampler.gaussian(1, dimension, 3)[0];
        var noisy = sampler.noisyTask(language, phi.transposed(drawn), sampler.loss(), 0.1);
        var task = new Task(sampler.restricted(noisy.pT(), 0.2), noisy.labels(), noisy.loss());
        var best = SoftmaxOptimum.of(language, phi);
        var f = sampler.perturbed(best.f(), sampler.logUniform(0.01, 2));
        var natural = Naturalness.of(task, phi, language.pStar(), sampler.logUniform(1, 20));
        return new Instance(language, task, phi, f, phi.coefficients(natural.v()));
    }

    private static FiniteLanguage language(Sampler sampler, Family family, int contexts, Embeddings phi) {
        return switch (family) {
            case REALIZABLE -> sampler.lowRankLanguage(contexts, phi, 1);
            case DIRICHLET -> sampler.dirichletLanguage(contexts, phi.vocabulary(), 1);
            case TOPICS -> sampler.topicLanguage(contexts, phi.vocabulary(), 3);
            case ZEROS -> sampler.withZeros(sampler.dirichletLanguage(contexts, phi.vocabulary(), 1), 1.0 / 3);
        };
    }
}
