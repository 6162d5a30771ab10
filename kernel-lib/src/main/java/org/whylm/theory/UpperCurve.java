package org.whylm.theory;

import java.util.ArrayList;
import java.util.function.DoubleUnaryOperator;
import org.hipparchus.optim.linear.LinearConstraint;
import org.hipparchus.optim.linear.LinearConstraintSet;
import org.hipparchus.optim.linear.LinearObjectiveFunction;
import org.hipparchus.optim.linear.NonNegativeConstraint;
import org.hipparchus.optim.linear.Relationship;
import org.hipparchus.optim.linear.SimplexSolver;
import org.hipparchus.optim.nonlinear.scalar.GoalType;

/**
 * What the downstream loss of models may be as a function of their excess {@code ε} in pre-training: {@code a + b·sqrt(ε)}, the form
 * of T1 and T2, or {@code a + b·ε} to compare it with.
 *
 * @param rate how it depends on {@code ε}
 * @param a at least 0, in nats: the {@code τ} of the theorems
 * @param b at least 0: their {@code sqrt(2B²/γ)} where the rate is the square root
 */
public record UpperCurve(Rate rate, double a, double b) {

    /** How the loss grows with the excess. */
    public enum Rate {
        SQUARE_ROOT(Math::sqrt),
        LINEAR(excess -> excess);

        private final DoubleUnaryOperator function;

        Rate(DoubleUnaryOperator function) {
            this.function = function;
        }

        double of(double excess) {
            return function.applyAsDouble(excess);
        }
    }

    /**
     * The curve closest above some points: of those with {@code a, b ≥ 0} and no point above them, the one with the least sum of
     * distances. A linear programme in {@code a} and {@code b}.
     *
     * @param excess {@code ε} of each model, at least 0, in nats
     * @param loss downstream loss of each model, at least 0, in nats
     * @throws IllegalArgumentException if there is no point, lengths differ, or a number is negative or not finite
     */
    public static UpperCurve closestAbove(Rate rate, double[] excess, double[] loss) {
        int n = excess.length;
        if (n == 0 || loss.length != n) {
            throw new IllegalArgumentException(n + " values of ε and " + loss.length + " losses");
        }
        var above = new ArrayList<LinearConstraint>();
        double slopes = 0;
        for (int i = 0; i < n; i++) {
            if (!(excess[i] >= 0 && loss[i] >= 0) || Double.isInfinite(excess[i] + loss[i])) {
                throw new IllegalArgumentException("Point " + i + " is ε = " + excess[i] + ", loss = " + loss[i]
                        + ": both must be finite, at least 0");
            }
            double slope = rate.of(excess[i]);
            slopes += slope;
            above.add(new LinearConstraint(new double[] {1, slope}, Relationship.GEQ, loss[i]));
        }
        var solution = new SimplexSolver()
                .optimize(
                        new LinearObjectiveFunction(new double[] {n, slopes}, 0),
                        new LinearConstraintSet(above),
                        GoalType.MINIMIZE,
                        new NonNegativeConstraint(true));
        return new UpperCurve(rate, solution.getPoint()[0], solution.getPoint()[1]);
    }

    /** The value at an excess. */
    public double at(double excess) {
        return a + b * rate.of(excess);
    }
}
