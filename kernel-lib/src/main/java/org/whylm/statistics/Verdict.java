package org.whylm.statistics;

import java.util.Locale;
import java.util.Optional;

/** What a run says about a claim. */
public sealed interface Verdict {

    /** One that numbers led to. */
    sealed interface Tested extends Verdict {
        Measured statistic();

        @Override
        default Optional<Measured> measured() {
            return Optional.of(statistic());
        }
    }

    /** The whole 95% interval is on the claim's side of the threshold. */
    record Held(Measured statistic) implements Tested {
        @Override
        public String toString() {
            return "held";
        }
    }

    /** The whole interval is on the other side. */
    record Refuted(Measured statistic) implements Tested {
        @Override
        public String toString() {
            return "refuted";
        }
    }

    /** The threshold is inside the interval. */
    record Undecided(Measured statistic) implements Tested {
        /** What would decide it. */
        public String wouldDecide() {
            if (statistic.needed().isPresent()) {
                return String.format(
                        Locale.ROOT,
                        "at this effect about %,d test sentences would decide, %,d were used",
                        statistic.needed().get(),
                        statistic.n());
            }
            return statistic.n() == 0
                    ? "the threshold is inside the interval"
                    : "no number of test sentences in reach would decide at this effect";
        }

        @Override
        public String toString() {
            return "undecided";
        }
    }

    /** Nothing was measured, or nothing that could decide. */
    record NotTested(String why) implements Verdict {
        @Override
        public Optional<Measured> measured() {
            return Optional.empty();
        }

        @Override
        public String toString() {
            return "not tested";
        }
    }

    /** The numbers that led to it; none if it was not tested. */
    Optional<Measured> measured();

    /** The verdict with what explains it: what would decide, or why nothing was tested. */
    default String explained() {
        if (this instanceof Undecided open) {
            return this + ": " + open.wouldDecide();
        }
        return this instanceof NotTested none ? this + ": " + none.why() : toString();
    }
}
