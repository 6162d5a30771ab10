package org.whylm.report;

import java.util.Locale;

/**
 * A number with its 95% interval.
 *
 * @param value the estimate
 * @param low lower end of the interval, at most {@code value}
 * @param high upper end of the interval, at least {@code value}
 */
public record Statistic(double value, double low, double high) {

    public Statistic {
        if (!(low <= value && value <= high)) {
            throw new IllegalArgumentException(
                    "Not an interval around its value: " + low + " <= " + value + " <= " + high);
        }
    }

    /** A number that was computed and not sampled: its interval is itself. */
    public static Statistic exact(double value) {
        return new Statistic(value, value, value);
    }

    /** Four decimals and the interval in brackets. */
    @Override
    public String toString() {
        return low == high
                ? String.format(Locale.ROOT, "%.4f", value)
                : String.format(Locale.ROOT, "%.4f [%.4f, %.4f]", value, low, high);
    }
}
