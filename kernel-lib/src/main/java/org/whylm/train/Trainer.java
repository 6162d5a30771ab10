package org.whylm.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.whylm.lm.Dropout;
import org.whylm.lm.Tokenizer;
import org.whylm.lm.TrainableModel;
import org.whylm.lm.weights.SafetensorsWriter;
import org.whylm.objective.Objective;
import org.whylm.objective.WhitenedQuad;
import org.whylm.run.Progress;
import org.whylm.run.RecordJson;

/**
 * One training run, from its first update to its last. Quad with a fixed {@code Φ} is trained in its whitened, standardised form
 * (see {@link WhitenedQuad}), and its losses are those of that form. Holds native memory until {@link #close() closed}; between
 * updates, that of the parameters and their moving averages only.
 */
public final class Trainer implements AutoCloseable {

    private static final String PHI = TrainableModel.OUTPUT_EMBEDDINGS;

    private final TrainableModel model;
    private final TrainingConfig config;
    private final TrainingData data;
    private final ExampleOrder order;
    private final Parameters parameters;
    private final Set<String> learned;
    private final Set<String> recorded;
    private final WhitenedQuad whitened;
    private final NDArray targets;
    private final double scale;
    private final List<Double> losses = new ArrayList<>();

    private Trainer(TrainableModel model, OutputLayer output, TrainingConfig config, TrainingData data) {
        if (model.readsTokens() != data instanceof TokenStream) {
            throw new IllegalArgumentException(
                    "A whole model trains on a TokenStream, last blocks on CachedStates, not on "
                            + data.getClass().getSimpleName());
        }
        if (output instanceof OutputLayer.Learned && !model.parameters().containsKey(PHI)) {
            throw new IllegalArgumentException("Φ is learned with a whole model only: give OutputLayer.Fixed");
        }
        this.model = model;
        this.config = config;
        this.data = data;
        order = new ExampleOrder(data.size(), data::length, config.batch(), config.seed());
        var initial = new LinkedHashMap<>(model.initial(config.seed()));
        var shapes = new LinkedHashMap<>(model.parameters());
        learned = new LinkedHashSet<>(shapes.keySet());
        fixedPhi(output).ifPresent(phi -> {
            initial.put(PHI, rowMajor(phi, model.dimension()));
            shapes.put(PHI, new long[] {phi.length, model.dimension()});
            learned.remove(PHI);
        });
        recorded = new LinkedHashSet<>(learned);
        recorded.remove(PHI);
        parameters = new Parameters(shapes, initial, learned);

        scale = output instanceof OutputLayer.Learned learnedPhi ? learnedPhi.scale() : 1;
        whitened = config.loss() == PretrainingLoss.QUAD ? whitening(output) : null;
        targets = whitened == null
                ? null
                : org.whylm.run.Engine.array(
                        parameters.scope(),
                        rowMajor(whitened.targets(), model.dimension()),
                        parameters.get(PHI).getShape().getShape());
    }

    private WhitenedQuad whitening(OutputLayer output) {
        if (output instanceof OutputLayer.Whitened given) {
            return given.quad();
        }
        return fixedPhi(output)
                .map(phi -> WhitenedQuad.of(phi, data.frequencies(phi.length)))
                .orElse(null);
    }

    private static Optional<float[][]> fixedPhi(OutputLayer output) {
        if (output instanceof OutputLayer.Fixed fixed) {
            return Optional.of(fixed.phi());
        }
        return output instanceof OutputLayer.Whitened whitened ? Optional.of(whitened.phi()) : Optional.empty();
    }

    static float[] rowMajor(float[][] rows, int columns) {
        var values = new float[Math.multiplyExact(rows.length, columns)];
        for (int row = 0; row < rows.length; row++) {
            if (rows[row].length != columns) {
                throw new IllegalArgumentException("Row " + row + " of Φᵀ has " + rows[row].length
                        + " components, the model's states have d = " + columns);
            }
            System.arraycopy(rows[row], 0, values, row * columns, columns);
        }
        return values;
    }

    /**
     * A run before its first update.
     *
     * @throws IllegalArgumentException if there are fewer examples than a batch takes, or {@code Φ} does not fit the model
     */
    public static Trainer start(TrainableModel model, OutputLayer output, TrainingConfig config, TrainingData data) {
        return new Trainer(model, output, config, data);
    }

    /**
     * A run that goes on where {@link #save} left it, with the losses that it would have had without the break.
     *
     * @param directory what was saved
     * @throws IllegalArgumentException if the directory holds no run, or one with other settings, data or parameters
     * @throws java.io.UncheckedIOException if a file cannot be read
     */
    public static Trainer resume(
            Path directory, TrainableModel model, OutputLayer output, TrainingConfig config, TrainingData data) {
        var trainer = new Trainer(model, output, config, data);
        try {
            var folder = new RunFolder(directory);
            var state = folder.read(TrainingState.class);
            state.requireSame(directory, config, data.sha256());
            folder.load(state.losses().size(), trainer.parameters.state());
            trainer.losses.addAll(state.losses());
            return trainer;
        } catch (RuntimeException e) {
            trainer.close();
            throw e;
        }
    }

    /** A run that goes on where it was left in a directory, or starts if there is none. */
    static Trainer open(
            Path directory, TrainableModel model, OutputLayer output, TrainingConfig config, TrainingData data) {
        return new RunFolder(directory).isSaved()
                ? resume(directory, model, output, config, data)
                : start(model, output, config, data);
    }

    /** Updates done. */
    public int step() {
        return losses.size();
    }

    /** The loss of each update's batch before the update, in nats for cross-entropy. */
    public List<Double> losses() {
        return Collections.unmodifiableList(losses);
    }

    /**
     * Takes updates until the last, or until the thread is interrupted.
     *
     * @throws IllegalStateException if the loss is no longer finite
     * @throws Progress.Interrupted if the thread is interrupted; the updates done stay
     */
    public void run() {
        run(config.steps());
    }

    /**
     * Takes updates until {@code step} are done.
     *
     * @throws IllegalStateException if the loss is no longer finite
     * @throws Progress.Interrupted if the thread is interrupted; the updates done stay
     */
    public void run(int step) {
        int until = Math.min(step, config.steps());
        try (var progress = Progress.start("training by " + config.loss(), until - step(), "updates")) {
            while (step() < until) {
                update();
                progress.advance(1);
            }
        }
    }

    private void update() {
        var engine = Engine.getInstance();
        var batch = Batch.of(data, order.examples(step()));
        var dropout = SeededDropout.of(config.dropout(), config.seed(), step());
        try (var scope = parameters.scope();
                var collector = engine.newGradientCollector()) {
            var leaves = parameters.leaves(scope, recorded);
            var f = batch.select(model.f(batch.input().apply(scope), leaves, dropout));
            var loss = loss(f, batch.words());
            if (!Double.isFinite(loss.value())) {
                throw new IllegalStateException("The loss at update " + step() + " is " + loss.value()
                        + ": training has diverged; lower learningRate (" + config.learningRate() + ")");
            }
            // The gradient in f is known: this product hands it to the graph.
            collector.backward(f.mul(loss.f()).sum());
            if (learned.contains(PHI)) {
                leaves.put(PHI, loss.phi());
            }
            apply(leaves);
            losses.add(loss.value());
        }
    }

    private Objective.Gradients loss(NDArray f, int[] words) {
        if (whitened != null) {
            return WhitenedQuad.leastSquares(f, targets, words);
        }
        var gradients = config.loss()
                .objective()
                .gradients(f.stopGradient().mul(scale), parameters.get(PHI), words, learned.contains(PHI));
        return new Objective.Gradients(gradients.value(), gradients.f().mul(scale), gradients.phi());
    }

    private void apply(Map<String, NDArray> leaves) {
        var gradients = new LinkedHashMap<String, NDArray>();
        for (var name : learned) {
            gradients.put(
                    name, name.equals(PHI) ? leaves.get(PHI) : leaves.get(name).getGradient());
        }
        double learningRate = config.learningRate(step());
        parameters.update(gradients, step(), config.clip(), name -> learningRate, config.weightDecay());
    }

    /**
     * The objective on other data, without dropout: Quad itself also where the whitened form of it is trained.
     *
     * @return mean over all positions
     */
    public double loss(TrainingData heldOut) {
        double sum = 0;
        long count = 0;
        for (int from = 0; from < heldOut.size(); from += config.batch()) {
            var examples = IntStream.range(from, Math.min(heldOut.size(), from + config.batch()))
                    .toArray();
            var batch = Batch.of(heldOut, examples);
            try (var scope = parameters.scope()) {
                var f = batch.select(model.f(batch.input().apply(scope), parameters.constants(scope), Dropout.NONE));
                double value = loss(f, batch.words()).value();
                sum += (whitened == null ? value : whitened.quad(value, batch.words())) * batch.words().length;
                count += batch.words().length;
            }
        }
        return sum / count;
    }

    /**
     * The parameters as they are now, row-major, by name. The linear layer holds what else lies between the network and {@code f}:
     * the scale of a learned {@code Φ}; after Quad with a fixed {@code Φ} the way back from the whitened form.
     */
    public Map<String, float[]> parameters() {
        var values = parameters.values();
        if (whitened != null) {
            OutputProjection.replace(values, whitened.toF()::after);
        } else if (scale != 1) {
            OutputProjection.replace(values, layer -> layer.scaled(scale));
        }
        return values;
    }

    /**
     * Saves the run, to {@link #resume}, and of a whole model a checkpoint for {@link org.whylm.lm.LanguageModels#load}. Each file
     * is written under another name and moved; what was saved before can be resumed until the new state is complete.
     *
     * @param directory created if it is not there
     * @param tokenizer the model's
     * @throws java.io.UncheckedIOException if a file cannot be written
     */
    public void save(Path directory, Tokenizer tokenizer) {
        saveState(directory);
        saveModel(directory, tokenizer);
    }

    /** Saves what {@link #resume} needs, and no checkpoint. */
    void saveState(Path directory) {
        new RunFolder(directory).write(step(), new TrainingState(config, data.sha256(), losses), parameters.state());
    }

    /** Saves the checkpoint alone, of a whole model; of last blocks nothing. */
    void saveModel(Path directory, Tokenizer tokenizer) {
        model.json().ifPresent(json -> {
            RecordJson.write(directory.resolve("config.json"), json);
            tokenizer.write(directory);
            var values = parameters();
            SafetensorsWriter.write(directory.resolve("model.safetensors"), model.parameters(), values::get);
        });
    }

    @Override
    public void close() {
        parameters.close();
    }
}
