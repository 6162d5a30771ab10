package org.whylm.theory;

/** The two sides of an equality that a statement claims. */
public record Equality(double left, double right) {

    /** {@code |left - right|}. */
    public double gap() {
        return Math.abs(left - right);
    }
}
