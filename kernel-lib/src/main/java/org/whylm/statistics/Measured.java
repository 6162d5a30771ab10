package org.whylm.statistics;

import java.util.Optional;

/**
 * A statistic against a threshold, as numbers: the estimate and its 95% interval.
 *
 * @param p two-sided p-value of the threshold; none where nothing was sampled, or only the 95% interval is known
 * @param n independent units that were sampled, such as test sentences; 0 if unknown
 * @param needed how many units would put the threshold outside of the interval if the estimate stayed; none if no number would
 * @param trainingShare share of the variance that comes from which training examples were drawn
 */
public record Measured(
        double value, double low, double high, Optional<Double> p, int n, Optional<Long> needed, double trainingShare) {

    /** A statistic against a threshold. */
    public static Measured of(Statistic statistic, double threshold) {
        double p = statistic.p(threshold);
        var needed = statistic.needed(threshold);
        return new Measured(
                statistic.value(),
                statistic.low(),
                statistic.high(),
                Double.isNaN(p) ? Optional.empty() : Optional.of(p),
                statistic.n(),
                needed.isPresent() ? Optional.of(needed.getAsLong()) : Optional.empty(),
                statistic.trainingShare());
    }
}
