package org.whylm.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.whylm.features.TokenBatches;
import org.whylm.lm.Dropout;
import org.whylm.lm.TrainableModel;
import org.whylm.run.Progress;

/**
 * A transformer with a linear classification head on the state at each text's last token, {@code softmax(head·f(s) + bias)},
 * trained by the cross-entropy of the classes. The head starts at zero: every class is equally likely. Holds native memory until
 * {@link #close() closed}; between updates, that of the parameters, their moving averages and the values kept only.
 */
final class ClassifierTrainer implements AutoCloseable {

    private static final String HEAD_WEIGHT = "head.weight";
    private static final String HEAD_BIAS = "head.bias";
    private static final int TOKENS_A_BATCH = 1024;

    private final TrainableModel model;
    private final Sequences sequences;
    private final int[] lengths;
    private final int[] labels;
    private final int[] training;
    private final FineTuningConfig config;
    private final ExampleOrder order;
    private final Schedule schedule;
    private final Parameters parameters;
    private final Parameters kept;

    /**
     * @param lengths tokens of each text
     * @param labels class of each text
     * @param training indices of the texts to learn from
     * @throws IllegalArgumentException if these are fewer than a batch takes
     */
    ClassifierTrainer(
            TrainableModel model,
            int classes,
            Sequences sequences,
            int[] lengths,
            int[] labels,
            int[] training,
            FineTuningConfig config) {
        this.model = model;
        this.sequences = sequences;
        this.lengths = lengths;
        this.labels = labels;
        this.training = training;
        this.config = config;
        order = new ExampleOrder(training.length, index -> lengths[training[index]], config.batch(), config.seed());
        int steps = Math.multiplyExact(config.epochs(), order.batches());
        schedule = new Schedule(steps, Math.toIntExact(Math.round(config.warmUp() * steps)));

        int d = model.dimension();
        var shapes = new LinkedHashMap<>(model.parameters());
        shapes.put(HEAD_WEIGHT, new long[] {classes, d});
        shapes.put(HEAD_BIAS, new long[] {classes});
        var initial = new LinkedHashMap<>(model.initial(config.seed()));
        initial.put(HEAD_WEIGHT, new float[classes * d]);
        initial.put(HEAD_BIAS, new float[classes]);
        parameters = new Parameters(shapes, initial, shapes.keySet());
        kept = new Parameters(shapes, initial, List.of());
    }

    /** Updates an epoch. */
    int updatesAnEpoch() {
        return order.batches();
    }

    /**
     * Takes one update.
     *
     * @param step updates done before
     * @return the batch's mean loss before it, in nats
     * @throws IllegalStateException if that is not finite
     */
    double update(int step) {
        var examples = Arrays.stream(order.examples(step))
                .map(index -> training[index])
                .toArray();
        var batch = Batch.atLast(sequences, lengths, labels, examples);
        var dropout = SeededDropout.of(config.dropout(), config.seed(), step);
        try (var scope = parameters.scope();
                var collector = Engine.getInstance().newGradientCollector()) {
            var leaves = parameters.leaves(scope, parameters.arrays().keySet());
            var loss = loss(logProbabilities(batch, scope, leaves, dropout), batch.words());
            double value = loss.getFloat();
            if (!Double.isFinite(value)) {
                throw new IllegalStateException("The loss at update " + step + " of fine-tuning is " + value
                        + ": training has diverged; lower learningRate (" + config.learningRate()
                        + ") or headLearningRate (" + config.headLearningRate() + ")");
            }
            collector.backward(loss);
            apply(leaves, step);
            return value;
        }
    }

    private void apply(Map<String, NDArray> leaves, int step) {
        var gradients = new LinkedHashMap<String, NDArray>();
        leaves.forEach((name, leaf) -> gradients.put(name, leaf.getGradient()));
        double rate = schedule.rate(config.learningRate(), step);
        double headRate = schedule.rate(config.headLearningRate(), step);
        parameters.update(
                gradients,
                step,
                config.clip(),
                name -> name.equals(HEAD_WEIGHT) || name.equals(HEAD_BIAS) ? headRate : rate,
                config.weightDecay());
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
     * @param examples indices of the texts
     * @param progress is asked between batches whether to go on
     * @throws Progress.Interrupted if the thread is interrupted
     */
    Evaluation evaluate(int[] examples, Progress progress) {
        var predicted = new int[lengths.length];
        double sum = 0;
        var indices = Arrays.stream(examples).boxed().toList();
        for (var group : TokenBatches.of(indices, example -> lengths[example], TOKENS_A_BATCH)) {
            var batch = Batch.atLast(sequences, lengths, labels, ints(group));
            try (var scope = parameters.scope()) {
                var logProbabilities = logProbabilities(batch, scope, parameters.constants(scope), Dropout.NONE);
                sum += loss(logProbabilities, batch.words()).getFloat() * group.size();
                var best = logProbabilities.argMax(1).toLongArray();
                for (int row = 0; row < best.length; row++) {
                    predicted[group.get(row)] = Math.toIntExact(best[row]);
                }
            }
            progress.advance(0);
        }
        return new Evaluation(
                Arrays.stream(examples).map(example -> predicted[example]).toArray(), sum / examples.length);
    }

    /** {@code n×k} */
    private NDArray logProbabilities(Batch batch, NDManager scope, Map<String, NDArray> arrays, Dropout dropout) {
        var f = batch.select(model.f(batch.input().apply(scope), arrays, dropout));
        return Linear.linear(f, arrays.get(HEAD_WEIGHT), arrays.get(HEAD_BIAS))
                .singletonOrThrow()
                .logSoftmax(1);
    }

    private static NDArray loss(NDArray logProbabilities, int[] classes) {
        var shape = logProbabilities.getShape();
        int columns = Math.toIntExact(shape.get(1));
        var weights = new float[classes.length * columns];
        for (int row = 0; row < classes.length; row++) {
            weights[row * columns + classes[row]] = -1f / classes.length;
        }
        return logProbabilities
                .mul(logProbabilities.getManager().create(weights, new Shape(classes.length, columns)))
                .sum();
    }

    /** All that the rest of the run depends on, but for the number of updates done. */
    Map<String, NDArray> arrays() {
        var arrays = parameters.state();
        kept.arrays().forEach((name, array) -> arrays.put("kept." + name, array));
        return arrays;
    }

    /** Keeps the parameters as they are now, for {@link #restore}. */
    void keep() {
        copy(parameters, kept);
    }

    /** Goes back to the parameters last kept, or to the initial ones. */
    void restore() {
        copy(kept, parameters);
    }

    private static void copy(Parameters from, Parameters to) {
        to.arrays().forEach((name, array) -> array.set(new NDIndex(":"), from.get(name)));
    }

    private static int[] ints(List<Integer> indices) {
        return indices.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public void close() {
        parameters.close();
        kept.close();
    }
}
