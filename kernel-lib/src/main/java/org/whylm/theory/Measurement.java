package org.whylm.theory;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.whylm.objective.AffineMap;
import org.whylm.theory.ExactModel.Recipe;

/**
 * All that the statements say of a model of a known language and a task, with both of their sides.
 *
 * @param epsilon {@code ε}: in nats over the entropy; of a model trained by Quad {@code ½ E‖Φᵀf - p*‖²}, its excess over
 *     {@code p*} itself
 * @param affinity R² of the best affine map of {@code f} for {@code Φp_f} under {@code p_L} (L1); NaN for Quad
 * @param bounds T1, T2, T2 with γ_Φ and T3 of a model trained by cross-entropy, T4 of one trained by Quad
 * @param downstream the least loss within {@code B} of the task's features; of Quad's {@code f} alone
 * @param steps of T1's proof
 */
public record Measurement(
        ExactModel model,
        ExactTask task,
        double epsilon,
        double affinity,
        Map<String, Bound> bounds,
        Map<String, Downstream> downstream,
        Optional<ProofSteps> steps) {

    /**
     * The best classifier within {@code B} of some features.
     *
     * @param loss its loss
     * @param error how much of {@code p_T} it gets wrong
     */
    public record Downstream(double loss, double error) {}

    /** The least loss of features. */
    public double loss(String features) {
        return downstream.get(features).loss();
    }

    /** The least loss of features less {@code τ}. */
    public double aboveTau(String features) {
        return loss(features) - task.natural().tau();
    }

    /** The model measured on each task, in their order. */
    public static Map<String, Measurement> of(ExactModel model, FiniteLanguage language, Iterable<ExactTask> tasks) {
        var measured = new LinkedHashMap<String, Measurement>();
        if (model.recipe() == Recipe.CROSS_ENTROPY) {
            var softmax = new Softmax(model, language);
            tasks.forEach(task -> measured.put(task.name(), softmax.on(task)));
        } else {
            tasks.forEach(task -> measured.put(task.name(), ofQuad(model, language, task)));
        }
        return measured;
    }

    /** The part that all tasks share. */
    private record Softmax(
            ExactModel model, FiniteLanguage language, double[][] p, SoftmaxOptimum optimum, double affinity) {

        Softmax(ExactModel model, FiniteLanguage language) {
            this(
                    model,
                    language,
                    model.phi().softmax(model.f()),
                    SoftmaxOptimum.of(language, model.phi()),
                    Measurement.affinity(language.pL(), model));
        }

        Measurement on(ExactTask it) {
            var phi = model.phi();
            var f = model.f();
            var task = it.task();
            var natural = Naturalness.of(task, phi, language.pStar(), it.B());
            var lambda = phi.coefficients(natural.v());
            var affine = AffineRegression.leastSquares(task.pT(), f, phi.conditionalMean(p));
            var theorem1 =
                    Statements.theorem1(language, task, phi, f, it.natural().v());
            var theorem2 = Statements.theorem2(language, task, phi, optimum, f, lambda);
            var bounds = new LinkedHashMap<String, Bound>();
            bounds.put("T1", theorem1);
            bounds.put("T2", theorem2.byGamma());
            bounds.put("T2 with γ_Φ", theorem2.byGammaPhi());
            bounds.put("T3", Statements.theorem3(task, phi, f, lambda, affine, theorem2));
            var downstream = new LinkedHashMap<String, Downstream>();
            it.features().forEach(features -> downstream.put(features, best(it, features, affine)));
            var steps = ProofSteps.of(language, task, p, it.natural().v());
            return new Measurement(model, it, theorem1.epsilon(), affinity, bounds, downstream, Optional.of(steps));
        }

        private Downstream best(ExactTask it, String features, AffineMap affine) {
            return switch (features) {
                case "p_f" -> Measurement.best(it.task(), p, Naturalness.of(it.task(), p, it.B()));
                case "Φp_f" -> Measurement.best(it, model.phi(), p);
                case "f" -> Measurement.best(it, model.phi(), affineImages(affine, model.phi(), model.f()));
                default -> throw new IllegalArgumentException("No features " + features);
            };
        }
    }

    private static Measurement ofQuad(ExactModel model, FiniteLanguage language, ExactTask it) {
        var phi = model.phi();
        var natural = Naturalness.of(it.task(), phi, language.pStar(), it.B());
        var lambda = phi.coefficients(natural.v());
        var products = Vectors.rows(model.f().length, s -> phi.transposed(model.f()[s]));
        var epsilon =
                Distributions.mean(language.pL(), s -> Vectors.squaredDistance(products[s], language.pStar()[s]) / 2);
        var best = Map.of("f", best(it, phi, products));
        var bounds = Map.of("T4", Statements.theorem4(language, it.task(), phi, model.f(), lambda));
        return new Measurement(model, it, epsilon, Double.NaN, bounds, best, Optional.empty());
    }

    private static Downstream best(ExactTask it, Embeddings phi, double[][] features) {
        return best(it.task(), features, Naturalness.of(it.task(), phi, features, it.B()));
    }

    private static Downstream best(Task task, double[][] features, Naturalness best) {
        return new Downstream(best.tau(), task.error(features, best.v()));
    }

    /**
     * {@code S×V} vectors with {@code Φq(s) = Af(s) + b}: for {@code v = Φᵀλ} the score {@code v·q} is that of T3's classifier,
     * {@code Aᵀλ} with the intercept {@code λ·b}.
     */
    private static double[][] affineImages(AffineMap affine, Embeddings phi, double[][] f) {
        var inverse = phi.pseudoInverse();
        return Vectors.rows(f.length, s -> Vectors.elements(inverse.mult(Vectors.column(affine.apply(f[s])))));
    }

    private static double affinity(double[] weights, ExactModel model) {
        var means = model.phi().conditionalMean(model.phi().softmax(model.f()));
        var affine = AffineRegression.leastSquares(weights, model.f(), means);
        var center = new double[means[0].length];
        Arrays.setAll(center, i -> Distributions.mean(weights, s -> means[s][i]));
        var error = Distributions.mean(weights, s -> Vectors.squaredDistance(means[s], affine.apply(model.f()[s])));
        return 1 - error / Distributions.mean(weights, s -> Vectors.squaredDistance(means[s], center));
    }
}
