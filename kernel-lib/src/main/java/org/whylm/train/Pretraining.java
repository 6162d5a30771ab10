package org.whylm.train;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.data.DatasetCatalog;
import org.whylm.data.Example;
import org.whylm.data.HeldOutTexts;
import org.whylm.data.TaskSize;
import org.whylm.data.TextDataset;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.TrainableModel;
import org.whylm.lm.VocabularyRestriction;
import org.whylm.objective.PrincipalEmbeddings;
import org.whylm.run.Input;
import org.whylm.run.Matrices;
import org.whylm.run.Profile;
import org.whylm.run.RecordJson;
import org.whylm.run.Workspace;

/**
 * Small GPT-2s trained from scratch on one corpus by cross-entropy and by Quad, as in the paper's Table 2: the same architecture,
 * data, order and number of updates. Each run has a folder, goes on there after an interrupt, and leaves checkpoints that
 * {@link LanguageModels#load} reads.
 */
public final class Pretraining {

    private static final double CLIP = 1;
    private static final int SAVES = 40;
    private static final String CHECKPOINTS = "checkpoints";
    private static final String STEP = "%06d";
    private static final String HELD_OUT = "held-out.json";

    private final FromScratchSettings settings;
    private final Corpus corpus;
    private final LanguageModel pretrained;
    private final Path folder;
    private final long seed;

    Pretraining(FromScratchSettings settings, Corpus corpus, LanguageModel pretrained, Path folder, long seed) {
        this.settings = settings;
        this.corpus = corpus;
        this.pretrained = pretrained;
        this.folder = folder;
        this.seed = seed;
    }

    /**
     * The runs of a profile. The corpus is the training texts of its task, without those that hold a sentence on which the models
     * are evaluated (see {@link HeldOutTexts}); of a task without a fixed split every sentence counts as such.
     *
     * @param pretrained whose tokenizer, and in one run {@code Φ}, is used; it must stay open
     * @return runs that keep their files below {@link Workspace#models}, by the model's name
     * @throws org.whylm.data.DataException if the data of a task are not there or malformed
     * @throws IllegalArgumentException if a name in the profile is none of a task or run, or the corpus is too small
     */
    public static Pretraining of(Profile profile, DatasetCatalog catalog, LanguageModel pretrained) {
        var settings = profile.settings(FromScratchSettings.class);
        settings.runs().forEach(PretrainingRun::of);
        var heldOut = HeldOutTexts.of(settings.tasks().stream()
                .flatMap(task -> evaluated(catalog.dataset(task.task()), task))
                .map(Example::text)
                .toList());
        var documents = heldOut.dropFrom(catalog.dataset(settings.corpus()).train(), Example::text).stream()
                .map(Example::text)
                .toList();
        var corpus = Corpus.of(
                documents,
                settings.heldOutDocuments(),
                pretrained.tokenizer(),
                settings.minimumCount(),
                settings.length());
        return new Pretraining(settings, corpus, pretrained, folder(profile, settings), profile.seed());
    }

    /** The same runs from other initial values and in another order, which keep their files apart. */
    public Pretraining withSeed(long seed) {
        return new Pretraining(settings, corpus, pretrained, ofSeed(folder, this.seed, seed), seed);
    }

    private static Path ofSeed(Path folder, long first, long seed) {
        return seed == first ? folder : folder.resolve("seed-" + seed);
    }

    private static Stream<Example> evaluated(TextDataset data, TaskSize task) {
        return data.test().isEmpty() ? data.train().stream() : data.limit(0, task.test()).test().stream();
    }

    /** Profiles with the same tokenizer share the runs of one length. */
    private static Path folder(Profile profile, FromScratchSettings settings) {
        return Workspace.current()
                .models()
                .resolve(profile.model().replace('/', '_'))
                .resolve(settings.updates() + "-updates-of-" + settings.batch());
    }

    /**
     * A model on its way through a run.
     *
     * @param model directory of the model
     * @param updates done
     * @param heldOutLoss the run's objective on the held-out documents: in nats a token for cross-entropy
     */
    public record Checkpoint(Path model, int updates, double heldOutLoss) {}

    private record HeldOut(int updates, double loss) {}

    /**
     * Trains to the last update, from where an earlier call was interrupted, and keeps the checkpoints of the settings. A run that
     * is complete is only read.
     *
     * @return its checkpoints, the last of them the trained model
     * @throws IllegalArgumentException if the folder holds a run with other settings or data
     * @throws org.whylm.run.Progress.Interrupted if the thread is interrupted; the run goes on from its last save
     */
    public List<Checkpoint> train(PretrainingRun run) {
        return train(run, settings.updates());
    }

    /** @param updates where to stop, one of the checkpoints */
    List<Checkpoint> train(PretrainingRun run, int updates) {
        var directory = folder.resolve(run.id());
        var config = new TrainingConfig(
                run.loss(),
                settings.updates(),
                settings.batch(),
                settings.learningRate(),
                settings.warmUp(),
                settings.weightDecay(),
                CLIP,
                settings.dropout(),
                seed);
        try (var trainer = trainer(directory, config, run)) {
            while (true) {
                int step = trainer.step();
                if (step == settings.updates() || settings.checkpoints().contains(step)) {
                    keep(trainer, directory.resolve(CHECKPOINTS).resolve(String.format(Locale.ROOT, STEP, step)));
                }
                if (step >= updates) {
                    return checkpoints(directory);
                }
                trainer.run(nextStop(step));
                trainer.save(directory, corpus.tokenizer());
            }
        }
    }

    private Trainer trainer(Path directory, TrainingConfig config, PretrainingRun run) {
        var model = TrainableModel.gpt2(new Gpt2Config(
                corpus.vocabulary().size(),
                settings.dimension(),
                settings.blocks(),
                settings.heads(),
                settings.length()));
        return Trainer.open(directory, model, output(run, model), config, corpus.training());
    }

    private OutputLayer output(PretrainingRun run, TrainableModel model) {
        return switch (run) {
            case CROSS_ENTROPY -> new OutputLayer.Learned();
            case QUAD_LEARNED -> OutputLayer.Learned.forQuad(model, seed, corpus.training());
            case QUAD_PRETRAINED ->
                new OutputLayer.Fixed(
                        PrincipalEmbeddings.of(restricted(pretrained, corpus.vocabulary()), settings.dimension()));
            case QUAD_FIXED -> {
                var checkpoints = train(PretrainingRun.CROSS_ENTROPY);
                var last = checkpoints.get(checkpoints.size() - 1).model();
                try (var trained = LanguageModels.load(last.toString())) {
                    yield new OutputLayer.Fixed(trained.outputEmbeddings().all());
                }
            }
        };
    }

    private int nextStop(int step) {
        int updates = Math.max(1, settings.updates() / SAVES);
        int save = Math.min(settings.updates(), (step / updates + 1) * updates);
        return settings.checkpoints().stream()
                .filter(checkpoint -> checkpoint > step)
                .mapToInt(checkpoint -> Math.min(checkpoint, save))
                .min()
                .orElse(save);
    }

    /** The loss is written last: a checkpoint without it is not complete. */
    private void keep(Trainer trainer, Path checkpoint) {
        var heldOut = checkpoint.resolve(HELD_OUT);
        if (!Files.isRegularFile(heldOut)) {
            trainer.saveModel(checkpoint, corpus.tokenizer());
            RecordJson.keep(heldOut, new HeldOut(trainer.step(), trainer.loss(corpus.heldOut())));
        }
    }

    /**
     * The checkpoints of a run from each seed from which it is complete, in the order of its updates, the trained model last.
     *
     * @throws UncheckedIOException if they cannot be read
     */
    public static List<List<Checkpoint>> trained(Profile profile, PretrainingRun run) {
        var settings = profile.settings(FromScratchSettings.class);
        return IntStream.range(0, settings.seeds())
                .mapToObj(i -> ofSeed(folder(profile, settings), profile.seed(), profile.seed() + i))
                .map(folder -> checkpoints(folder.resolve(run.id())))
                .filter(each -> !each.isEmpty() && each.get(each.size() - 1).updates() == settings.updates())
                .toList();
    }

    private static List<Checkpoint> checkpoints(Path run) {
        return Input.folder(run.resolve(CHECKPOINTS)).stream()
                .filter(checkpoint -> Files.isRegularFile(checkpoint.resolve(HELD_OUT)))
                .map(checkpoint -> {
                    var heldOut = RecordJson.kept(checkpoint.resolve(HELD_OUT), HeldOut.class);
                    return new Checkpoint(checkpoint, heldOut.updates(), heldOut.loss());
                })
                .toList();
    }

    /** {@code Φᵀ} of the words kept; the unknown word has the mean of the others' embeddings. */
    private static float[][] restricted(LanguageModel model, VocabularyRestriction vocabulary) {
        var all = model.outputEmbeddings().all();
        var kept = Arrays.copyOf(Matrices.select(all, vocabulary.kept()), vocabulary.size());
        var others = IntStream.range(0, all.length)
                .filter(id -> Arrays.binarySearch(vocabulary.kept(), id) < 0)
                .toArray();
        var mean = new double[model.dimension()];
        for (int id : others) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += all[id][i];
            }
        }
        Arrays.setAll(mean, i -> mean[i] / Math.max(1, others.length));
        kept[vocabulary.unknown()] = Matrices.floats(new double[][] {mean});
        return kept;
    }
}
