package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.whylm.lm.Dropout;
import org.whylm.lm.Tokenizer;
import org.whylm.lm.TrainableModel;
import org.whylm.lm.weights.SafetensorsWriter;
import org.whylm.objective.WhitenedQuad;
import org.whylm.run.Engine;
import org.whylm.run.Progress;
import org.whylm.run.RecordJson;

/**
 * One training run of a transformer with a head, from its first update to its last. Quad with a fixed {@code Φ} is trained in its
 * whitened, standardised form (see {@link WhitenedQuad}), and its losses are those of that form. Holds native memory until
 * {@link #close() closed}; between updates, that of the parameters, their moving averages and the values kept only.
 */
public final class Trainer implements AutoCloseable {

    /** Elements of the gradients that the parts of a batch have together at most, 512 MB in single precision. */
    private static final long GRADIENTS = 1 << 27;

    private final TrainableModel model;
    private final Head head;
    private final TrainingConfig config;
    private final TrainingData data;
    private final ExampleOrder order;
    private final Parameters parameters;
    private final List<Double> losses = new ArrayList<>();

    /** @throws IllegalArgumentException if there are fewer examples than a batch takes */
    Trainer(TrainableModel model, Head head, TrainingConfig config, TrainingData data) {
        this(model, head, config, data, DataType.FLOAT32);
    }

    private Trainer(TrainableModel model, Head head, TrainingConfig config, TrainingData data, DataType precision) {
        this.model = model;
        this.head = head;
        this.config = config;
        this.data = data;
        order = new ExampleOrder(data.size(), data::length, config.batch(), config.seed());
        var shapes = new LinkedHashMap<>(model.parameters());
        var initial = new LinkedHashMap<>(model.initial(config.seed()));
        head.parameters().forEach((name, own) -> {
            shapes.put(name, own.shape());
            initial.put(name, own.values());
        });
        var learned = new LinkedHashSet<>(shapes.keySet());
        if (head.learningRate().isEmpty()) {
            learned.removeAll(head.parameters().keySet());
        }
        parameters = new Parameters(shapes, initial, learned, precision);
    }

    /**
     * A run before its first update.
     *
     * @throws IllegalArgumentException if there are fewer examples than a batch takes, or {@code Φ} does not fit the model
     */
    public static Trainer start(TrainableModel model, OutputLayer output, TrainingConfig config, TrainingData data) {
        return start(model, output, config, data, DataType.FLOAT32);
    }

    /** The same in float32 or float64. Only one in float32 can be saved. */
    static Trainer start(
            TrainableModel model, OutputLayer output, TrainingConfig config, TrainingData data, DataType precision) {
        if (model.readsTokens() != data instanceof TokenStream) {
            throw new IllegalArgumentException(
                    "A whole model trains on a TokenStream, last blocks on CachedStates, not on "
                            + data.getClass().getSimpleName());
        }
        if (output instanceof OutputLayer.Learned
                && !model.parameters().containsKey(TrainableModel.OUTPUT_EMBEDDINGS)) {
            throw new IllegalArgumentException("Φ is learned with a whole model only: give OutputLayer.Fixed");
        }
        ExampleOrder.batches(data.size(), config.batch()); // refuses what is too little before anything is computed
        return new Trainer(
                model, new NextWordHead(output, config.loss(), model.dimension(), data), config, data, precision);
    }

    /**
     * A run that goes on where {@link #save} left it, with the losses that it would have had without the break, or starts if none was
     * saved.
     *
     * @param directory where it is saved
     * @throws IllegalArgumentException as {@link #start}, or if the directory holds a run with other settings, data or parameters
     * @throws java.io.UncheckedIOException if a file cannot be read
     */
    public static Trainer open(
            Path directory, TrainableModel model, OutputLayer output, TrainingConfig config, TrainingData data) {
        var trainer = start(model, output, config, data);
        var folder = new RunFolder(directory);
        try {
            if (folder.isSaved()) {
                trainer.resume(folder, folder.read(TrainingState.class));
            }
            return trainer;
        } catch (RuntimeException e) {
            trainer.close();
            throw e;
        }
    }

    /** Goes on from a state whose arrays are in a folder. */
    void resume(RunFolder folder, TrainingState saved) {
        saved.requireSame(folder.directory(), state());
        folder.load(saved.losses().size(), parameters.state());
        losses.addAll(saved.losses());
    }

    /** Where the run stands. */
    TrainingState state() {
        return new TrainingState(config, data.sha256(), losses);
    }

    /** Updates done. */
    public int step() {
        return losses.size();
    }

    /** The loss of each update's batch before the update, in nats for cross-entropy. */
    public List<Double> losses() {
        return Collections.unmodifiableList(losses);
    }

    /** Updates an epoch. */
    int updatesAnEpoch() {
        return ExampleOrder.batches(data.size(), config.batch());
    }

    /** Takes updates until the last; see {@link #run(int)}. */
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

    /** @throws IllegalStateException if the loss is no longer finite */
    void update() {
        var parts = Batch.parts(data, order.examples(step()), parts());
        try (var scope = parameters.scope()) {
            var passes = Passes.over(parts, model, parameters, scope, this::dropout);
            var leaves = parameters.leaves(scope);
            var loss = Graph.of(() -> head.loss(passes.f(), leaves, Batch.targets(parts)));
            requireFinite(loss.value());
            Graph.backward(loss.graph());
            passes.backward();
            var gradients = new LinkedHashMap<>(loss.gradients());
            for (var name : parameters.learned()) {
                gradients.computeIfAbsent(
                        name,
                        other -> head.parameters().containsKey(name)
                                ? leaves.get(name).getGradient()
                                : passes.gradient(name));
            }
            parameters.update(gradients, step(), config, this::highestRate);
            losses.add(loss.value());
        }
    }

    /** As many as there are threads, as far as the gradients of all have place. Fine-tuning is one part, as when its tables were made. */
    private int parts() {
        return isFineTuning()
                ? 1
                : (int) Math.max(1, Math.min(Engine.threads(), GRADIENTS / parameters.learnedElements()));
    }

    private boolean isFineTuning() {
        return data instanceof LabelledTexts;
    }

    private Dropout dropout(Batch part) {
        if (config.dropout() == 0) {
            return Dropout.NONE;
        }
        long seed = config.seed() * 1_000_003 + step();
        return isFineTuning() || Engine.hasGpu()
                ? DrawnDropout.byEngine(config.dropout(), seed)
                : new DrawnDropout(config.dropout(), seed, part);
    }

    private void requireFinite(double loss) {
        if (!Double.isFinite(loss)) {
            var ofHead = head.learningRate().stream()
                    .mapToObj(rate -> " or headLearningRate (" + rate + ")")
                    .findFirst();
            throw new IllegalStateException("The loss at update " + step() + " is " + loss
                    + ": training has diverged; lower learningRate (" + config.learningRate() + ")"
                    + ofHead.orElse(""));
        }
    }

    private double highestRate(String parameter) {
        return model.parameters().containsKey(parameter)
                ? config.learningRate()
                : head.learningRate().orElseThrow();
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
            double objective = evaluate(batch, (f, arrays) -> head.objective(f, arrays, batch.targets()));
            sum += objective * batch.targets().length;
            count += batch.targets().length;
        }
        return sum / count;
    }

    /**
     * What a function makes of {@code f} at the positions of a batch and the parameters by name, without dropout.
     *
     * @param function of arrays that are freed when it returns
     */
    <T> T evaluate(Batch batch, BiFunction<NDArray, Map<String, NDArray>, T> function) {
        try (var scope = parameters.scope()) {
            var constants = parameters.constants(scope);
            return function.apply(
                    batch.select(model.f(batch.input().apply(scope), constants, Dropout.NONE)), constants);
        }
    }

    /** Keeps the parameters as they are now, for {@link #restore}. */
    void keep() {
        parameters.keep();
    }

    /** Goes back to the parameters last kept. */
    void restore() {
        parameters.restore();
    }

    /**
     * The parameters as they are now, row-major, by name. The linear layer holds what else lies between the network and {@code f}:
     * the scale of a learned {@code Φ}; after Quad with a fixed {@code Φ} the way back from the whitened form.
     */
    public Map<String, float[]> parameters() {
        var values = parameters.values();
        head.complete(values);
        return values;
    }

    /**
     * Saves the run, for {@link #open}, and of a whole model a checkpoint for {@link org.whylm.lm.LanguageModels#load}. Each file is
     * written under another name and moved; what was saved before can be resumed until the new state is complete.
     *
     * @param directory created if it is not there
     * @param tokenizer the model's
     * @throws java.io.UncheckedIOException if a file cannot be written
     */
    public void save(Path directory, Tokenizer tokenizer) {
        save(new RunFolder(directory), state());
        saveModel(directory, tokenizer);
    }

    /** Saves what {@link #resume} needs, and no checkpoint. */
    void save(RunFolder folder, Record state) {
        folder.write(step(), state, parameters.state());
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
