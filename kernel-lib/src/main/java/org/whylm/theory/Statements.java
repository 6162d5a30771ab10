package org.whylm.theory;

import org.whylm.objective.AffineMap;

/**
 * The statements of the paper as functions: each returns both of its sides, for arguments that are plain numbers.
 *
 * <p>Shapes: a language has {@code S} contexts and {@code V} words, {@code Φ} is {@code d×V}, features {@code f} are
 * {@code S×d}, a model {@code p} is {@code S×V}. Every inequality is stated for one and the same classifier on both of its
 * sides, where it is sharpest: word weights {@code v} ({@code V}) or {@code λ} ({@code d}) with {@code v = Φᵀλ}. {@link
 * Naturalness} finds the best ones.
 */
public final class Statements {

    private Statements() {}

    /**
     * P1: the excess of a model's cross-entropy over the entropy of {@code p*} (left) is {@code E_s KL(p*(.|s) ‖ p(.|s))}
     * (right), which only {@code p*} brings to 0.
     */
    public static Equality proposition1(FiniteLanguage language, double[][] p) {
        return new Equality(language.crossEntropy(p) - language.entropy(), language.divergence(language.pStar(), p));
    }

    /** P1 for a softmax model, whose probabilities may be too small for a double: both sides from its logits. */
    public static Equality proposition1(FiniteLanguage language, Embeddings phi, double[][] f) {
        return new Equality(
                crossEntropy(language, phi, f) - language.entropy(), language.divergence(language.pStar(), phi, f));
    }

    /**
     * P2, first-order condition.
     *
     * @param optimum the optimum over all features for fixed {@code Φ}
     * @param stationarity {@code max_s ‖Φp_{f*}(s) - Φp*(.|s)‖₂}, 0 at a minimiser
     * @param excess the cross-entropy of {@code f} less that of the optimum (left), and
     *     {@code E_s KL(p_{f*}(s) ‖ p_f(s))} (right)
     */
    public record FirstOrder(SoftmaxOptimum optimum, double stationarity, Equality excess) {}

    /** P2 for the features {@code f}. */
    public static FirstOrder proposition2(FiniteLanguage language, Embeddings phi, double[][] f) {
        var optimum = SoftmaxOptimum.of(language, phi);
        // E_{w~p*} -log p_{f*}(w|s) depends on p* only through Φp*, so p_{f*} may stand in for p*.
        var infimum = Distributions.mean(language.pL(), s -> Distributions.entropy(optimum.p()[s]));
        return new FirstOrder(
                optimum,
                Vectors.normInfinity(optimum.gradient()),
                new Equality(crossEntropy(language, phi, f) - infimum, language.divergence(optimum.p(), phi, f)));
    }

    /** {@code ℓ_xent(f,Φ) = E_{s~p_L} E_{w~p*} [-φ_w·f(s) + log Z_{f(s)}]} in nats. */
    public static double crossEntropy(FiniteLanguage language, Embeddings phi, double[][] f) {
        Vectors.requireShape("f", f, language.contexts(), phi.dimension());
        return Distributions.mean(
                language.pL(),
                s -> phi.logPartition(f[s]) - Vectors.dot(f[s], phi.conditionalMean(language.pStar()[s])));
    }

    /** The gradient of {@code ℓ_xent} in the features, {@code p_L(s)·(Φp_f(s) - Φp*(.|s))}: {@code S×d} (P2). */
    public static double[][] gradient(FiniteLanguage language, Embeddings phi, double[][] f) {
        var means = phi.conditionalMean(phi.softmax(f));
        var exact = phi.conditionalMean(language.pStar());
        return Vectors.rows(f.length, s -> Vectors.scaled(Vectors.minus(means[s], exact[s]), language.pL()[s]));
    }

    /** D1: the least {@code τ} for which the task is {@code (τ,B)}-natural. */
    public static Naturalness definition1(FiniteLanguage language, Task task, double B) {
        return Naturalness.of(task, language.pStar(), B);
    }

    /** D1: the least {@code τ} for which the task is {@code (τ,B)}-natural with respect to {@code Φ}. */
    public static Naturalness definition1(FiniteLanguage language, Task task, Embeddings phi, double B) {
        return Naturalness.of(task, phi, language.pStar(), B);
    }

    /** D2: {@code γ(p_T)} and {@code γ_Φ}. */
    public static Transferability definition2(FiniteLanguage language, Task task, Embeddings phi, double[][] f) {
        return Transferability.of(language, task.pT(), phi, f);
    }

    /**
     * T1: {@code ℓ_T(p, v) ≤ τ + sqrt(2B²ε/γ(p_T))} with {@code τ = ℓ_T(p*, v)}, {@code B = ‖v‖_∞} and {@code ε} the excess
     * of {@code p} over the entropy.
     */
    public static Bound theorem1(FiniteLanguage language, Task task, double[][] p, double[] v) {
        return theorem1(language, task, p, language.divergence(language.pStar(), p), v);
    }

    /** T1 for a softmax model, its excess from its logits. */
    public static Bound theorem1(FiniteLanguage language, Task task, Embeddings phi, double[][] f, double[] v) {
        return theorem1(language, task, phi.softmax(f), language.divergence(language.pStar(), phi, f), v);
    }

    private static Bound theorem1(FiniteLanguage language, Task task, double[][] p, double epsilon, double[] v) {
        return new Bound(
                task.loss(p, v),
                task.loss(language.pStar(), v),
                Vectors.normInfinity(v),
                epsilon,
                Transferability.gamma(language.pL(), task.pT()));
    }

    /** T1 for {@code k} classes: {@code v} is {@code k×V} and {@code B = max_{j,k} ‖v_j - v_k‖_∞}. */
    public static Bound theorem1(FiniteLanguage language, MulticlassTask task, double[][] p, double[][] v) {
        return new Bound(
                task.loss(p, v),
                task.loss(language.pStar(), v),
                MulticlassTask.spread(v),
                language.divergence(language.pStar(), p),
                Transferability.gamma(language.pL(), task.pT()));
    }

    /**
     * T2, twice: with {@code γ(p_T)} and with {@code γ_Φ}.
     *
     * @param byGamma the inequality with {@code γ(p_T)}
     * @param byGammaPhi the inequality with {@code γ_Φ}, never the weaker one
     */
    public record SoftmaxBounds(Bound byGamma, Bound byGammaPhi) {}

    /**
     * T2: {@code ℓ_T(Φp_f, λ) ≤ τ + sqrt(2B²ε/γ)} with {@code τ = ℓ_T(p*, Φᵀλ)}, {@code B = ‖Φᵀλ‖_∞} and {@code ε} the
     * excess of {@code f} over the best features for {@code Φ}.
     */
    public static SoftmaxBounds theorem2(
            FiniteLanguage language, Task task, Embeddings phi, double[][] f, double[] lambda) {
        var optimum = SoftmaxOptimum.of(language, phi);
        return theorem2(language, task, phi, optimum, f, lambda);
    }

    /** T2 with the optimum of P2 at hand, which depends on the language and {@code Φ} only. */
    public static SoftmaxBounds theorem2(
            FiniteLanguage language, Task task, Embeddings phi, SoftmaxOptimum optimum, double[][] f, double[] lambda) {
        var model = phi.softmax(f);
        var v = phi.transposed(lambda);
        var transferability = definition2(language, task, phi, f);
        var loss = task.loss(phi.conditionalMean(model), lambda);
        var tau = task.loss(language.pStar(), v);
        var B = Vectors.normInfinity(v);
        var epsilon = language.divergence(optimum.p(), phi, f);
        return new SoftmaxBounds(
                new Bound(loss, tau, B, epsilon, transferability.gamma()),
                new Bound(loss, tau, B, epsilon, transferability.gammaPhi()));
    }

    /**
     * T2 for {@code k} classes with {@code γ(p_T)}: {@code lambda} is {@code k×d} and {@code B = max_{j,k} ‖Φᵀ(λ_j - λ_k)‖_∞}.
     * ({@code γ_Φ} has no such form: which difference is largest depends on the context.)
     */
    public static Bound theorem2(
            FiniteLanguage language, MulticlassTask task, Embeddings phi, double[][] f, double[][] lambda) {
        var model = phi.softmax(f);
        var v = Vectors.rows(lambda.length, j -> phi.transposed(lambda[j]));
        return new Bound(
                task.loss(phi.conditionalMean(model), lambda),
                task.loss(language.pStar(), v),
                MulticlassTask.spread(v),
                language.divergence(SoftmaxOptimum.of(language, phi).p(), phi, f),
                Transferability.gamma(language.pL(), task.pT()));
    }

    /** L1: {@code max_s ‖Φp_f(s) - (A f(s) + b)‖₂}, 0 where the gradient of {@code log Z} is that of the quadratic. */
    public static double lemma1(Embeddings phi, double[][] f, AffineMap gradient) {
        var largest = 0.0;
        for (var features : f) {
            var mean = phi.conditionalMean(phi.softmax(features));
            largest = Math.max(largest, Vectors.norm2(Vectors.minus(mean, gradient.apply(features))));
        }
        return largest;
    }

    /**
     * T3: {@code ℓ_T(f) ≤ τ + sqrt(2B²ε/γ(p_T)) + E_{p_T} |λ·(Φp_f - Af - b)|} for the classifier {@code Aᵀλ} with the
     * intercept {@code λ·b}.
     */
    public static Bound theorem3(
            FiniteLanguage language, Task task, Embeddings phi, double[][] f, double[] lambda, AffineMap gradient) {
        return theorem3(task, phi, f, lambda, gradient, theorem2(language, task, phi, f, lambda));
    }

    /** T3 with T2's sides for the same {@code λ} at hand. */
    static Bound theorem3(
            Task task, Embeddings phi, double[][] f, double[] lambda, AffineMap gradient, SoftmaxBounds theorem2) {
        var softmax = theorem2.byGamma();
        var means = phi.conditionalMean(phi.softmax(f));
        var residual = Distributions.mean(
                task.pT(), s -> Math.abs(Vectors.dot(lambda, Vectors.minus(means[s], gradient.apply(f[s])))));
        var loss = task.loss(f, gradient.pullback(lambda), gradient.intercept(lambda));
        return new Bound(loss, softmax.tau(), softmax.B(), softmax.epsilon(), softmax.gamma(), residual);
    }

    /**
     * T4: {@code ℓ_T(f) ≤ τ + sqrt(2B₂²ε/γ(p_T))} for the classifier {@code ΦΦᵀλ}, with {@code τ = ℓ_T(p*, Φᵀλ)},
     * {@code B₂ = ‖Φᵀλ‖₂} and {@code ε} the excess of {@code f} in Quad.
     */
    public static Bound theorem4(FiniteLanguage language, Task task, Embeddings phi, double[][] f, double[] lambda) {
        var v = phi.transposed(lambda);
        return new Bound(
                task.loss(f, phi.conditionalMean(v)),
                task.loss(language.pStar(), v),
                Vectors.norm2(v),
                QuadOptimum.of(language, phi).excess(language, phi, f),
                Transferability.gamma(language.pL(), task.pT()));
    }
}
