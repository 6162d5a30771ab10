package org.whylm.train;

import java.util.List;
import org.whylm.data.TaskSize;

/**
 * Fine-tuning with a linear classification head.
 *
 * @param tasks those of Table 1 that the model is fine-tuned for, each with its own limits
 * @param prompted names of those of them for which it is fine-tuned on texts and prompt too
 * @param blocks the last blocks that are trained, with the final norm; {@link Integer#MAX_VALUE}: the whole model, its input
 *     embeddings included
 * @param epochs passes over the training part, at most
 * @param patience epochs in a row without a better one after which training ends
 * @param batch texts an update
 * @param learningRate the highest rate of the model's own parameters
 * @param headLearningRate the highest rate of the classification head
 * @param warmUp share of the updates until these are reached
 * @param weightDecay of matrices
 * @param dropout probability that a component is zeroed
 * @param validationShare share of each class's training sentences that choose the epoch
 */
public record FineTuningSettings(
        List<TaskSize> tasks,
        List<String> prompted,
        int blocks,
        int epochs,
        int patience,
        int batch,
        double learningRate,
        double headLearningRate,
        double warmUp,
        double weightDecay,
        double dropout,
        double validationShare) {

    private static final double CLIP = 1;

    /**
     * How a model is fine-tuned by these settings.
     *
     * @param seed of every random draw
     * @throws IllegalArgumentException if a value is outside its range
     */
    public FineTuningConfig config(long seed) {
        return new FineTuningConfig(
                epochs,
                patience,
                batch,
                learningRate,
                headLearningRate,
                warmUp,
                weightDecay,
                CLIP,
                dropout,
                validationShare,
                seed);
    }
}
