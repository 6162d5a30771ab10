package org.whylm.report;

/**
 * One claim of the paper and what decides it, both fixed before the run in {@code notebooks/findings.json}.
 *
 * @param id unique short name
 * @param notebook the notebook that decides it, without {@code .ipynb}
 * @param claim the claim, a sentence
 * @param source where the paper makes it
 * @param statistic name of the number that decides it
 * @param rule threshold, such as {@code low >= 0.02}
 */
public record Finding(String id, String notebook, String claim, String source, String statistic, Rule rule) {

    /**
     * A threshold on one end of a 95% interval, or on the estimate.
     *
     * @param bound {@code low}, {@code value} or {@code high}
     * @param relation {@code >=} or {@code <=}
     * @param threshold the number it is compared with
     */
    public record Rule(String bound, String relation, double threshold) {

        public Rule {
            if (!bound.matches("low|value|high") || !relation.matches(">=|<=")) {
                throw new IllegalArgumentException("A rule is \"low|value|high >=|<= number\", not \"" + bound + " "
                        + relation + " " + threshold + "\"");
            }
        }

        boolean holds(Statistic statistic) {
            var number =
                    switch (bound) {
                        case "low" -> statistic.low();
                        case "high" -> statistic.high();
                        default -> statistic.value();
                    };
            return relation.equals(">=") ? number >= threshold : number <= threshold;
        }

        @Override
        public String toString() {
            return bound + " " + relation + " " + threshold;
        }
    }

    /** The verdict that follows from a statistic, and from nothing else. */
    Verdict decide(Statistic measured) {
        return rule.holds(measured) ? new Verdict.Held(measured) : new Verdict.DidNotHold(measured);
    }
}
