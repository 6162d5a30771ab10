package org.whylm.theory;

import java.util.function.DoubleUnaryOperator;

/** A loss {@code loss(score, y)}, {@code y ∈ {-1,+1}}, convex and 1-Lipschitz in the score. */
public enum Loss {
    /** {@code log(1 + exp(-y·score))}. */
    LOGISTIC(margin -> margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin),
    /** {@code max(0, 1 - y·score)}. */
    HINGE(margin -> Math.max(0, 1 - margin));

    private final DoubleUnaryOperator function;

    Loss(DoubleUnaryOperator function) {
        this.function = function;
    }

    /** The loss at the margin {@code y·score}. */
    double ofMargin(double margin) {
        return function.applyAsDouble(margin);
    }

    /** {@code loss(score, label)}, {@code label} being -1 or +1. */
    public double of(double score, int label) {
        return ofMargin(label * score);
    }

    /** The loss of the score 0, that of a classifier that knows nothing: {@code log 2} or 1. */
    public double chance() {
        return ofMargin(0);
    }
}
