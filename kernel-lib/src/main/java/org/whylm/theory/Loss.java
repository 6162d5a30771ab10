package org.whylm.theory;

/** A loss {@code loss(score, y)}, {@code y ∈ {-1,+1}}, convex and 1-Lipschitz in the score. */
public enum Loss {
    /** {@code log(1 + exp(-y·score))}. */
    LOGISTIC {
        @Override
        double ofMargin(double margin) {
            return margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
        }
    },
    /** {@code max(0, 1 - y·score)}. */
    HINGE {
        @Override
        double ofMargin(double margin) {
            return Math.max(0, 1 - margin);
        }
    };

    /** The loss at the margin {@code y·score}. */
    abstract double ofMargin(double margin);

    /** {@code loss(score, label)}, {@code label} being -1 or +1. */
    public double of(double score, int label) {
        return ofMargin(label * score);
    }

    /** The loss of the score 0, that of a classifier that knows nothing: {@code log 2} or 1. */
    public double chance() {
        return ofMargin(0);
    }
}
