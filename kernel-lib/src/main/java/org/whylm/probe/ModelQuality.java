package org.whylm.probe;

import java.util.Arrays;
import java.util.Map;
import org.whylm.statistics.Accuracy;

/**
 * How good a language model is, twice: at what it was trained for, and at a task.
 *
 * @param model what tables call it
 * @param pretrainingLoss mean over held-out text, a token: cross-entropy in nats, or Quad
 * @param downstream linear classification of the task, by the label of the features it is from
 */
public record ModelQuality(String model, double pretrainingLoss, Map<String, Downstream> downstream) {

    /** A classifier on the task's test split: its share of right answers, and its logistic loss of each example, in nats. */
    public record Downstream(Accuracy accuracy, double[] losses) {

        /** The mean loss, in nats. */
        public double loss() {
            return Arrays.stream(losses).average().orElseThrow();
        }
    }
}
