package org.whylm.theory;

import java.util.Locale;

/** The two sides of an equality that a statement claims. */
public record Equality(double left, double right) {

    /** {@code |left - right|}. */
    public double gap() {
        return Math.abs(left - right);
    }

    /** Both sides to ten digits, and their gap. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.10g = %.10g   (gap %.1e)", left, right, gap());
    }
}
