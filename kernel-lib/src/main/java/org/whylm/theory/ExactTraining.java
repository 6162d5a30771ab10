package org.whylm.theory;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.TrainableModel;
import org.whylm.run.Matrices;
import org.whylm.run.Workspace;
import org.whylm.theory.ExactModel.Recipe;
import org.whylm.train.ObservedRun;
import org.whylm.train.OutputLayer;
import org.whylm.train.PretrainingLoss;
import org.whylm.train.TokenStream;
import org.whylm.train.TrainingConfig;

/**
 * GPT-2s trained on samples of a {@link HiddenMarkov}, every word of which they see once, by cross-entropy and by Quad. Runs that are
 * complete are read; one that was interrupted starts again.
 */
public final class ExactTraining {

    private static final double CLIP = 1;
    private static final double WEIGHT_DECAY = 0.01;

    /** Part of the updates. With a twentieth two runs that differ in rounding alone grew apart, with a quarter most stay together. */
    private static final double WARM_UP = 0.25;

    private static final long CONTEXTS = 1;

    private final ExactLanguageSettings settings;
    private final long seed;
    private final Path folder;
    private final Map<Integer, ContextSample> samples = new ConcurrentHashMap<>();

    /** @param seed of the languages and their contexts, and, with that of a run, of its text and initial parameters */
    public ExactTraining(ExactLanguageSettings settings, long seed) {
        this(settings, seed, Workspace.current().models().resolve("exact-language"));
    }

    ExactTraining(ExactLanguageSettings settings, long seed, Path folder) {
        this.settings = settings;
        this.seed = seed;
        this.folder = folder;
    }

    /** The language of so many words, and the contexts at which its models are looked at. */
    public ContextSample language(int vocabulary) {
        return samples.computeIfAbsent(vocabulary, v -> {
            var markov = HiddenMarkov.sticky(settings.states(), v, settings.stay(), settings.concentration(), seed);
            return ContextSample.of(markov, settings.contexts(), settings.length(), seed + CONTEXTS);
        });
    }

    /**
     * Trains a model.
     *
     * @param size of the language and the model
     * @param run number of the run: its seed
     * @param updates after how many updates it is looked at, rising; the last ends the run
     * @throws org.whylm.run.Progress.Interrupted if the thread is interrupted
     */
    public List<ExactModel> train(Recipe recipe, ExactLanguageSettings.Size size, long run, List<Integer> updates) {
        var sample = language(size.vocabulary());
        int last = updates.get(updates.size() - 1);
        var text = sample.markov().sample(last * settings.batch() * settings.length() + 1, new Random(~(seed + run)));
        var data = new TokenStream(text.words(), settings.length());
        var model = TrainableModel.gpt2(
                new Gpt2Config(size.vocabulary(), size.dimension(), size.blocks(), size.heads(), settings.length()));
        var loss = recipe == Recipe.CROSS_ENTROPY ? PretrainingLoss.CROSS_ENTROPY : PretrainingLoss.QUAD;
        int warmUp = (int) (WARM_UP * last);
        var config = new TrainingConfig(
                loss, last, settings.batch(), size.learningRate(), warmUp, WEIGHT_DECAY, CLIP, 0, seed + run);
        var output =
                switch (recipe) {
                    case CROSS_ENTROPY -> new OutputLayer.Learned();
                    case QUAD_LEARNED -> OutputLayer.Learned.forQuad(model, seed + run, data);
                    case QUAD_FIXED -> new OutputLayer.Fixed(learned(size, run, updates));
                    case QUAD_LEADING, QUAD_LEADING_LONGER ->
                        new OutputLayer.Fixed(transposed(Embeddings.principal(sample.language(), size.dimension())));
                };
        return new ObservedRun(folder, model, output, config, data, sample.contexts(), updates)
                .observe().stream()
                        .map(observed -> ExactModel.of(recipe, size, run, observed))
                        .toList();
    }

    /** {@code Φᵀ} of cross-entropy at the end of its run. */
    private float[][] learned(ExactLanguageSettings.Size size, long run, List<Integer> updates) {
        var models = train(Recipe.CROSS_ENTROPY, size, run, updates);
        return transposed(models.get(models.size() - 1).phi());
    }

    private static float[][] transposed(Embeddings phi) {
        return Matrices.rows(Matrices.floats(phi.words()), phi.dimension());
    }

    /**
     * How many updates of Quad with a fixed {@code Φ} take as many multiplications as those of cross-entropy: Quad's output layer looks
     * a target up.
     */
    public int equalArithmetic(ExactLanguageSettings.Size size) {
        return (int) Math.round(size.updates() * (1 + (double) output(size) / network(size)));
    }

    /** About how long a size takes beside others: multiplications a token by updates and recipes. */
    long cost(ExactLanguageSettings.Size size) {
        return (network(size) + output(size)) * size.updates() * size.recipes().size();
    }

    /** Multiplications a token, {@code blocks·(12d² + 2Ld) + d²}; three times as many with both gradients. */
    private long network(ExactLanguageSettings.Size size) {
        long d = size.dimension();
        return size.blocks() * (12 * d * d + 2 * settings.length() * d) + d * d;
    }

    /** The same of cross-entropy's output layer, {@code Vd}. */
    private static long output(ExactLanguageSettings.Size size) {
        return (long) size.vocabulary() * size.dimension();
    }

    /** The first, then about a fifth more each time (four looks double them), up to the last. */
    public static List<Integer> logarithmic(int first, int last) {
        var steps = IntStream.iterate(0, k -> k + 1)
                .map(k -> (int) Math.round(first * Math.pow(2, k / 4.0)))
                .takeWhile(step -> step < last);
        return IntStream.concat(steps, IntStream.of(last)).boxed().toList();
    }
}
