package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.whylm.data.Example;
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
    private final int draws;
    private final long seed;
    private final UnaryOperator<CrossValidation> choice;

    private TaskProbe(Inputs inputs, List<Split> splits, int draws, long seed, UnaryOperator<CrossValidation> choice) {
        this.inputs = inputs;
        this.splits = splits;
        this.draws = draws;
        this.seed = seed;
        this.choice = choice;
    }

    /** Examples by their rows of the features. */
    private record Split(TextDataset data, int[] trainRows, int[] testRows, int[] trainLabels, int[] testLabels) {

        static Split of(TextDataset data, Map<String, Integer> rowOfText) {
            int[] train = rows(data.train(), rowOfText), test = rows(data.test(), rowOfText);
            return new Split(data, train, test, data.trainLabels(), data.testLabels());
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
        return ofEach(data, List.of(data), prompt, extractor);
    }

    /**
     * The same over random splits of a task that has no fixed one; features are read once.
     *
     * @param n how many splits, {@code 90/10} each (see {@link TextDataset#splits})
     * @param seed of the splits
     * @param prompt what follows each text; empty for none
     * @throws IllegalArgumentException if a text has no tokens
     */
    public static TaskProbe ofSplits(TextDataset data, int n, long seed, String prompt, FeatureExtractor extractor) {
        return ofEach(data, data.splits(n, seed), prompt, extractor);
    }

    /**
     * The same with features read before the end of the text, without a prompt.
     *
     * @param lengths after how many tokens (all of a shorter text); one probe for each
     * @throws IllegalArgumentException if the data set has no test examples, a text has no tokens, or a length is below 1
     */
    public static List<TaskProbe> ofPrefixes(TextDataset data, FeatureExtractor extractor, int... lengths) {
        data.requireBothSplits();
        var texts = data.texts();
        return extractor.prefixes(texts, lengths).stream()
                .map(features -> of(data, List.of(data), new Inputs(features, null)))
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
        var features = states.features(model);
        return of(
                data,
                List.of(data),
                new Inputs(features.plain(), features.prompted().orElse(null)));
    }

    private static TaskProbe ofEach(
            TextDataset whole, List<TextDataset> splits, String prompt, FeatureExtractor extractor) {
        var texts = whole.texts();
        var prompted = prompt.isEmpty() ? null : extractor.features(texts, prompt);
        return of(whole, splits, new Inputs(extractor.features(texts), prompted));
    }

    private static TaskProbe of(TextDataset whole, List<TextDataset> splits, Inputs inputs) {
        var rows = rowOfEach(whole.texts());
        return new TaskProbe(
                inputs, splits.stream().map(split -> Split.of(split, rows)).toList(), 0, 0, UnaryOperator.identity());
    }

    /**
     * The same probe, whose classifiers are also trained on redrawn training sets, so that intervals know the variance that the choice
     * of training examples brings. Where a task has several random splits these show it, and nothing is redrawn.
     *
     * @param draws how many training sets are drawn from the training split, each of its size, with replacement
     * @param seed of the draws
     */
    public TaskProbe redrawing(int draws, long seed) {
        return new TaskProbe(inputs, splits, splits.size() == 1 ? draws : 0, seed, choice);
    }

    /** The same probe, whose classifiers choose {@code C} in another way than the authors' script. */
    public TaskProbe choosing(UnaryOperator<CrossValidation> choice) {
        return new TaskProbe(inputs, splits, draws, seed, choice);
    }

    /** Features and, once they were asked for, the classifiers' inputs made of them; shared by the splits of a task. */
    private static final class Inputs {
        private record Key(FeatureKind.Vectors kind, boolean prompted) {}

        private final Features plain;
        private final Features prompted;
        private final Map<Key, float[][]> vectors = new HashMap<>();

        Inputs(Features plain, Features prompted) {
            this.plain = plain;
            this.prompted = prompted;
        }

        boolean hasPrompt() {
            return prompted != null;
        }

        Features features(boolean prompted) {
            return prompted ? this.prompted : plain;
        }

        float[][] of(FeatureKind.Vectors kind, boolean prompted) {
            return vectors.computeIfAbsent(
                    new Key(kind, prompted), key -> key.kind().of(features(key.prompted())));
        }
    }

    /** The data set; the first of its splits where there are several. */
    public TextDataset data() {
        return splits.get(0).data();
    }

    /** Whether features behind a prompt were read too. */
    public boolean hasPrompt() {
        return inputs.hasPrompt();
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
        return kind instanceof FeatureKind.Vectors vectors
                ? evaluateVectors(vectors, prompted, scaling)
                : evaluateDistribution(prompted, scaling);
    }

    private Result evaluateVectors(FeatureKind.Vectors kind, boolean prompted, Scaling scaling) {
        var all = inputs.of(kind, prompted);
        return onEach(
                kind.label(),
                prompted,
                all[0].length,
                split -> Result.Split.of(LinearClassification.evaluate(
                        Matrices.select(all, split.trainRows()),
                        split.trainLabels(),
                        Matrices.select(all, split.testRows()),
                        split.testLabels(),
                        classes(),
                        scaling,
                        validation(split))));
    }

    private Result evaluateDistribution(boolean prompted, Scaling scaling) {
        var features = inputs.features(prompted);
        int vocabularySize = features.outputEmbeddings().vocabularySize();
        return onEach(new FeatureKind.Distribution().label(), prompted, vocabularySize, split -> {
            var rows = IntStream.concat(IntStream.of(split.trainRows()), IntStream.of(split.testRows()))
                    .toArray();
            var gram = DistributionGram.of(features.rows(rows), split.trainRows().length, scaling);
            return Result.Split.of(LinearClassification.evaluateGram(
                    gram.train(),
                    split.trainLabels(),
                    gram.cross(),
                    split.testLabels(),
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
        var scaling = picked.classification().scaling();
        var runs = splits.stream().map(any -> new ArrayList<int[]>()).toList();
        int draw = 0;
        try (var progress = Progress.start("random features", draws, "draws")) {
            for (var group : groups) {
                var all = group.of(inputs.features(picked.prompted()));
                for (int from = 0; from < all[0].length; from += width, draw++) {
                    int s = draw % splits.size();
                    var split = splits.get(s);
                    double C = picked.splits()
                            .get(s)
                            .classification()
                            .orElseThrow()
                            .C();
                    runs.get(s)
                            .add(LinearClassification.predictions(
                                    columns(all, split.trainRows(), from, width),
                                    split.trainLabels(),
                                    columns(all, split.testRows(), from, width),
                                    classes(),
                                    scaling,
                                    C,
                                    validation(split).criterion(),
                                    progress));
                }
            }
        }
        var results = IntStream.range(0, splits.size())
                .mapToObj(s -> new Result.Split(splits.get(s).testLabels(), runs.get(s), List.of(), Optional.empty()))
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
            var train = Matrices.select(all, split.trainRows());
            var test = Matrices.select(all, split.testRows());
            var validation = CrossValidation.ofScript(train.length);
            if (softmax) {
                var classification = LinearClassification.evaluate(
                        train, split.trainLabels(), test, split.testLabels(), classes(), Scaling.RAW, validation);
                chosen.add(new double[] {classification.C()});
                return Result.Split.of(classification);
            }
            var model = OneVersusRest.fit(train, split.trainLabels(), classes(), validation);
            chosen.add(model.C());
            return Result.Split.of(
                    split.testLabels(),
                    Arrays.stream(test).mapToInt(model::predict).toArray());
        });
        return new ScriptResult(result, chosen.get(0), softmax);
    }

    /** Classifiers as the authors' script trains them for every kind: first without the prompt, then, if there is one, with it. */
    public List<ScriptResult> evaluateAsScript(List<? extends FeatureKind> kinds) {
        var results = new ArrayList<ScriptResult>();
        for (boolean prompted : hasPrompt() ? new boolean[] {false, true} : new boolean[] {false}) {
            for (var kind : kinds) {
                if (kind instanceof FeatureKind.Vectors vectors) {
                    results.add(evaluateAsScript(vectors, prompted));
                }
            }
        }
        return results;
    }

    private CrossValidation validation(Split split) {
        return choice.apply(CrossValidation.ofScript(split.trainLabels().length)
                .within(split.trainLabels())
                .redrawing(draws, seed));
    }

    /** Classifiers for every kind: first without the prompt, then, if there is one, with it; and chance. */
    public TaskResults evaluate(List<? extends FeatureKind> kinds, Scaling scaling) {
        var results = new ArrayList<Result>();
        kinds.forEach(kind -> results.add(evaluate(kind, false, scaling)));
        if (hasPrompt()) {
            kinds.forEach(kind -> results.add(evaluate(kind, true, scaling)));
        }
        return together(results);
    }

    /** Results of this probe, beside chance: what always answers the most frequent class of the training split. */
    public TaskResults together(List<Result> results) {
        var all = new ArrayList<>(results);
        all.add(chance());
        return new TaskResults(data().name(), all, Map.of());
    }

    /**
     * The words by their weight in a classifier on the whole {@code p_f}, heaviest first; only the training split is used. Weights are
     * those on the classifier's inputs, so that standardised ones compare words of different frequency; with several scores a
     * word has the largest of its weights, in absolute value.
     *
     * @param result of this probe, on {@link FeatureKind.Distribution}
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
                inputs.features(result.prompted()).rows(splits.get(0).trainRows()),
                classification.model().weights(),
                classification.scaling());
        var largest = new double[weights[0].length];
        for (var score : weights) {
            for (int w = 0; w < largest.length; w++) {
                largest[w] = Math.max(largest[w], Math.abs(score[w]));
            }
        }
        return IntStream.range(0, largest.length)
                .boxed()
                .sorted(Comparator.comparingDouble(w -> -largest[w]))
                .mapToInt(Integer::intValue)
                .toArray();
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
        var features = inputs.features(prompted);
        return ZeroShot.of(
                ZeroShot.classProbabilities(features.rows(splits.get(0).testRows()), words.ofClass()),
                ZeroShot.classProbabilities(features.rows(splits.get(0).trainRows()), words.ofClass()),
                splits.get(0).testLabels());
    }

    private Result chance() {
        return onEach(TaskResults.CHANCE, false, 0, split -> {
            var predictions = new int[split.testLabels().length];
            Arrays.fill(predictions, mostFrequent(split.trainLabels()));
            return Result.Split.of(split.testLabels(), predictions);
        });
    }

    private int mostFrequent(int[] labels) {
        var counts = new double[classes()];
        for (int label : labels) {
            counts[label]++;
        }
        return Matrices.largest(counts);
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

    private static Map<String, Integer> rowOfEach(List<String> texts) {
        var rows = new HashMap<String, Integer>();
        texts.forEach(text -> rows.put(text, rows.size()));
        return rows;
    }

    private static int[] rows(List<Example> examples, Map<String, Integer> rows) {
        return examples.stream().mapToInt(example -> rows.get(example.text())).toArray();
    }
}
