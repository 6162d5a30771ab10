package org.whylm.theory;

import java.util.TreeMap;
import java.util.stream.IntStream;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.simple.SimpleMatrix;

/**
 * How natural a task is (D1): the least loss {@code τ} that word weights {@code v} of bounded size reach on next-word
 * distributions, by a convex programme with a certificate.
 *
 * @param tau {@code τ = ℓ_T(p*, v)}
 * @param B {@code ‖v‖_∞}, at most the given bound: the task is {@code (τ,B)}-natural
 * @param v {@code V}: the word weights
 * @param gap the duality gap: no {@code v} within the bound has a loss below {@code τ - gap}
 */
public record Naturalness(double tau, double B, double[] v, double gap) {

    private static final double REQUIRED_GAP = 1e-10;
    private static final double MAX_SHARPNESS = 1e14;
    private static final int SHARPER = 8;

    /** A centre has a gap of up to {@code 2V/t}, and {@code 2S/t} more with the hinge: from so many required ones of the first on it is certified. */
    private static final double LOOKED_AT = 100;

    private static final int MAX_STEPS = 60;
    private static final double FULL_STEP = 0.01;
    private static final double LAST_STEP = 1e-8;
    private static final double SHORTEST_STEP = 1e-12;

    /**
     * The least {@code ℓ_T(p, v)} over all {@code v ∈ R^V} with {@code ‖v‖_∞ ≤ B}.
     *
     * @param p {@code S×V}: next-word distributions, {@code p*} for D1, a model's for the left side of T1
     * @param B the bound, positive
     */
    public static Naturalness of(Task task, double[][] p, double B) {
        return new BarrierMethod(task, p, SimpleMatrix.identity(p[0].length), B).minimum();
    }

    /**
     * The least {@code ℓ_T(p, v)} over all {@code v} in the row span of {@code Φ} with {@code ‖v‖_∞ ≤ B}: naturalness with
     * respect to {@code Φ}, which is also the least loss of {@code λ} on the conditional means {@code Φp}.
     *
     * @param phi {@code Φ}; {@link Embeddings#coefficients} gives {@code λ} with {@code v = Φᵀλ}
     * @param p {@code S×V}: next-word distributions
     * @param B the bound, positive
     */
    public static Naturalness of(Task task, Embeddings phi, double[][] p, double B) {
        return new BarrierMethod(task, p, phi.rowSpace(), B).minimum();
    }

    /**
     * Minimises {@code Σ a_s loss(μ·x_s)} over {@code ‖Qᵀμ‖_∞ ≤ 1}, where {@code Q} has orthonormal rows, {@code v = B Qᵀμ}
     * and {@code x_s = B Q p_s}, by Newton steps on {@code t·loss - Σ_w log(1 - (Qᵀμ)_w²)} for growing {@code t}. The hinge's
     * slack variable has its own barrier and is minimised out.
     *
     * <p>Certificate: for any slopes {@code β_s ∈ [0,1]} and any {@code u} with {@code Qu = Σ a_s y_s β_s x_s}, weak duality
     * bounds the minimum from below by {@code Σ a_s g(β_s) - ‖u‖₁}, {@code g} being {@code β} (hinge) or the binary entropy
     * (logistic). The barrier supplies {@code β} and {@code u}; a projection makes {@code Qu} exact.
     */
    private static final class BarrierMethod {
        private final Task task;
        private final double[][] p;
        private final SimpleMatrix basis;
        private final double B;
        private final int[] contexts;
        private final SimpleMatrix margins;

        BarrierMethod(Task task, double[][] p, SimpleMatrix basis, double B) {
            if (!(B > 0 && Double.isFinite(B))) {
                throw new IllegalArgumentException("B = " + B + " is not a positive number");
            }
            Vectors.requireShape("p", p, task.contexts(), basis.getNumCols());
            this.task = task;
            this.p = p;
            this.basis = basis;
            this.B = B;
            contexts =
                    IntStream.range(0, p.length).filter(s -> task.pT()[s] > 0).toArray();
            var signed = new SimpleMatrix(contexts.length, basis.getNumCols());
            for (var i = 0; i < contexts.length; i++) {
                signed.setRow(i, 0, Vectors.scaled(p[contexts[i]], B * task.labels()[contexts[i]]));
            }
            margins = signed.mult(basis.transpose());
        }

        Naturalness minimum() {
            var mu = new SimpleMatrix(basis.getNumRows(), 1);
            var best = certified(mu, 1);
            var previous = mu;
            var passed = new TreeMap<Double, SimpleMatrix>();
            for (var t = 1.0; t <= MAX_SHARPNESS && best.gap > REQUIRED_GAP; t *= SHARPER) {
                // Centres approach the minimum about as 1/t does 0.
                var ahead = mu.plus(mu.minus(previous).scale(1.0 / SHARPER));
                previous = mu;
                mu = center(value(ahead, t) < value(mu, t) ? ahead : mu, t);
                if (2 * basis.getNumCols() / t <= LOOKED_AT * REQUIRED_GAP) {
                    best = better(best, certified(mu, t));
                } else {
                    passed.put(t, mu);
                }
            }
            // Where the barrier breaks down before its end a centre on the way there is the best.
            for (var t : passed.descendingKeySet()) {
                if (best.gap > REQUIRED_GAP) {
                    best = better(best, certified(passed.get(t), t));
                }
            }
            return best;
        }

        private static Naturalness better(Naturalness best, Naturalness candidate) {
            return candidate.gap < best.gap ? candidate : best;
        }

        private SimpleMatrix center(SimpleMatrix start, double t) {
            var mu = start;
            var previous = Double.POSITIVE_INFINITY;
            for (var step = 0; step < MAX_STEPS; step++) {
                var u = basis.transpose().mult(mu);
                var m = margins.mult(mu);
                // The Hessian is RᵀR and the gradient Rᵀr: least squares keep the condition number at its root.
                var root = margins.concatRows(basis.transpose());
                var scales = new double[root.getNumRows()];
                var residual = new SimpleMatrix(scales.length, 1);
                for (var i = 0; i < contexts.length; i++) {
                    var ta = t * task.pT()[contexts[i]];
                    scales[i] = Math.sqrt(ta * curvature(m.get(i), ta));
                    residual.set(i, scales[i] == 0 ? 0 : -ta * slope(m.get(i), ta) / scales[i]);
                }
                for (var w = 0; w < u.getNumElements(); w++) {
                    var scale = Math.sqrt(2 + 2 * u.get(w) * u.get(w));
                    scales[contexts.length + w] = scale / ((1 - u.get(w)) * (1 + u.get(w)));
                    residual.set(contexts.length + w, 2 * u.get(w) / scale);
                }
                CommonOps_DDRM.multRows(scales, root.getDDRM());
                var direction = root.solve(residual).negative();
                var predicted = root.mult(direction);
                var decrement = predicted.dot(predicted);
                // Close to the centre a full step is right, and the value, of the size of t, too coarse to search by.
                if (decrement < FULL_STEP && !(decrement < previous)) {
                    break;
                }
                previous = decrement;
                var length = 1.0;
                if (decrement >= FULL_STEP) {
                    var value = value(mu, t);
                    while (length > SHORTEST_STEP
                            && !(value(mu.plus(direction.scale(length)), t) <= value - 0.1 * length * decrement)) {
                        length /= 2;
                    }
                }
                var next = mu.plus(direction.scale(length));
                if (length <= SHORTEST_STEP || !(basis.transpose().mult(next).elementMaxAbs() < 1)) {
                    break;
                }
                mu = next;
                if (decrement < LAST_STEP) { // what is left is about its square
                    break;
                }
            }
            return mu;
        }

        private double value(SimpleMatrix mu, double t) {
            var u = basis.transpose().mult(mu);
            var value = 0.0;
            for (var w = 0; w < u.getNumElements(); w++) {
                value -= Math.log((1 - u.get(w)) * (1 + u.get(w)));
            }
            var m = margins.mult(mu);
            for (var i = 0; i < contexts.length; i++) {
                value += smoothed(m.get(i), t * task.pT()[contexts[i]]);
            }
            return value;
        }

        /** {@code ta·loss}; for the hinge {@code min over ξ > max(0, k)} of {@code ta·ξ - log ξ - log(ξ-k)}, {@code k = 1-m}. */
        private double smoothed(double margin, double ta) {
            if (task.loss() == Loss.LOGISTIC) {
                return ta * Loss.LOGISTIC.ofMargin(margin);
            }
            var z = ta * (1 - margin);
            var above = (2 - z + Math.hypot(z, 2)) / (2 * ta);
            var xi = (2 + z + Math.hypot(z, 2)) / (2 * ta);
            return ta * xi - Math.log(xi) - Math.log(z > 0 ? aboveKink(z) / ta : above);
        }

        /** {@code ta·(ξ-k)} without cancellation for {@code z = ta·k > 0}. */
        private static double aboveKink(double z) {
            return z > 0 ? 1 + 2 / (z + Math.hypot(z, 2)) : (2 - z + Math.hypot(z, 2)) / 2;
        }

        /** {@code β ∈ (0,1)}: minus the slope of the smoothed loss in the margin. */
        private double slope(double margin, double ta) {
            return task.loss() == Loss.LOGISTIC ? 1 / (1 + Math.exp(margin)) : 1 / aboveKink(ta * (1 - margin));
        }

        private double curvature(double margin, double ta) {
            var beta = slope(margin, ta);
            if (task.loss() == Loss.LOGISTIC) {
                return beta / (1 + Math.exp(-margin));
            }
            var z = ta * (1 - margin);
            var root = Math.hypot(z, 2);
            var share = z > 0 ? 4 / (root * (root + z)) : (root - z) / root;
            return ta * beta * beta * share / 2;
        }

        private Naturalness certified(SimpleMatrix mu, double t) {
            var u = Vectors.elements(basis.transpose().mult(mu));
            var v = Vectors.scaled(u, B);
            var m = margins.mult(mu);
            var weights = new SimpleMatrix(contexts.length, 1);
            var slopes = new SimpleMatrix(contexts.length, 1);
            for (var i = 0; i < contexts.length; i++) {
                weights.set(i, task.pT()[contexts[i]]);
                slopes.set(i, slope(m.get(i), t * weights.get(i)));
            }
            var multipliers = new SimpleMatrix(u.length, 1);
            for (var w = 0; w < u.length; w++) {
                multipliers.set(w, 2 * u[w] / (t * (1 - u[w]) * (1 + u[w])));
            }
            correct(multipliers, slopes, weights);
            var dual = -Vectors.norm1(Vectors.elements(multipliers));
            for (var i = 0; i < contexts.length; i++) {
                dual += weights.get(i) * (task.loss() == Loss.LOGISTIC ? binaryEntropy(slopes.get(i)) : slopes.get(i));
            }
            var tau = task.loss(p, v);
            return new Naturalness(tau, Vectors.normInfinity(v), v, tau - dual);
        }

        /**
         * Makes {@code Qu = Σ a_s y_s β_s x_s} exact: first by the least relative changes of {@code u} and {@code β}, which
         * leave alone what complementary slackness wants at 0, then, for rounding, by a projection.
         */
        private void correct(SimpleMatrix multipliers, SimpleMatrix slopes, SimpleMatrix weights) {
            var words = multipliers.getNumElements();
            var room = slopes.elementMult(slopes.negative().plus(1));
            var scales = multipliers
                    .elementOp((int row, int column, double value) -> Math.abs(value))
                    .concatRows(weights.elementMult(room).negative());
            var jacobian = basis.concatColumns(margins.transpose());
            CommonOps_DDRM.multCols(jacobian.getDDRM(), scales.getDDRM().getData());
            var change = Embeddings.pseudoInverse(jacobian).mult(missing(multipliers, slopes, weights));
            multipliers.setTo(multipliers.plus(scales.rows(0, words).elementMult(change.rows(0, words))));
            for (var i = 0; i < contexts.length; i++) {
                slopes.set(i, Math.min(1, Math.max(0, slopes.get(i) + room.get(i) * change.get(words + i))));
            }
            multipliers.setTo(multipliers.plus(basis.transpose().mult(missing(multipliers, slopes, weights))));
        }

        /** {@code Σ a_s y_s β_s x_s - Qu}. */
        private SimpleMatrix missing(SimpleMatrix multipliers, SimpleMatrix slopes, SimpleMatrix weights) {
            return margins.transpose().mult(weights.elementMult(slopes)).minus(basis.mult(multipliers));
        }

        private static double binaryEntropy(double beta) {
            return Distributions.entropy(new double[] {beta, 1 - beta});
        }
    }
}
