package org.whylm.train;

/**
 * How a model is trained. Two runs with the same settings, model and data on one machine give the same losses.
 *
 * @param loss the objective
 * @param steps updates in all
 * @param batch examples an update
 * @param learningRate the highest rate
 * @param warmUp updates over which the rate rises linearly to the highest; then it falls along half a cosine to 0
 * @param weightDecay of matrices, decoupled from the gradient (Loshchilov and Hutter, 2019); vectors do not decay
 * @param clip the most that the Euclidean norm of the whole gradient may be; a longer one is scaled down
 * @param dropout probability that a component is zeroed, in [0, 1)
 * @param seed of the initial parameters, the order of the data and dropout
 */
public record TrainingConfig(
        PretrainingLoss loss,
        int steps,
        int batch,
        double learningRate,
        int warmUp,
        double weightDecay,
        double clip,
        double dropout,
        long seed) {

    /** @throws IllegalArgumentException if a value is outside its range */
    public TrainingConfig {
        require(steps >= 1, "steps", steps, "at least 1");
        require(batch >= 1, "batch", batch, "at least 1");
        require(learningRate > 0, "learningRate", learningRate, "above 0");
        require(warmUp >= 0 && warmUp <= steps, "warmUp", warmUp, "from 0 to steps");
        require(weightDecay >= 0, "weightDecay", weightDecay, "at least 0");
        require(clip > 0, "clip", clip, "above 0");
        require(dropout >= 0 && dropout < 1, "dropout", dropout, "in [0, 1)");
    }

    static void require(boolean holds, String name, Number value, String range) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + ", it must be " + range);
        }
    }

    /**
     * The learning rate of an update.
     *
     * @param highest what the rate rises to
     * @param step counted from 0
     */
    double rate(double highest, int step) {
        if (step < warmUp) {
            return highest * (step + 1) / warmUp;
        }
        double done = (double) (step - warmUp) / Math.max(1, steps - warmUp);
        return highest * (1 + Math.cos(Math.PI * done)) / 2;
    }
}
