package org.whylm.train;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Reading;
import org.whylm.lm.TrainableModel;
import org.whylm.objective.LinearQuad;
import org.whylm.run.Sha256;
import org.whylm.run.Workspace;

/**
 * The last blocks of a pretrained model, and a linear layer behind them, trained further on other text by cross-entropy or by
 * Quad, with the pretrained {@code Φ}. The frozen blocks read the text once; the model stays as it is, and must stay open.
 *
 * <p>Cross-entropy starts from the pretrained model: the linear layer is the identity. That is no start for Quad, which asks for
 * an {@code f} of another scale. There the linear layer starts at the minimiser of T4 for {@code f = Wh} on the pretrained states,
 * with the model's own {@code p_f} in place of the next words.
 */
public final class ContinuedPretraining {

    /** Raised whenever the same inputs would give another result than before. */
    private static final int CODE_VERSION = 2;

    private static final int START_CONTEXTS = 4096;
    private static final int UPDATES_A_SAVE = 50;

    private final LanguageModel model;
    private final int blocks;
    private final Path folder;
    private final CachedStates training;
    private final CachedStates heldOut;
    private final List<float[][]> lastStates;
    private final float[][] phi;
    private final TrainableModel crossEntropy;
    private final TrainableModel quad;
    private final OutputLayer.Fixed output;

    /** @param folder where runs are kept */
    ContinuedPretraining(LanguageModel model, int blocks, List<String> texts, List<String> heldOutTexts, Path folder) {
        this.model = model;
        this.blocks = blocks;
        this.folder = folder;
        phi = model.outputEmbeddings().all();
        int first = model.blocks() - blocks;
        var extractor = new FeatureExtractor(model);
        var readings = readings(texts);
        var states = extractor.statesAfter(List.of(first, model.blocks()), readings);
        training = new CachedStates(states.get(0), ids(readings));
        var heldOutReadings = readings(heldOutTexts);
        heldOut = new CachedStates(
                extractor.statesAfter(List.of(first), heldOutReadings).get(0), ids(heldOutReadings));

        crossEntropy = TrainableModel.lastBlocks(model, blocks);
        output = OutputLayer.Fixed.whitened(phi, training);
        lastStates = states.get(1);
        quad = TrainableModel.lastBlocks(quadStart(), blocks);
    }

    /**
     * @param blocks how many of the last blocks are trained, with the final norm and the linear layer
     * @param texts to train on; those of one token are left out
     * @param heldOutTexts for the loss on other text
     * @throws IllegalArgumentException if the model has fewer blocks, or a text has no tokens
     * @throws org.whylm.run.Progress.Interrupted if the thread is interrupted
     */
    public static ContinuedPretraining of(
            LanguageModel model, int blocks, List<String> texts, List<String> heldOutTexts) {
        return new ContinuedPretraining(
                model, blocks, texts, heldOutTexts, Workspace.current().models().resolve("continued"));
    }

    private List<Reading> readings(List<String> texts) {
        return texts.stream()
                .map(text -> Reading.everywhere(
                        model.reading(text, "", FeatureExtractor.TRUNCATION).ids()))
                .filter(reading -> reading.ids().length > 1)
                .toList();
    }

    private static List<int[]> ids(List<Reading> readings) {
        return readings.stream().map(Reading::ids).toList();
    }

    private LanguageModel quadStart() {
        var contexts = lastStates.stream().flatMap(Arrays::stream).toArray(float[][]::new);
        int count = Math.min(contexts.length, START_CONTEXTS);
        var h = model.f(IntStream.range(0, count)
                .mapToObj(i -> contexts[(int) ((long) i * contexts.length / count)])
                .toArray(float[][]::new));
        var conditionalMean = model.outputEmbeddings().predict(h).conditionalMean();
        var minimiser =
                LinearQuad.of(phi, LinearQuad.withConstant(h), conditionalMean).minimiser();
        var start = output.whitening(training).fromF().after(LinearQuad.affine(minimiser));
        return model.followedBy(start.A(), start.b());
    }

    /** Tokens that have a next word, of the training texts: each is used once an epoch. */
    public int trainingTokens() {
        return training.documents().stream().mapToInt(ids -> ids.length - 1).sum();
    }

    /**
     * A model trained.
     *
     * @param model shares parameters with the pretrained one: close it first
     * @param startLoss the objective on the held-out texts before the first update
     * @param endLoss and after the last
     */
    public record Trained(LanguageModel model, double startLoss, double endLoss) {}

    /**
     * Trains to the last update, from where an earlier call was interrupted; a run that is complete is only read. Runs are kept below
     * {@link Workspace#models}.
     *
     * @throws IllegalArgumentException if there are fewer texts than a batch takes, or a file of the run was changed
     * @throws org.whylm.run.Progress.Interrupted if the thread is interrupted; the run goes on from its last save
     */
    public Trained train(TrainingConfig config) {
        var trainable = config.loss() == PretrainingLoss.QUAD ? quad : crossEntropy;
        var run = folder.resolve(Sha256.key(model.sha256(), blocks, training.sha256(), config, CODE_VERSION));
        double start;
        try (var untrained = Trainer.start(trainable, output, config, training)) {
            start = untrained.loss(heldOut);
        }
        try (var trainer = Trainer.open(run, trainable, output, config, training)) {
            while (trainer.step() < config.steps()) {
                trainer.run(trainer.step() + UPDATES_A_SAVE);
                trainer.save(run, model.tokenizer());
            }
            var name = model.name() + " by " + config.loss() + ", seed " + config.seed();
            return new Trained(trainable.on(model, name, trainer.parameters()), start, trainer.loss(heldOut));
        }
    }

    /**
     * A control: the model with random parameters in the blocks that are trained, as they are initialised before any training.
     *
     * @return it shares parameters with the pretrained one: close it first
     */
    public LanguageModel reinitialised(long seed) {
        return crossEntropy.on(model, model.name() + " re-initialised, seed " + seed, crossEntropy.reinitialised(seed));
    }

    /**
     * The training text as the pretrained model, unchanged, leaves it: for an {@code f = Wh} that is linear in its states.
     *
     * @param phi {@code Φᵀ}, {@code V×d}
     * @param h states {@code f(s)} with a component 1 appended, {@code n×(d+1)}
     * @param words the next word of each, {@code n}
     */
    public record FixedStates(float[][] phi, float[][] h, int[] words) {}

    /** The first contexts of the training text, at most so many. */
    public FixedStates fixedStates(int limit) {
        var states = IntStream.range(0, training.size())
                .boxed()
                .flatMap(text -> Arrays.stream(lastStates.get(text), 0, training.length(text) - 1))
                .limit(limit)
                .toArray(float[][]::new);
        var words = IntStream.range(0, training.size())
                .flatMap(text -> Arrays.stream(training.targets(text)))
                .limit(limit)
                .toArray();
        return new FixedStates(phi, LinearQuad.withConstant(model.f(states)), words);
    }

    /** Updates of an epoch. */
    public int updates(int batch) {
        return training.size() / batch;
    }
}
