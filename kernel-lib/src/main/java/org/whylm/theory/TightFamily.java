package org.whylm.theory;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Instances on which the bounds are as good as equalities, to test with: {@code p* = (½±δ, ½∓δ)} in two contexts of the task,
 * a model that predicts the uniform distribution, {@code v = B(1,-1)}, the hinge loss, and a third context that takes up
 * {@code p_L = 1-γ} and that the task leaves out. With {@code 2δB ≤ 1}, {@code ℓ_T(p,v) - ℓ_T(p*,v) = 2δB} exactly, and the
 * bound's {@code sqrt(2B²ε/γ)} comes to that as {@code δ → 0} (in T4: equals it).
 */
public final class TightFamily {

    private TightFamily() {}

    /**
     * A member of the family, with {@code Φ = (1, -1)}, {@code f = 0} and {@code λ = B}.
     *
     * @param delta {@code δ}, in (0, ½)
     * @param B {@code ‖v‖_∞}, at most {@code 1/(2δ)}
     * @param gamma {@code γ(p_T)}, in (0, 1]
     */
    public static Instance of(double delta, double B, double gamma) {
        if (!(delta > 0 && delta < 0.5 && B > 0 && 2 * delta * B <= 1 && gamma > 0 && gamma <= 1)) {
            throw new IllegalArgumentException("delta = " + delta + ", B = " + B + ", gamma = " + gamma
                    + " are not within 0 < delta < 1/2, 0 < 2 delta B <= 1, 0 < gamma <= 1");
        }
        var language = new FiniteLanguage(
                new double[] {gamma / 2, gamma / 2, 1 - gamma},
                new double[][] {{0.5 + delta, 0.5 - delta}, {0.5 - delta, 0.5 + delta}, {0.5, 0.5}});
        var task = new Task(new double[] {0.5, 0.5, 0}, new int[] {1, -1, 1}, Loss.HINGE);
        var phi = new Embeddings(new double[][] {{1, -1}});
        return new Instance(language, task, phi, new double[3][1], new double[] {B});
    }

    /**
     * Wrong variants of T1, T2 and T4 on an instance of the family, each of which it violates: checks that cannot fail show nothing.
     *
     * @param tight a member with {@code γ(p_T) < 1}
     */
    public static Map<String, Bound> mutants(Instance tight) {
        var t1 = Theorem.T1.of(tight);
        var t4 = Theorem.T4.of(tight);
        var mutants = new LinkedHashMap<String, Bound>();
        mutants.put("T1 without 1/γ", new Bound(t1.loss(), t1.tau(), t1.B(), t1.epsilon(), 1));
        mutants.put("T1 with half the constant", new Bound(t1.loss(), t1.tau(), t1.B(), t1.epsilon() / 2, t1.gamma()));
        mutants.put("T2 with v of another Φ", new Bound(t1.loss(), t1.tau(), t1.B() / 2, t1.epsilon(), t1.gamma()));
        mutants.put("T4 without 1/γ", new Bound(t4.loss(), t4.tau(), t4.B(), t4.epsilon(), 1));
        mutants.put("T4 with ‖v‖_∞", new Bound(t4.loss(), t4.tau(), t1.B(), t4.epsilon(), t4.gamma()));
        return mutants;
    }
}
