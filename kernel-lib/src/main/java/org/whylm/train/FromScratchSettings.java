package org.whylm.train;

import java.util.List;
import org.whylm.data.TaskSize;

/**
 * Small GPT-2s trained from scratch, as in the paper's Table 2.
 *
 * @param runs which are trained where none is named; notebooks only read them
 * @param seeds of each run, counted from the profile's: without three there is no interval between objectives
 * @param corpus the task whose training texts they read
 * @param heldOutDocuments how many of these are kept for the held-out loss
 * @param minimumCount tokens that the corpus uses less often are replaced by one unknown token
 * @param dimension {@code d}
 * @param blocks transformer blocks
 * @param heads attention heads
 * @param length tokens a context
 * @param batch contexts an update
 * @param updates updates in all
 * @param learningRate the highest rate
 * @param warmUp updates until it is reached
 * @param weightDecay of matrices
 * @param dropout probability that a component is zeroed
 * @param checkpoints after how many updates the model is kept, rising; the model after the last update always is
 * @param tasks the tasks that they are evaluated on, no test sentence of which they may read
 */
public record FromScratchSettings(
        List<String> runs,
        int seeds,
        String corpus,
        int heldOutDocuments,
        int minimumCount,
        int dimension,
        int blocks,
        int heads,
        int length,
        int batch,
        int updates,
        double learningRate,
        int warmUp,
        double weightDecay,
        double dropout,
        List<Integer> checkpoints,
        List<TaskSize> tasks) {}
