package org.whylm.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Reading;
import org.whylm.lm.TrainableModel;
import org.whylm.run.Matrices;
import org.whylm.run.Progress;
import org.whylm.run.RecordJson;
import org.whylm.run.Sha256;
import org.whylm.run.Workspace;
import org.whylm.statistics.Accuracy;
import org.whylm.train.FineTuningResult.Epoch;

/**
 * Table 1's column FT: a pretrained model, or its last blocks, trained on a task together with a linear classification head that
 * reads {@code f} at the last token. The frozen blocks below read each text once, when the first run needs it; their states are held on
 * the heap, {@code 4·d} bytes a token. The pretrained model stays as it is, and must stay open.
 *
 * <p>A run that was interrupted goes on from its last save, after every {@value #UPDATES_A_SAVE} updates and after each epoch. One
 * that came to its end is not repeated.
 */
public final class FineTuning {

    /** Raised whenever the same inputs would give another result than before. */
    static final int CODE_VERSION = 1;

    private static final int UPDATES_A_SAVE = 50;
    private static final String RESULT = "result.json";

    private final LanguageModel pretrained;
    private final int blocks;
    private final TextDataset data;
    private final String prompt;
    private final Path folder;
    private final TrainableModel model;
    private final List<Reading> readings;
    private final int[] labels;
    private Sequences sequences;

    private FineTuning(LanguageModel pretrained, int blocks, TextDataset data, String prompt, Path folder) {
        this.pretrained = pretrained;
        this.blocks = blocks;
        this.data = data;
        this.prompt = prompt;
        this.folder = folder;
        model = isWhole() ? TrainableModel.whole(pretrained) : TrainableModel.upper(pretrained, blocks);
        var examples = data.examples();
        readings = examples.stream()
                .map(example -> pretrained.reading(example.text(), prompt, FeatureExtractor.TRUNCATION))
                .toList();
        labels = examples.stream().mapToInt(Example::label).toArray();
    }

    private boolean isWhole() {
        return blocks >= pretrained.blocks();
    }

    /**
     * Prepares a task's texts. Runs are kept in the {@link Workspace#fineTuning() workspace's folder}.
     *
     * @param blocks how many of the last blocks are trained, with the final norm; as many as the model has, or more: all of it, the
     *     input embeddings included
     * @param prompt what follows each text; empty for none. The states without it are from the same pass
     * @throws IllegalArgumentException if a split is empty, a text has no tokens, or {@code blocks} is negative
     */
    public static FineTuning of(LanguageModel model, int blocks, TextDataset data, String prompt) {
        return of(model, blocks, data, prompt, Workspace.current().fineTuning());
    }

    /** @param folder where runs are kept */
    static FineTuning of(LanguageModel model, int blocks, TextDataset data, String prompt, Path folder) {
        data.requireBothSplits();
        return new FineTuning(model, blocks, data, prompt, folder);
    }

    /** Whether the texts are read with a prompt too. */
    public boolean hasPrompt() {
        return !prompt.isEmpty();
    }

    /** The rows of Table 1, by {@link #run}: on the texts alone and, if there is a prompt, on texts and prompt. */
    public List<FineTuningResult> rows(FineTuningConfig config) {
        return hasPrompt() ? List.of(run(false, config), run(true, config)) : List.of(run(false, config));
    }

    /**
     * Fine-tunes from the pretrained parameters, keeps those of the epoch that does best on a part of the training split, and
     * classifies the test split with them.
     *
     * @param prompted whether the prompt follows each text
     * @throws IllegalArgumentException if there are too few training examples for a batch or the validation part
     * @throws IllegalStateException if a prompt is asked for and there is none, or training diverges
     * @throws java.io.UncheckedIOException if a file of the run cannot be read or written
     * @throws Progress.Interrupted if the thread is interrupted; the run goes on from its last save
     */
    public FineTuningResult run(boolean prompted, FineTuningConfig config) {
        if (prompted && !hasPrompt()) {
            throw new IllegalStateException(data.name() + " was read without a prompt");
        }
        var directory = folder.resolve(key(prompted, config));
        var result = directory.resolve(RESULT);
        if (!Files.isRegularFile(result)) {
            var runs = new RunFolder(directory);
            RecordJson.keep(result, trained(prompted, config, runs));
            runs.clear();
        }
        var outcome = RecordJson.kept(result, Outcome.class);
        return new FineTuningResult(
                data.name(),
                prompted,
                outcome.learnedFrom(),
                outcome.epochs(),
                outcome.chosen(),
                Matrices.select(labels, testExamples()),
                outcome.predictions());
    }

    private String key(boolean prompted, FineTuningConfig config) {
        var trained = isWhole() ? "all blocks" : blocks + " blocks";
        // Without its prompt a text may still be cut for it.
        return Sha256.key(pretrained.sha256(), trained, data.sha256(), prompt, prompted, config, CODE_VERSION);
    }

    /** What is kept of a run that came to its end. */
    private record Outcome(String task, int learnedFrom, List<Epoch> epochs, int chosen, int[] predictions) {}

    /**
     * Where a run stands.
     *
     * @param epochs those that are complete
     */
    private record State(TrainingState run, List<Epoch> epochs) {}

    private Outcome trained(boolean prompted, FineTuningConfig config, RunFolder runs) {
        if (sequences == null) {
            sequences = isWhole()
                    ? new Sequences.Tokens(example -> readings.get(example).ids())
                    : new Sequences.States(states());
        }
        var lengths = readings.stream()
                .mapToInt(reading -> prompted ? reading.ids().length : reading.positions()[0] + 1)
                .toArray();
        var texts = new LabelledTexts(sequences, lengths, labels);
        var split = ValidationSplit.of(data.trainLabels(), config.validationShare(), config.seed());
        var training = texts.only(split.training());
        var validation = texts.only(split.validation());
        var head = new ClassHead(data.classes().size(), model.dimension(), config.headLearningRate());
        try (var trainer = new Trainer(model, head, config.training(training.size()), training);
                var progress = Progress.start(
                        "fine-tuning on " + data.name() + (prompted ? "*" : ""),
                        (long) config.epochs() * trainer.updatesAnEpoch(),
                        "updates")) {
            var epochs = resumed(trainer, runs);
            progress.advance(trainer.step());
            while (epochs.size() < config.epochs() && epochs.size() - best(epochs) <= config.patience()) {
                takeUpdates(trainer, epochs, runs, progress);
                epochs.add(measured(trainer, validation, progress));
                if (best(epochs) == epochs.size() - 1) {
                    trainer.keep();
                }
                trainer.save(runs, new State(trainer.state(), epochs));
            }
            trainer.restore();
            var predictions = ClassHead.evaluate(trainer, texts.only(testExamples()), progress)
                    .predictions();
            return new Outcome(data.name() + (prompted ? "*" : ""), training.size(), epochs, best(epochs), predictions);
        }
    }

    /** The epochs that were complete when the run was saved; the trainer goes on from there. */
    private static List<Epoch> resumed(Trainer trainer, RunFolder runs) {
        var epochs = new ArrayList<Epoch>();
        if (runs.isSaved()) {
            var state = runs.read(State.class);
            epochs.addAll(state.epochs());
            if (!epochs.isEmpty()) {
                trainer.keep(); // makes place for those of the best epoch
            }
            trainer.resume(runs, state.run());
        }
        return epochs;
    }

    /** The updates of an epoch, or what is left of them. */
    private static void takeUpdates(Trainer trainer, List<Epoch> complete, RunFolder runs, Progress progress) {
        int end = (complete.size() + 1) * trainer.updatesAnEpoch();
        while (trainer.step() < end) {
            trainer.update();
            progress.advance(1);
            if (trainer.step() % UPDATES_A_SAVE == 0) {
                trainer.save(runs, new State(trainer.state(), complete));
            }
        }
    }

    private static Epoch measured(Trainer trainer, LabelledTexts validation, Progress progress) {
        var losses = trainer.losses().subList(trainer.step() - trainer.updatesAnEpoch(), trainer.step());
        var evaluation = ClassHead.evaluate(trainer, validation, progress);
        return new Epoch(
                losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
                evaluation.loss(),
                Accuracy.of(evaluation.predictions(), validation.labels()));
    }

    /** Index of the best epoch, the first among equals; 0 if there is none. */
    private static int best(List<Epoch> epochs) {
        return IntStream.range(1, epochs.size())
                .reduce(0, (best, epoch) -> epochs.get(epoch).betterThan(epochs.get(best)) ? epoch : best);
    }

    private List<float[][]> states() {
        var everywhere =
                readings.stream().map(Reading::ids).map(Reading::everywhere).toList();
        return new FeatureExtractor(pretrained)
                .statesAfter(List.of(pretrained.blocks() - blocks), everywhere)
                .get(0);
    }

    private int[] testExamples() {
        return IntStream.range(data.train().size(), labels.length).toArray();
    }
}
