package org.whylm.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Reading;
import org.whylm.lm.TrainableModel;
import org.whylm.run.Progress;

/**
 * Table 1's column FT: a pretrained model, or its last blocks, trained on a task together with a linear classification head that
 * reads {@code f} at the last token. The frozen blocks below read each text once; their states are held on the heap,
 * {@code 4·d} bytes a token. The pretrained model stays as it is, and must stay open.
 */
public final class FineTuning {

    private final TextDataset data;
    private final TrainableModel model;
    private final Sequences sequences;
    private final int[] textLengths;
    private final int[] promptedLengths;
    private final int[] labels;
    private final boolean hasPrompt;

    private FineTuning(LanguageModel model, int blocks, TextDataset data, String prompt) {
        this.data = data;
        hasPrompt = !prompt.isEmpty();
        var examples =
                Stream.concat(data.train().stream(), data.test().stream()).toList();
        var promptIds = model.tokenizer().encode(prompt);
        var texts = examples.stream()
                .map(example -> model.tokens(example.text(), FeatureExtractor.TRUNCATION, promptIds.length))
                .toList();
        var ids = texts.stream()
                .map(text -> IntStream.concat(IntStream.of(text), IntStream.of(promptIds))
                        .toArray())
                .toList();
        labels = each(examples, Example::label);
        textLengths = each(texts, text -> text.length);
        promptedLengths = each(ids, sequence -> sequence.length);
        boolean whole = blocks >= model.blocks();
        this.model = whole ? TrainableModel.whole(model) : TrainableModel.upper(model, blocks);
        sequences = whole ? new Sequences.Tokens(ids) : new Sequences.States(states(model, blocks, ids));
    }

    private static <T> int[] each(List<T> items, ToIntFunction<T> value) {
        return items.stream().mapToInt(value).toArray();
    }

    private static List<float[][]> states(LanguageModel model, int blocks, List<int[]> ids) {
        var everywhere = ids.stream().map(Reading::everywhere).toList();
        return new FeatureExtractor(model)
                .statesAfter(List.of(model.blocks() - blocks), everywhere)
                .get(0);
    }

    /**
     * Reads a task's texts, with the frozen blocks if there are any.
     *
     * @param blocks how many of the last blocks are trained, with the final norm; as many as the model has, or more: all of it, the
     *     input embeddings included
     * @param prompt what follows each text; empty for none. The states without it are from the same pass
     * @throws IllegalArgumentException if a split is empty, a text has no tokens, or {@code blocks} is negative
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public static FineTuning of(LanguageModel model, int blocks, TextDataset data, String prompt) {
        if (data.train().isEmpty() || data.test().isEmpty()) {
            throw new IllegalArgumentException(data.name() + " has "
                    + data.train().size() + " training and " + data.test().size() + " test examples: both are needed");
        }
        return new FineTuning(model, blocks, data, prompt);
    }

    /** Whether the texts were read with a prompt too. */
    public boolean hasPrompt() {
        return hasPrompt;
    }

    /**
     * Fine-tunes for the rows of Table 1: on the texts alone and, if there is a prompt, on texts and prompt.
     *
     * @throws IllegalArgumentException as {@link #run}
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public List<FineTuningResult> rows(FineTuningConfig config) {
        var rows = new ArrayList<FineTuningResult>();
        rows.add(run(false, config));
        if (hasPrompt) {
            rows.add(run(true, config));
        }
        return rows;
    }

    /**
     * Fine-tunes from the pretrained parameters, keeps those of the epoch that does best on a part of the training split, and
     * classifies the test split with them.
     *
     * @param prompted whether the prompt follows each text
     * @throws IllegalArgumentException if there are too few training examples for a batch or the validation part
     * @throws IllegalStateException if a prompt is asked for and there is none, or training diverges
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public FineTuningResult run(boolean prompted, FineTuningConfig config) {
        if (prompted && !hasPrompt) {
            throw new IllegalStateException(data.name() + " was read without a prompt");
        }
        int trainingSize = data.train().size();
        var split = ValidationSplit.of(each(data.train(), Example::label), config.validationShare(), config.seed());
        var test = IntStream.range(trainingSize, labels.length).toArray();
        try (var trainer = new ClassifierTrainer(
                        model,
                        data.classes().size(),
                        sequences,
                        prompted ? promptedLengths : textLengths,
                        labels,
                        split.training(),
                        config);
                var progress = Progress.start(
                        "fine-tuning on " + data.name() + (prompted ? "*" : ""),
                        (long) config.epochs() * trainer.updatesAnEpoch(),
                        "updates")) {
            var epochs = new ArrayList<FineTuningResult.Epoch>();
            int chosen = 0;
            while (epochs.size() < config.epochs() && epochs.size() - chosen <= config.patience()) {
                epochs.add(epoch(trainer, split.validation(), progress));
                int last = epochs.size() - 1;
                if (last == 0 || epochs.get(last).betterThan(epochs.get(chosen))) {
                    chosen = last;
                    trainer.keep();
                }
            }
            trainer.restore();
            var predictions = trainer.evaluate(test, progress).predictions();
            return new FineTuningResult(
                    data.name(),
                    prompted,
                    split.training().length,
                    epochs,
                    chosen,
                    predictions,
                    correct(predictions, test));
        }
    }

    private FineTuningResult.Epoch epoch(ClassifierTrainer trainer, int[] validation, Progress progress) {
        double sum = 0;
        for (int update = 0; update < trainer.updatesAnEpoch(); update++) {
            sum += trainer.update();
            progress.advance(1);
        }
        var evaluation = trainer.evaluate(validation, progress);
        return new FineTuningResult.Epoch(
                sum / trainer.updatesAnEpoch(),
                evaluation.loss(),
                FineTuningResult.accuracy(correct(evaluation.predictions(), validation)));
    }

    private boolean[] correct(int[] predictions, int[] examples) {
        var correct = new boolean[examples.length];
        for (int row = 0; row < correct.length; row++) {
            correct[row] = predictions[row] == labels[examples[row]];
        }
        return correct;
    }
}
