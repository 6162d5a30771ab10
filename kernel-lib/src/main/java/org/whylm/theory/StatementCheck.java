package org.whylm.theory;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.whylm.run.Progress;

/**
 * A statement checked on random instances.
 *
 * @param statement what is checked
 * @param kind an equality or an inequality
 * @param instances how many times
 * @param violations how often it failed by more than {@link #ROUNDING} (an inequality) or {@link #EQUALITY} (an equality)
 * @param worst the least slack of an inequality, the largest gap of an equality
 */
public record StatementCheck(String statement, Kind kind, int instances, int violations, double worst) {

    /** An inequality may fail by this much, which is rounding and, where a best classifier is sought, the duality gap. */
    public static final double ROUNDING = 1e-9;

    /** The two sides of an equality may differ by this much. */
    public static final double EQUALITY = 1e-8;

    /** What a statement claims. */
    public enum Kind {
        EQUALITY,
        INEQUALITY
    }

    /**
     * Checks every statement on random instances of every family.
     *
     * @param instances how many of each family
     * @param seed of the random draws
     * @return a check for each statement, in the paper's order
     * @throws ArithmeticException if a side of a statement is not finite: that says nothing about the statement, and is neither
     *     counted as a violation nor left out
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public static List<StatementCheck> ofEach(int instances, long seed) {
        var sampler = new Sampler(seed);
        var tallies = new Tallies();
        var families = Instance.Family.values();
        try (var progress = Progress.start("statements", (long) families.length * instances, "instances")) {
            for (var family : families) {
                for (var i = 0; i < instances; i++) {
                    tallies.add(
                            "instance " + i + " of " + family + ", seed " + seed,
                            Instance.random(sampler, family),
                            sampler);
                    progress.advance(1);
                }
            }
        }
        return tallies.checks();
    }

    private static StatementCheck of(String statement, Kind kind, double value) {
        boolean holds = kind == Kind.EQUALITY ? value <= EQUALITY : value >= -ROUNDING;
        return new StatementCheck(statement, kind, 1, holds ? 0 : 1, value);
    }

    private StatementCheck and(StatementCheck other) {
        var worse = kind == Kind.EQUALITY ? Math.max(worst, other.worst) : Math.min(worst, other.worst);
        return new StatementCheck(statement, kind, instances + other.instances, violations + other.violations, worse);
    }

    /** The checks so far. */
    static final class Tallies {
        private final Map<String, StatementCheck> tallies = new LinkedHashMap<>();
        private String instance;

        private void equality(String statement, double gap) {
            add(Kind.EQUALITY, statement, gap);
        }

        private void inequality(String statement, double slack) {
            add(Kind.INEQUALITY, statement, slack);
        }

        private void add(Kind kind, String statement, double value) {
            if (!Double.isFinite(value)) {
                throw new ArithmeticException(
                        statement + ": " + (kind == Kind.EQUALITY ? "gap " : "slack ") + value + " on " + instance
                                + "; a number there is not finite, which neither confirms nor violates the statement");
            }
            tallies.merge(statement, of(statement, kind, value), StatementCheck::and);
        }

        void add(String name, Instance it, Sampler sampler) {
            instance = name;
            var language = it.language();
            var task = it.task();
            var phi = it.phi();
            equality(
                    "P1: excess = KL(p*‖p)",
                    Statements.proposition1(language, phi, it.f()).gap());
            var firstOrder = Statements.proposition2(language, phi, it.f());
            equality("P2: Φp_f* = Φp*", firstOrder.stationarity());
            equality("P2: excess = KL(p_f*‖p_f)", firstOrder.excess().gap());
            var B = Vectors.normInfinity(it.v());
            equality(
                    "D1: duality gap of τ",
                    Statements.definition1(language, task, phi, B).gap());
            var transferability = Statements.definition2(language, task, phi, it.f());
            inequality("D2: γ_Φ ≥ γ(p_T)", transferability.gammaPhi() - transferability.gamma());
            inequality("T1, same v", Theorem.T1.of(it).slack());
            inequality("T1, best v of each side", Theorem.T1.ofBest(it).slack());
            inequality("T2 with γ(p_T), same λ", Theorem.T2.of(it).slack());
            inequality("T2 with γ_Φ, same λ", Theorem.T2_GAMMA_PHI.of(it).slack());
            inequality(
                    "T2 with γ_Φ, best λ of each side",
                    Theorem.T2_GAMMA_PHI.ofBest(it).slack());
            inequality("T3, closest affine map", Theorem.T3.of(it).slack());
            inequality("T4, f of a softmax model", Theorem.T4.of(it).slack());
            var quad = QuadOptimum.of(language, phi);
            var aside = sampler.perturbed(quad.f(), sampler.logUniform(1e-3, 1));
            var near = new Instance(language, task, phi, aside, it.lambda());
            inequality("T4, f near Quad's optimum", Theorem.T4.of(near).slack());
            equality(
                    "T4: excess = ½E‖Φᵀ(f-f*)‖²",
                    Math.abs(QuadOptimum.loss(language, phi, near.f())
                            - QuadOptimum.loss(language, phi, quad.f())
                            - quad.excess(language, phi, near.f())));
        }

        List<StatementCheck> checks() {
            return List.copyOf(tallies.values());
        }
    }
}
