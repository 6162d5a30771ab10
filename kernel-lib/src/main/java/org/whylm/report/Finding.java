package org.whylm.report;

import org.whylm.statistics.Rule;

/**
 * A claim on one subject.
 *
 * @param subject what it is tested on, such as a task
 */
public record Finding(Claim claim, String subject) {

    /** @throws IllegalArgumentException if the claim has no rule for the subject */
    public Finding {
        if (!claim.rules().containsKey(subject)) {
            throw new IllegalArgumentException(claim.id() + " has no rule for " + subject);
        }
    }

    /** On which side of a threshold the whole 95% interval must be. */
    public Rule rule() {
        return Rule.of(claim.rules().get(subject));
    }
}
