package org.whylm.theory;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The inequalities as functions of an {@link Instance}. */
public enum Theorem {
    /** T1 with {@code γ(p_T)}. */
    T1("T1", it -> Statements.theorem1(it.language(), it.task(), it.phi(), it.f(), it.v())),
    /** T2 with {@code γ(p_T)}. */
    T2("T2", it -> theorem2(it).byGamma()),
    /** T2 with {@code γ_Φ}. */
    T2_GAMMA_PHI("T2 with γ_Φ", it -> theorem2(it).byGammaPhi()),
    /** T3 with the affine map closest to {@code f ↦ Φp_f} under {@code p_T}. */
    T3("T3", it -> {
        var means = it.phi().conditionalMean(it.model());
        var closest = AffineRegression.leastSquares(it.task().pT(), it.f(), means);
        return Statements.theorem3(it.language(), it.task(), it.phi(), it.f(), it.lambda(), closest);
    }),
    /** T4 with {@code γ(p_T)}. */
    T4("T4", it -> Statements.theorem4(it.language(), it.task(), it.phi(), it.f(), it.lambda()));

    private final String label;
    private final Function<Instance, Bound> sides;

    Theorem(String label, Function<Instance, Bound> sides) {
        this.label = label;
        this.sides = sides;
    }

    private static Statements.SoftmaxBounds theorem2(Instance it) {
        return Statements.theorem2(it.language(), it.task(), it.phi(), it.f(), it.lambda());
    }

    /** How it is written in a table. */
    public String label() {
        return label;
    }

    /** Both sides, for the instance's own classifier. */
    public Bound of(Instance it) {
        return sides.apply(it);
    }

    /**
     * Both sides of T1 or T2 with each side's loss the least within {@code ‖v‖_∞ ≤ B}, {@code B} being that of the instance's
     * {@code v}: T1 over all such {@code v}, T2 over those in the row span of {@code Φ}.
     *
     * @throws IllegalArgumentException for T3 and T4
     */
    public Bound ofBest(Instance it) {
        if (this == T3 || this == T4) {
            throw new IllegalArgumentException(this + " has no bound on ‖v‖_∞ to be the best within");
        }
        var same = of(it);
        ToDoubleFunction<double[][]> least = p -> this == T1
                ? Naturalness.of(it.task(), p, same.B()).tau()
                : Naturalness.of(it.task(), it.phi(), p, same.B()).tau();
        double model = least.applyAsDouble(it.model()),
                exact = least.applyAsDouble(it.language().pStar());
        return new Bound(model, exact, same.B(), same.epsilon(), same.gamma());
    }
}
