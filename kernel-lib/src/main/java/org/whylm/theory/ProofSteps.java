package org.whylm.theory;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What each step of T1's proof gives away, for one and the same {@code v} on both sides, with {@code δ(s) = p(.|s) - p*(.|s)}.
 * Each value is at most the next.
 *
 * @param difference {@code ℓ_T(p,v) - ℓ_T(p*,v)}
 * @param lipschitz {@code E_{p_T} |v·δ|}: the loss is 1-Lipschitz
 * @param jensen {@code sqrt(E_{p_T} (v·δ)²)}
 * @param gamma {@code sqrt(E_{p_L} (v·δ)² / γ(p_T))}: change of measure
 * @param holder {@code sqrt(‖v‖_∞² E_{p_L} ‖δ‖₁² / γ(p_T))}
 * @param pinsker {@code sqrt(2‖v‖_∞² ε / γ(p_T))}: {@code ‖δ‖₁² ≤ 2 KL(p* ‖ p)}
 */
public record ProofSteps(
        double difference, double lipschitz, double jensen, double gamma, double holder, double pinsker) {

    /** The steps in the order of the proof. */
    public static final List<String> NAMES = List.of("Lipschitz", "Jensen", "γ", "Hölder", "Pinsker");

    /**
     * @param p {@code S×V}: the model
     * @param v {@code V}
     */
    public static ProofSteps of(FiniteLanguage language, Task task, double[][] p, double[] v) {
        var t1 = Statements.theorem1(language, task, p, v);
        double absolute = 0, squareT = 0, squareL = 0, variation = 0;
        for (var s = 0; s < p.length; s++) {
            var delta = Vectors.minus(p[s], language.pStar()[s]);
            var score = Vectors.dot(v, delta);
            absolute += task.pT()[s] * Math.abs(score);
            squareT += task.pT()[s] * score * score;
            squareL += language.pL()[s] * score * score;
            variation += language.pL()[s] * Math.pow(Vectors.norm1(delta), 2);
        }
        return new ProofSteps(
                t1.loss() - t1.tau(),
                absolute,
                Math.sqrt(squareT),
                Math.sqrt(squareL / t1.gamma()),
                t1.B() * Math.sqrt(variation / t1.gamma()),
                t1.transfer());
    }

    /** By which factor each step is loose; the first against {@code |ℓ_T(p,v) - ℓ_T(p*,v)|}. Their product is that of T1. */
    public Map<String, Double> factors() {
        var chain = new double[] {Math.abs(difference), lipschitz, jensen, gamma, holder, pinsker};
        var factors = new LinkedHashMap<String, Double>();
        for (var i = 0; i < NAMES.size(); i++) {
            factors.put(NAMES.get(i), chain[i + 1] / chain[i]);
        }
        return factors;
    }
}
