package org.whylm.report;

/** What a run says about a claim of the paper. */
public sealed interface Verdict {

    /** The statistic satisfied the rule. */
    record Held(Statistic statistic) implements Verdict {
        @Override
        public String toString() {
            return "held: " + statistic;
        }
    }

    /** The statistic did not satisfy the rule. */
    record DidNotHold(Statistic statistic) implements Verdict {
        @Override
        public String toString() {
            return "did not hold: " + statistic;
        }
    }

    /** Nothing was measured. */
    record NotTested(String why) implements Verdict {
        @Override
        public String toString() {
            return "not tested: " + why;
        }
    }
}
