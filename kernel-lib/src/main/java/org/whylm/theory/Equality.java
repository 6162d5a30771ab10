package org.whylm.theory;

import java.util.Locale;

/** The two sides of an equality that a statement claims. */
public record Equality(double left, double right) {

    /** {@code |left - right|}; 0 between equal infinities, such as both sides of P1 where a model misses a word of {@code p*}. */
    public double gap() {
        return left == right ? 0 : Math.abs(left - right);
    }

    /** Both sides to ten digits, and their gap. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.10g = %.10g   (gap %.1e)", left, right, gap());
    }
}
