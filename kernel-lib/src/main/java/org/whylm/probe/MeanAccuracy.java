package org.whylm.probe;

import java.util.List;

/**
 * The mean accuracy over the splits of a task.
 *
 * @param value the mean, in [0,1]
 * @param standardError of the mean, from the spread of the splits; NaN for one split. As random splits share examples it is
 *     somewhat too small
 * @param splits how many splits there were
 */
public record MeanAccuracy(double value, double standardError, int splits) {

    /**
     * The mean of some accuracies.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static MeanAccuracy of(List<Accuracy> accuracies) {
        int n = accuracies.size();
        double mean = accuracies.stream()
                .mapToDouble(Accuracy::value)
                .average()
                .orElseThrow(() -> new IllegalArgumentException("The mean of no accuracy"));
        double squares = accuracies.stream()
                .mapToDouble(accuracy -> Math.pow(accuracy.value() - mean, 2))
                .sum();
        return new MeanAccuracy(mean, Math.sqrt(squares / (n - 1) / n), n);
    }
}
