package org.whylm.train;

import java.util.List;
import org.whylm.probe.Result;
import org.whylm.statistics.Accuracy;

/**
 * A fine-tuned model on its test split: one cell of Table 1's column FT.
 *
 * @param task name of the task
 * @param prompted whether the prompt followed each text
 * @param learnedFrom training examples that the parameters were learned from, those of the validation part left out
 * @param epochs what was measured after each epoch, in order
 * @param chosen index of the epoch whose parameters were kept: that of the highest validation accuracy, among equals that of the
 *     lowest validation loss
 * @param labels of the test examples, in the data set's order
 * @param predictions for them
 */
public record FineTuningResult(
        String task,
        boolean prompted,
        int learnedFrom,
        List<Epoch> epochs,
        int chosen,
        int[] labels,
        int[] predictions) {

    /**
     * One pass over the training part.
     *
     * @param trainingLoss mean over its updates of the cross-entropy of the classes before the update, with dropout, in nats
     * @param validationLoss mean cross-entropy of the classes on the validation part after the last update, in nats
     * @param validation accuracy on the validation part after the last update
     */
    public record Epoch(double trainingLoss, double validationLoss, Accuracy validation) {

        boolean betterThan(Epoch other) {
            int gain = validation.correct() - other.validation.correct();
            return gain != 0 ? gain > 0 : validationLoss < other.validationLoss;
        }
    }

    public FineTuningResult {
        epochs = List.copyOf(epochs);
    }

    /** It as a cell of Table 1. */
    public Result result() {
        return Result.of(task, "FT", prompted, labels, predictions);
    }
}
