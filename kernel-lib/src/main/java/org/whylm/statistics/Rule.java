package org.whylm.statistics;

import java.util.regex.Pattern;

/**
 * What a claim says of a number: on which side of a threshold it is.
 *
 * @param side {@code >}, {@code >=}, {@code <} or {@code <=}
 * @param threshold what the number is compared with
 */
public record Rule(String side, double threshold) {

    private static final Pattern RULE = Pattern.compile("(>=|<=|>|<) (-?[0-9]+(?:\\.[0-9]+)?(?:e-?[0-9]+)?)");

    /**
     * A rule as it is written, such as {@code > -0.08}.
     *
     * @throws IllegalArgumentException if it is not of that form
     */
    public static Rule of(String text) {
        var parts = RULE.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "The rule is \"" + text + "\"; a rule is >, >=, < or <=, a space, then a number");
        }
        return new Rule(parts.group(1), Double.parseDouble(parts.group(2)));
    }

    /** The verdict that follows from a statistic, and from nothing else. */
    public Verdict decide(Statistic statistic) {
        return decide(Measured.of(statistic, threshold));
    }

    /** The same from numbers that were kept. */
    public Verdict decide(Measured measured) {
        if (holds(measured.low()) && holds(measured.high())) {
            return new Verdict.Held(measured);
        }
        return holds(measured.low()) || holds(measured.high())
                ? new Verdict.Undecided(measured)
                : new Verdict.Refuted(measured);
    }

    private boolean holds(double number) {
        return switch (side) {
            case ">" -> number > threshold;
            case ">=" -> number >= threshold;
            case "<" -> number < threshold;
            default -> number <= threshold;
        };
    }

    /** The rule in words, such as {@code more than -8 points}. */
    public String words(Unit unit) {
        return switch (side) {
                    case ">" -> "more than ";
                    case ">=" -> "at least ";
                    case "<" -> "less than ";
                    default -> "at most ";
                }
                + unit.threshold(threshold);
    }

    @Override
    public String toString() {
        return side + " " + threshold;
    }
}
