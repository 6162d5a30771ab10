package org.whylm.theory;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.whylm.lm.OutputEmbeddings;
import org.whylm.probe.LinearClassification;
import org.whylm.run.Matrices;
import org.whylm.statistics.Statistic;

/**
 * What T1 and T2 say about a real language model, of which {@code p*}, {@code ε} and {@code γ} are unknown. The measured loss
 * is that of the model's {@code p_f}, not {@code τ}; for one and the same classifier the two differ by at most
 * {@code sqrt(2B²ε/γ)}, in either direction.
 *
 * @param loss {@code ℓ_T(p_f, v)} on held-out examples, an intercept included
 * @param B half the range of the word weights {@code v}: a constant added to them changes no difference of two distributions
 * @param chance the loss of a classifier that knows nothing: {@code log k} for {@code k} classes
 */
public record MeasuredBound(double loss, double B, double chance) {

    /**
     * The {@code ε/γ} (nats) from which on no classifier of a balanced task with two classes, learnt or not, has a bound below chance:
     * a score within {@code ±B} has a logistic loss of at least {@code log(1 + exp(-B))}, which with {@code B·sqrt(2ε/γ)} added is
     * never below {@code log 2} if {@code sqrt(2ε/γ) ≥ ½}, its steepest fall.
     */
    public static final double HOPELESS_FROM = 1.0 / 8;

    /**
     * The bound of a classifier with word weights for each class, the largest half range of a difference {@code v_j - v_k}.
     *
     * @param loss the softmax loss measured
     * @param v {@code k×V}; two rows, {@code 0} and {@code v}, for a binary classifier. Words that the features leave out
     *     have the weight 0 and belong in here (one such column is enough)
     */
    public static MeasuredBound of(double loss, double[][] v) {
        var B = 0.0;
        for (var j = 1; j < v.length; j++) {
            for (var k = 0; k < j; k++) {
                B = Math.max(B, halfRange(Vectors.minus(v[j], v[k])));
            }
        }
        return new MeasuredBound(loss, B, Math.log(v.length));
    }

    /**
     * T1 for a classifier of the probabilities of a few words: all other words have the weight 0.
     *
     * @param words a logistic regression on word probabilities
     */
    public static MeasuredBound ofWordProbabilities(LinearClassification words) {
        var rows = words.model().perClass().weights();
        return of(words.testLogLoss(), Vectors.rows(rows.length, j -> Arrays.copyOf(rows[j], rows[j].length + 1)));
    }

    /**
     * T2 for a classifier {@code λ} of conditional means: {@code v = Φᵀλ} on the whole vocabulary.
     *
     * @param means a logistic regression on {@code Φp_f}
     * @param phi {@code Φ}
     */
    public static MeasuredBound ofConditionalMeans(LinearClassification means, OutputEmbeddings phi) {
        var words = IntStream.range(0, phi.vocabularySize()).toArray();
        var lambda = Arrays.stream(means.model().perClass().weights())
                .map(row -> Matrices.floats(new double[][] {row}))
                .toArray(float[][]::new);
        return of(means.testLogLoss(), Matrices.doubles(phi.logits(lambda, words)));
    }

    /** {@code (max_w v_w - min_w v_w) / 2}: the least {@code ‖v + c‖_∞} of any constant {@code c}. */
    private static double halfRange(double[] v) {
        var range = Arrays.stream(v).summaryStatistics();
        return (range.getMax() - range.getMin()) / 2;
    }

    /**
     * {@code sqrt(2B²ε/γ)}: how far the measured loss may be from the true distribution's.
     *
     * @param epsilonOverGamma {@code ε/γ} in nats
     */
    public double transfer(double epsilonOverGamma) {
        return B * Math.sqrt(2 * epsilonOverGamma);
    }

    /** Whether even a task with {@code τ = 0} has a bound no better than chance at {@code ε/γ}. */
    public boolean vacuous(double epsilonOverGamma) {
        return transfer(epsilonOverGamma) >= chance;
    }

    /**
     * How far the bound is above chance at least, in nats, as {@code γ(p_T) ≤ 1} and {@code τ ≥ 0}; in a balanced task with two classes
     * {@code τ ≥ log(1 + exp(-B))}.
     *
     * @param epsilon a lower bound of {@code ε}, in nats
     */
    public Statistic aboveChance(Statistic epsilon) {
        double tau = chance == Math.log(2) ? Math.log1p(Math.exp(-B)) : 0;
        return Statistic.between(
                tau + transfer(Math.max(0, epsilon.value())) - chance,
                tau + transfer(Math.max(0, epsilon.low())) - chance,
                tau + transfer(Math.max(0, epsilon.high())) - chance);
    }

    /** The {@code ε/γ} (nats) from which on the bound is vacuous: {@code chance² / (2B²)}, the most that {@code τ = 0} allows. */
    public double vacuousFrom() {
        return chance * chance / (2 * B * B);
    }
}
