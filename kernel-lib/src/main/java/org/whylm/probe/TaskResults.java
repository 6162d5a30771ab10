package org.whylm.probe;

import java.util.List;
import java.util.Optional;

/**
 * How well each kind of features solves a task: its rows of Table 1.
 *
 * @param task name of the task
 * @param results one for each kind, without and with the prompt
 * @param chance which test examples are of the most frequent class of the training split, what chance gets right
 */
public record TaskResults(String task, List<ProbeResult> results, boolean[] chance) {

    /**
     * Whether these features were evaluated; those of a word list are not where no word of it is a single token.
     *
     * @param features label of the kind of features
     */
    public boolean has(String features, boolean prompted) {
        return find(features, prompted).isPresent();
    }

    /**
     * One result.
     *
     * @param features label of the kind of features
     * @throws IllegalArgumentException if there is none
     */
    public ProbeResult result(String features, boolean prompted) {
        return find(features, prompted)
                .orElseThrow(() -> new IllegalArgumentException("No result of " + task + " for the features " + features
                        + (prompted ? " with" : " without") + " a prompt"));
    }

    private Optional<ProbeResult> find(String features, boolean prompted) {
        return results.stream()
                .filter(result -> result.features().label().equals(features) && result.prompted() == prompted)
                .findFirst();
    }

    /** Which test examples the classifier on these features gets right. */
    public boolean[] correct(String features, boolean prompted) {
        return result(features, prompted).correct();
    }
}
