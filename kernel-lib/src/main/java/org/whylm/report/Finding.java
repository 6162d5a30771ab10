package org.whylm.report;

import java.util.regex.Pattern;

/**
 * One claim of the paper on one subject, and what decides it; all of it fixed before the run in
 * {@code notebooks/findings.json}.
 *
 * @param id short name of the claim
 * @param subject what it is tested on, such as a task
 * @param notebook the notebook that decides it, without {@code .ipynb}
 * @param claim the claim, a sentence
 * @param source where the paper makes it
 * @param statistic what the number is that decides it
 * @param rule threshold on one end of its 95% interval or on the estimate: {@code low}, {@code value} or {@code high}, then
 *     {@code >}, {@code >=}, {@code <} or {@code <=}, then a number
 */
public record Finding(
        String id, String subject, String notebook, String claim, String source, String statistic, String rule) {

    private static final Pattern RULE =
            Pattern.compile("(low|value|high) (>=|<=|>|<) (-?[0-9]+(?:\\.[0-9]+)?(?:e-?[0-9]+)?)");

    public Finding {
        if (!RULE.matcher(rule).matches()) {
            throw new IllegalArgumentException("The rule of " + id + " on " + subject + " is \"" + rule
                    + "\"; a rule is low, value or high, then >, >=, < or <=, then a number");
        }
    }

    /** The verdict that follows from a statistic, and from nothing else. */
    public Verdict decide(Statistic measured) {
        var parts = RULE.matcher(rule);
        parts.matches();
        var number =
                switch (parts.group(1)) {
                    case "low" -> measured.low();
                    case "high" -> measured.high();
                    default -> measured.value();
                };
        var threshold = Double.parseDouble(parts.group(3));
        var holds =
                switch (parts.group(2)) {
                    case ">" -> number > threshold;
                    case ">=" -> number >= threshold;
                    case "<" -> number < threshold;
                    default -> number <= threshold;
                };
        return holds ? new Verdict.Held(measured) : new Verdict.DidNotHold(measured);
    }
}
