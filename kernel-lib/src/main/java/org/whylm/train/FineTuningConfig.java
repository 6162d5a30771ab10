package org.whylm.train;

/**
 * How a model is fine-tuned. Two runs with the same settings, model and data on one machine give the same predictions.
 *
 * @param epochs passes over the training part, at most
 * @param patience epochs in a row without a better one after which training ends
 * @param batch texts an update
 * @param learningRate the highest rate of the model's own parameters
 * @param headLearningRate the highest rate of the classification head
 * @param warmUp share of all updates over which the rates rise linearly to their highest, in [0, 1]; then they fall along half a
 *     cosine to 0
 * @param weightDecay of matrices, decoupled from the gradient (Loshchilov and Hutter, 2019); vectors do not decay
 * @param clip the most that the Euclidean norm of the whole gradient may be; a longer one is scaled down
 * @param dropout probability that a component is zeroed, in [0, 1)
 * @param validationShare share of each class's training examples that choose the epoch and are not learned from, in (0, 1)
 * @param seed of the validation part, the order of the data and dropout
 */
public record FineTuningConfig(
        int epochs,
        int patience,
        int batch,
        double learningRate,
        double headLearningRate,
        double warmUp,
        double weightDecay,
        double clip,
        double dropout,
        double validationShare,
        long seed) {

    /** @throws IllegalArgumentException if a value is outside its range */
    public FineTuningConfig {
        TrainingConfig.require(epochs >= 1, "epochs", epochs, "at least 1");
        TrainingConfig.require(patience >= 1, "patience", patience, "at least 1");
        TrainingConfig.require(headLearningRate > 0, "headLearningRate", headLearningRate, "above 0");
        TrainingConfig.require(warmUp >= 0 && warmUp <= 1, "warmUp", warmUp, "in [0, 1]");
        TrainingConfig.require(
                validationShare > 0 && validationShare < 1, "validationShare", validationShare, "in (0, 1)");
        // The others are those of the trainer, with the same ranges.
        new TrainingConfig(PretrainingLoss.CROSS_ENTROPY, 1, batch, learningRate, 0, weightDecay, clip, dropout, seed);
    }

    /**
     * How the trainer is set: all epochs are one run, by the cross-entropy of the classes.
     *
     * @param examples in the training part
     * @throws IllegalArgumentException if these are fewer than a batch takes
     */
    TrainingConfig training(int examples) {
        int steps = Math.multiplyExact(epochs, ExampleOrder.batches(examples, batch));
        return new TrainingConfig(
                PretrainingLoss.CROSS_ENTROPY,
                steps,
                batch,
                learningRate,
                Math.toIntExact(Math.round(warmUp * steps)),
                weightDecay,
                clip,
                dropout,
                seed);
    }
}
