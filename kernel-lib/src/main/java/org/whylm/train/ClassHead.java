package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.whylm.lm.TokenBatches;
import org.whylm.run.Progress;

/**
 * A linear classification head, {@code softmax(weight·f(s) + bias)}, under the cross-entropy of the classes. It starts at zero: every
 * class is equally likely.
 *
 * @param classes {@code k}
 * @param d dimension of {@code f}
 * @param highest its learning rate at the highest
 */
record ClassHead(int classes, int d, double highest) implements Head {

    private static final String WEIGHT = "head.weight";
    private static final String BIAS = "head.bias";

    /** All threads share a batch here. */
    private static final int TOKENS_A_BATCH = 1024;

    @Override
    public Map<String, Parameter> parameters() {
        var parameters = new LinkedHashMap<String, Parameter>();
        parameters.put(WEIGHT, new Parameter(new float[classes * d], classes, d));
        parameters.put(BIAS, new Parameter(new float[classes], classes));
        return parameters;
    }

    @Override
    public OptionalDouble learningRate() {
        return OptionalDouble.of(highest);
    }

    @Override
    public Loss loss(NDArray f, Map<String, NDArray> parameters, int[] labels) {
        var loss = crossEntropy(logProbabilities(f, parameters), labels);
        return new Loss(loss.getFloat(), loss, Map.of());
    }

    /** {@code n×k} */
    private static NDArray logProbabilities(NDArray f, Map<String, NDArray> parameters) {
        return Linear.linear(f, parameters.get(WEIGHT), parameters.get(BIAS))
                .singletonOrThrow()
                .logSoftmax(1);
    }

    private static NDArray crossEntropy(NDArray logProbabilities, int[] labels) {
        int columns = Math.toIntExact(logProbabilities.getShape().get(1));
        var weights = new float[labels.length * columns];
        for (int row = 0; row < labels.length; row++) {
            weights[row * columns + labels[row]] = -1f / labels.length;
        }
        return logProbabilities
                .mul(logProbabilities.getManager().create(weights, new Shape(labels.length, columns)))
                .sum();
    }

    /**
     * Classes of some texts, without dropout.
     *
     * @param predictions the most probable class of each
     * @param loss mean cross-entropy of the classes, in nats
     */
    record Evaluation(int[] predictions, double loss) {}

    /**
     * Classifies texts with the parameters as they are now.
     *
     * @param progress is asked between batches whether to go on
     * @throws Progress.Interrupted if the thread is interrupted
     */
    static Evaluation evaluate(Trainer trainer, LabelledTexts texts, Progress progress) {
        var predictions = new int[texts.size()];
        double sum = 0;
        for (var group : TokenBatches.of(texts.size(), texts::length, TOKENS_A_BATCH)) {
            var batch =
                    Batch.of(texts, group.stream().mapToInt(Integer::intValue).toArray());
            sum += trainer.evaluate(batch, (f, parameters) -> {
                var logProbabilities = logProbabilities(f, parameters);
                var best = logProbabilities.argMax(1).toLongArray();
                for (int row = 0; row < best.length; row++) {
                    predictions[group.get(row)] = Math.toIntExact(best[row]);
                }
                return crossEntropy(logProbabilities, batch.targets()).getFloat() * group.size();
            });
            progress.advance(0);
        }
        return new Evaluation(predictions, sum / texts.size());
    }
}
