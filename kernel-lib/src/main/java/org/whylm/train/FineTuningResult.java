package org.whylm.train;

import java.util.List;
import org.whylm.probe.Accuracy;

/**
 * A fine-tuned model on its test split: one cell of Table 1's column FT.
 *
 * @param task name of the task
 * @param prompted whether the prompt followed each text
 * @param learnedFrom training examples that the parameters were learned from, those of the validation part left out
 * @param epochs what was measured after each epoch, in order
 * @param chosen index of the epoch whose parameters were kept: that of the highest validation accuracy, among equals that of the
 *     lowest validation loss
 * @param predictions the predicted class of each test example, in the data set's order
 * @param correct which test examples that gets right
 */
public record FineTuningResult(
        String task,
        boolean prompted,
        int learnedFrom,
        List<Epoch> epochs,
        int chosen,
        int[] predictions,
        boolean[] correct) {

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

    /** Name of the row of Table 1: the task's, with {@code *} for texts and prompt. */
    public String row() {
        return task + (prompted ? "*" : "");
    }

    /** Accuracy on the test split. */
    public Accuracy accuracy() {
        return accuracy(correct);
    }

    static Accuracy accuracy(boolean[] correct) {
        int right = 0;
        for (boolean each : correct) {
            right += each ? 1 : 0;
        }
        return new Accuracy(right, correct.length);
    }
}
