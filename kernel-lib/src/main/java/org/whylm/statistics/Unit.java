package org.whylm.statistics;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/**
 * How a number is written.
 *
 * @param name {@code points} for a share that is shown in percentage points, else what stands behind the number; may be empty
 */
public record Unit(String name) {

    /** Shares, shown in percentage points. */
    public static final Unit POINTS = new Unit("points");

    /** A number with its interval, such as {@code +1.4 points [-0.5, +3.3]}. */
    public String of(Measured measured) {
        return measured.low() == measured.high()
                ? one(measured.value()) + suffix()
                : one(measured.value()) + suffix() + " [" + one(measured.low()) + ", " + one(measured.high()) + "]";
    }

    String threshold(double value) {
        return plain(isPoints() ? 100 * value : value) + suffix();
    }

    private boolean isPoints() {
        return name.equals("points");
    }

    private String one(double value) {
        return isPoints() ? String.format(Locale.ROOT, "%+.1f", 100 * value) : plain(value);
    }

    private String suffix() {
        return name.isEmpty() ? "" : " " + name;
    }

    private static String plain(double value) {
        if (!Double.isFinite(value)) {
            return String.valueOf(value);
        }
        var rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
        double size = Math.abs(value);
        return value == 0 ? "0" : size >= 1e-4 && size < 1e7 ? rounded.toPlainString() : rounded.toString();
    }
}
