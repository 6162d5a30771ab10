package org.whylm.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.whylm.statistics.Holm;
import org.whylm.statistics.Measured;
import org.whylm.statistics.Verdict;

/**
 * The verdicts of a run, and which of the primary ones are left when all of them are corrected for their number.
 *
 * @param verdicts of every claim on each subject
 * @param adjusted Holm's p-values of the primary ones that a sample decided or left open
 */
record CorrectedVerdicts(Map<Finding, Verdict> verdicts, Map<Finding, Double> adjusted) {

    private static final double LEVEL = 0.05;

    static CorrectedVerdicts of(Map<Finding, Verdict> verdicts) {
        var tested = verdicts.keySet().stream()
                .filter(finding -> finding.claim().isPrimary() && p(verdicts.get(finding)) <= 1)
                .toList();
        var p = Holm.adjusted(
                tested.stream().mapToDouble(finding -> p(verdicts.get(finding))).toArray());
        var adjusted = new LinkedHashMap<Finding, Double>();
        for (int i = 0; i < p.length; i++) {
            adjusted.put(tested.get(i), p[i]);
        }
        return new CorrectedVerdicts(verdicts, adjusted);
    }

    /** NaN where there is none. */
    private static double p(Verdict verdict) {
        return verdict.measured().flatMap(Measured::p).orElse(Double.NaN);
    }

    /** Whether a sample, or a computation, told something of a claim on a subject. */
    boolean isTested(Finding finding) {
        return verdicts.get(finding).measured().isPresent();
    }

    /** The primary claims on each subject. */
    List<Finding> primary() {
        return verdicts.keySet().stream()
                .filter(finding -> finding.claim().isPrimary())
                .toList();
    }

    /** Whether a verdict that held or was refuted is open after the correction. */
    boolean isLost(Finding finding) {
        var verdict = verdicts.get(finding);
        boolean decided = verdict instanceof Verdict.Held || verdict instanceof Verdict.Refuted;
        return decided && adjusted.getOrDefault(finding, 0.0) >= LEVEL;
    }

    /** How many verdicts are of a kind. */
    long count(Class<? extends Verdict> kind) {
        return verdicts.values().stream().filter(kind::isInstance).count();
    }
}
