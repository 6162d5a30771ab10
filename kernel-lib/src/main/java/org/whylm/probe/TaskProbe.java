package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.whylm.data.TextDataset;
import org.whylm.features.ClassWords;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.features.Features;
import org.whylm.features.LowerStates;
import org.whylm.lm.LanguageModel;
import org.whylm.run.Matrices;
import org.whylm.run.Progress;

/** A task as linear classification: its examples' features, with and without a prompt, and classifiers trained on them. */
public final class TaskProbe {

    private final Inputs inputs;
    private final List<Split> splits;
    private final UnaryOperator<CrossValidation> choice;

    private TaskProbe(Inputs inputs, List<Split> splits, UnaryOperator<CrossValidation> choice) {
        this.inputs = inputs;
        this.splits = splits;
        this.choice = choice;
    }

    /**
     * Features and, once they were asked for, the classifiers' inputs made of them; shared by the splits of a task.
     *
     * @param features of the texts alone and, if there is a prompt, of texts and prompt
     */
    private record Inputs(List<Features> features, Map<List<Object>, float[][]> vectors) {

        Features of(boolean prompted) {
            return features.get(prompted ? 1 : 0);
        }

        float[][] of(FeatureKind.Vectors kind, boolean prompted) {
            return vectors.computeIfAbsent(List.of(kind, prompted), any -> kind.of(of(prompted)));
        }
    }

    /** @param rows of the features: those of the training examples, then those of the test examples */
    private record Split(TextDataset data, int[] rows) {

        int[] trainRows() {
            return Arrays.copyOf(rows, data.train().size());
        }

        int[] testRows() {
            return Arrays.copyOfRange(rows, data.train().size(), rows.length);
        }
    }

    /**
     * Reads the features of all examples, from the extractor's store where it has them.
     *
     * @param prompt what follows each text; empty for none
     * @throws IllegalArgumentException if the data set has no test examples, or a text has no tokens
     */
    public static TaskProbe of(TextDataset data, String prompt, FeatureExtractor extractor) {
        data.requireBothSplits();
        return ofFixed(data, features(data, prompt, extractor));
    }

    /**
     * The same over so many random splits of a task that has no fixed one (see {@link TextDataset#splits}); features are read once.
     *
     * @param prompt what follows each text; empty for none
     * @throws IllegalArgumentException if a text has no tokens
     */
    public static TaskProbe ofSplits(TextDataset data, int n, long seed, String prompt, FeatureExtractor extractor) {
        return of(data, data.splits(n, seed), features(data, prompt, extractor));
    }

    /**
     * The same with features read before the end of the text, without a prompt.
     *
     * @param lengths after how many tokens (all of a shorter text); one probe for each
     * @throws IllegalArgumentException if the data set has no test examples, a text has no tokens, or a length is below 1
     */
    public static List<TaskProbe> ofPrefixes(TextDataset data, FeatureExtractor extractor, int... lengths) {
        data.requireBothSplits();
        return extractor.prefixes(data.texts(), lengths).stream()
                .map(features -> ofFixed(data, List.of(features)))
                .toList();
    }

    /**
     * The same from the states below the upper blocks of a model, for models that differ in those only.
     *
     * @param states of the data set's {@link TextDataset#texts() texts}
     * @param model whose upper blocks read them
     * @throws IllegalArgumentException if the data set has no test examples
     */
    public static TaskProbe of(TextDataset data, LowerStates states, LanguageModel model) {
        data.requireBothSplits();
        return ofFixed(data, states.features(model));
    }

    private static List<Features> features(TextDataset data, String prompt, FeatureExtractor extractor) {
        if (prompt.isEmpty()) {
            return List.of(extractor.features(data.texts()));
        }
        var prompted = extractor.features(data.texts(), prompt); // reads those of the texts alone, too
        return List.of(extractor.features(data.texts()), prompted);
    }

    private static TaskProbe ofFixed(TextDataset data, List<Features> features) {
        return of(data, List.of(data), features);
    }

    private static TaskProbe of(TextDataset whole, List<TextDataset> splits, List<Features> features) {
        var rowOf = new HashMap<String, Integer>();
        whole.texts().forEach(text -> rowOf.put(text, rowOf.size()));
        var each = splits.stream()
                .map(data -> new Split(
                        data,
                        data.examples().stream()
                                .mapToInt(example -> rowOf.get(example.text()))
                                .toArray()))
                .toList();
        return new TaskProbe(new Inputs(features, new HashMap<>()), each, UnaryOperator.identity());
    }

    /**
     * The same probe, whose classifiers are also trained on redrawn training sets, each of the size of the training split and drawn from it with
     * replacement, so that intervals know the variance that the choice of training examples brings. Where a task has several random splits
     * these show it, and nothing is redrawn.
     */
    public TaskProbe redrawing(int draws, long seed) {
        return choosing(validation -> validation.redrawing(splits.size() == 1 ? draws : 0, seed));
    }

    /** The same probe, whose classifiers choose {@code C} in another way than the authors' script. */
    public TaskProbe choosing(UnaryOperator<CrossValidation> further) {
        return new TaskProbe(inputs, splits, validation -> further.apply(choice.apply(validation)));
    }

    /** The data set; the first of its splits where there are several. */
    public TextDataset data() {
        return splits.get(0).data();
    }

    /** Whether features behind a prompt were read too. */
    public boolean hasPrompt() {
        return inputs.features().size() > 1;
    }

    /**
     * Trains a classifier on the training split and tests it. For the {@link FeatureKind.Distribution whole p_f} it works on the
     * {@code n×n} inner products of the training split, which takes of the order of {@code n³} operations: limit the data.
     *
     * @param prompted whether to use the features read behind the prompt
     * @throws IllegalStateException if that is asked for and there was no prompt
     */
    public Result evaluate(FeatureKind kind, boolean prompted, Scaling scaling) {
        requirePromptIf(prompted);
        if (kind instanceof FeatureKind.Vectors vectors) {
            var all = inputs.of(vectors, prompted);
            return onEach(
                    kind.label(),
                    prompted,
                    all[0].length,
                    split -> Result.Split.of(LinearClassification.evaluate(
                            split.data(), Matrices.select(all, split.rows()), scaling, validation(split))));
        }
        var features = inputs.of(prompted);
        return onEach(kind.label(), prompted, features.outputEmbeddings().vocabularySize(), split -> {
            int n = split.data().train().size();
            var gram = DistributionGram.of(features.rows(split.rows()), n, scaling);
            return Result.Split.of(LinearClassification.evaluateGram(
                    gram.train(),
                    split.data().trainLabels(),
                    gram.cross(),
                    split.data().testLabels(),
                    classes(),
                    scaling,
                    validation(split)));
        });
    }

    private Result onEach(String features, boolean prompted, int dimension, Function<Split, Result.Split> of) {
        var each = splits.stream().map(of).toList();
        return new Result(data().name(), features, prompted, dimension, each);
    }

    /**
     * Draws of random features as one result, a run a draw; each is classified like the picked features are, at the {@code C} that
     * was chosen for those. Where there are several splits, the draws go round among them.
     *
     * @param groups features of several draws each, those of one draw beside each other, as many as the picked features
     * @param draws how many they are together
     */
    Result evaluateDraws(List<? extends FeatureKind.Vectors> groups, int draws, Result picked) {
        requirePromptIf(picked.prompted());
        int width = picked.dimension();
        var runs = splits.stream().map(any -> new ArrayList<int[]>()).toList();
        int draw = 0;
        try (var progress = Progress.start("random features", draws, "draws")) {
            for (var group : groups) {
                var all = group.of(inputs.of(picked.prompted()));
                for (int from = 0; from < all[0].length; from += width, draw++) {
                    int s = draw % splits.size();
                    var split = splits.get(s);
                    var chosen = picked.splits().get(s).classification().orElseThrow();
                    runs.get(s)
                            .add(LinearClassification.predictions(
                                    split.data(),
                                    columns(all, split.rows(), from, width),
                                    chosen.scaling(),
                                    chosen.C(),
                                    validation(split).criterion(),
                                    progress));
                }
            }
        }
        var results = IntStream.range(0, splits.size())
                .mapToObj(s ->
                        new Result.Split(splits.get(s).data().testLabels(), runs.get(s), List.of(), Optional.empty()))
                .toList();
        return new Result(data().name(), groups.get(0).label(), picked.prompted(), width, results);
    }

    /**
     * Classifiers as the authors' script trains them, on raw features: {@link OneVersusRest}; but of five classes (SST-fine, and what
     * stands in its place) and features other than {@code f} the softmax regression that the script fits by SAG, its intercept not
     * penalised. Both are fitted to convergence, which the script's 200 iterations do not always reach.
     *
     * @param prompted whether to use the features read behind the prompt
     * @throws IllegalStateException if that is asked for and there was no prompt
     */
    public ScriptResult evaluateAsScript(FeatureKind.Vectors kind, boolean prompted) {
        requirePromptIf(prompted);
        boolean softmax = classes() == 5 && !(kind instanceof FeatureKind.HiddenState);
        var all = inputs.of(kind, prompted);
        var chosen = new ArrayList<double[]>();
        var result = onEach(kind.label(), prompted, all[0].length, split -> {
            var data = split.data();
            var validation = CrossValidation.ofScript(data.train().size());
            if (softmax) {
                var classification = LinearClassification.evaluate(
                        data, Matrices.select(all, split.rows()), Scaling.RAW, validation);
                chosen.add(new double[] {classification.C()});
                return Result.Split.of(classification);
            }
            var model = OneVersusRest.fit(
                    Matrices.select(all, split.trainRows()), data.trainLabels(), classes(), validation);
            chosen.add(model.C());
            var predictions = Arrays.stream(split.testRows()).map(row -> model.predict(all[row]));
            return Result.Split.of(data.testLabels(), predictions.toArray());
        });
        return new ScriptResult(result, chosen.get(0), softmax);
    }

    /** Classifiers as the authors' script trains them for every kind: first without the prompt, then, if there is one, with it. */
    public List<ScriptResult> evaluateAsScript(List<? extends FeatureKind> kinds) {
        var results = new ArrayList<ScriptResult>();
        for (boolean prompted : prompts()) {
            for (var kind : kinds) {
                if (kind instanceof FeatureKind.Vectors vectors) {
                    results.add(evaluateAsScript(vectors, prompted));
                }
            }
        }
        return results;
    }

    private List<Boolean> prompts() {
        return hasPrompt() ? List.of(false, true) : List.of(false);
    }

    private CrossValidation validation(Split split) {
        var labels = split.data().trainLabels();
        return choice.apply(CrossValidation.ofScript(labels.length).within(labels));
    }

    /** Classifiers for every kind: first without the prompt, then, if there is one, with it; and chance. */
    public TaskResults evaluate(List<? extends FeatureKind> kinds, Scaling scaling) {
        var results = new ArrayList<Result>();
        prompts().forEach(prompted -> kinds.forEach(kind -> results.add(evaluate(kind, prompted, scaling))));
        return together(results);
    }

    /** Results of this probe, beside chance: what always answers the most frequent class of the training split. */
    public TaskResults together(List<Result> results) {
        var all = new ArrayList<>(results);
        all.add(onEach(TaskResults.CHANCE, false, 0, split -> {
            var predictions = new int[split.data().test().size()];
            Arrays.fill(predictions, Matrices.mostFrequent(split.data().trainLabels(), classes()));
            return Result.Split.of(split.data().testLabels(), predictions);
        }));
        return new TaskResults(data().name(), all, Map.of());
    }

    /**
     * The words by their weight in a classifier on the whole {@code p_f}, heaviest first; only the training split is used. Weights are
     * those on the classifier's inputs, so that standardised ones compare words of different frequency; with several scores a
     * word has the largest of its weights, in absolute value.
     *
     * @return all {@code V} token ids
     * @throws IllegalArgumentException if the result is on other features
     */
    public int[] heaviestWords(Result result) {
        if (!result.features().equals(new FeatureKind.Distribution().label())) {
            throw new IllegalArgumentException(
                    "Words have weights in a classifier on p_f, not on " + result.features());
        }
        var classification = result.classification();
        var weights = DistributionGram.wordWeights(
                inputs.of(result.prompted()).rows(splits.get(0).trainRows()),
                classification.model().weights(),
                classification.scaling());
        var largest = new double[weights[0].length];
        for (var score : weights) {
            Arrays.setAll(largest, w -> Math.max(largest[w], Math.abs(score[w])));
        }
        return Matrices.order(largest.length, w -> -largest[w]);
    }

    /**
     * Sentence completion without training: the test examples' classes by the probabilities of words that stand for them.
     *
     * @param words the words of each class, in the order of the labels
     * @param prompted whether to use the features read behind the prompt
     * @throws IllegalArgumentException unless there are words for each class, in a form that the vocabulary has for all
     * @throws IllegalStateException if there was no prompt and one is asked for
     */
    public ZeroShot zeroShot(ClassWords words, boolean prompted) {
        requirePromptIf(prompted);
        if (words.ofClass().size() != classes()) {
            throw new IllegalArgumentException("Words for " + words.ofClass().size() + " classes; the " + classes()
                    + " of " + data().name() + " are " + data().classes());
        }
        if (words.isEmpty()) {
            throw new IllegalArgumentException("No form of the words that stand for the classes of " + data().name()
                    + " is a single token for every class: " + words);
        }
        var features = inputs.of(prompted);
        var split = splits.get(0);
        return ZeroShot.of(
                ZeroShot.classProbabilities(features.rows(split.testRows()), words.ofClass()),
                ZeroShot.classProbabilities(features.rows(split.trainRows()), words.ofClass()),
                split.data().testLabels());
    }

    private static float[][] columns(float[][] all, int[] rows, int from, int width) {
        var some = Matrices.select(all, rows);
        Arrays.setAll(some, i -> Arrays.copyOfRange(some[i], from, from + width));
        return some;
    }

    private int classes() {
        return data().classes().size();
    }

    private void requirePromptIf(boolean prompted) {
        if (prompted && !hasPrompt()) {
            throw new IllegalStateException(data().name() + " was read without a prompt");
        }
    }
}
