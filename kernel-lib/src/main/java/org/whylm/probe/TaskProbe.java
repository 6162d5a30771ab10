package org.whylm.probe;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.ClassWords;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.features.Features;
import org.whylm.features.LowerStates;
import org.whylm.lm.LanguageModel;

/** A task as linear classification: its examples' features, with and without a prompt, and classifiers trained on them. */
public final class TaskProbe {

    private final TextDataset data;
    private final Inputs inputs;
    private final int[] trainLabels;
    private final int[] testLabels;
    private final int[] trainRows;
    private final int[] testRows;

    /** @param rows for each text, its row of the features */
    private TaskProbe(TextDataset data, Inputs inputs, Map<String, Integer> rows) {
        this.data = data;
        this.inputs = inputs;
        this.trainLabels = labels(data.train());
        this.testLabels = labels(data.test());
        this.trainRows = rows(data.train(), rows);
        this.testRows = rows(data.test(), rows);
    }

    /**
     * Reads the features of all examples, from the extractor's store where it has them.
     *
     * @param prompt what follows each text; empty for none
     * @throws IllegalArgumentException if the data set has no test examples, or a text has no tokens
     */
    public static TaskProbe of(TextDataset data, String prompt, FeatureExtractor extractor) {
        requireBothSplits(data);
        return ofEach(data, List.of(data), prompt, extractor).get(0);
    }

    /**
     * The same for random splits of a task that has no fixed one; features are read once.
     *
     * @param n how many splits, {@code 90/10} each (see {@link TextDataset#splits})
     * @param seed of the splits
     * @param prompt what follows each text; empty for none
     * @throws IllegalArgumentException if a text has no tokens
     */
    public static List<TaskProbe> ofSplits(
            TextDataset data, int n, long seed, String prompt, FeatureExtractor extractor) {
        return ofEach(data, data.splits(n, seed), prompt, extractor);
    }

    /**
     * The same with features read before the end of the text, without a prompt.
     *
     * @param lengths after how many tokens (all of a shorter text); one probe for each
     * @throws IllegalArgumentException if the data set has no test examples, a text has no tokens, or a length is below 1
     */
    public static List<TaskProbe> ofPrefixes(TextDataset data, FeatureExtractor extractor, int... lengths) {
        requireBothSplits(data);
        var texts = data.texts();
        var rows = rowOfEach(texts);
        return extractor.prefixes(texts, lengths).stream()
                .map(features -> new TaskProbe(data, new Inputs(features, null), rows))
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
        requireBothSplits(data);
        var features = states.features(model);
        return new TaskProbe(
                data, new Inputs(features.plain(), features.prompted().orElse(null)), rowOfEach(data.texts()));
    }

    private static List<TaskProbe> ofEach(
            TextDataset whole, List<TextDataset> splits, String prompt, FeatureExtractor extractor) {
        var texts = whole.texts();
        var rows = rowOfEach(texts);
        var prompted = prompt.isEmpty() ? null : extractor.features(texts, prompt);
        var inputs = new Inputs(extractor.features(texts), prompted);
        return splits.stream().map(split -> new TaskProbe(split, inputs, rows)).toList();
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

    public TextDataset data() {
        return data;
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
    public ProbeResult evaluate(FeatureKind kind, boolean prompted, Scaling scaling) {
        requirePromptIf(prompted);
        return kind instanceof FeatureKind.Vectors vectors
                ? evaluateVectors(vectors, prompted, scaling)
                : evaluateDistribution(prompted, scaling);
    }

    private ProbeResult evaluateVectors(FeatureKind.Vectors kind, boolean prompted, Scaling scaling) {
        var all = inputs.of(kind, prompted);
        var train = IntStream.of(trainRows).mapToObj(row -> all[row]).toArray(float[][]::new);
        var test = IntStream.of(testRows).mapToObj(row -> all[row]).toArray(float[][]::new);
        var classification = LinearClassification.evaluate(train, trainLabels, test, testLabels, classes(), scaling);
        var correct = new boolean[test.length];
        for (int row = 0; row < test.length; row++) {
            correct[row] = classification.model().predict(test[row]) == testLabels[row];
        }
        return new ProbeResult(data.name(), kind, prompted, train[0].length, classification, correct);
    }

    private ProbeResult evaluateDistribution(boolean prompted, Scaling scaling) {
        var features = inputs.features(prompted);
        var rows = IntStream.concat(IntStream.of(trainRows), IntStream.of(testRows))
                .toArray();
        var gram = DistributionGram.of(features.rows(rows), trainRows.length, scaling);
        var classification = LinearClassification.evaluateGram(
                gram.train(),
                trainLabels,
                gram.cross(),
                testLabels,
                classes(),
                scaling,
                CrossValidation.ofScript(trainLabels.length));
        var correct = new boolean[testRows.length];
        for (int row = 0; row < correct.length; row++) {
            correct[row] = classification.model().predict(gram.cross()[row]) == testLabels[row];
        }
        int vocabularySize = features.outputEmbeddings().vocabularySize();
        return new ProbeResult(
                data.name(), new FeatureKind.Distribution(), prompted, vocabularySize, classification, correct);
    }

    /** Classifiers for every kind: first without the prompt, then, if there is one, with it. */
    public TaskResults evaluate(List<? extends FeatureKind> kinds, Scaling scaling) {
        var results = new ArrayList<ProbeResult>();
        kinds.forEach(kind -> results.add(evaluate(kind, false, scaling)));
        if (hasPrompt()) {
            kinds.forEach(kind -> results.add(evaluate(kind, true, scaling)));
        }
        return together(results);
    }

    /** Results of this probe, beside what chance gets right. */
    public TaskResults together(List<ProbeResult> results) {
        return new TaskResults(data.name(), List.copyOf(results), chance());
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
    public int[] heaviestWords(ProbeResult result) {
        if (!(result.features() instanceof FeatureKind.Distribution)) {
            throw new IllegalArgumentException("Words have weights in a classifier on p_f, not on "
                    + result.features().label());
        }
        var classification = result.classification();
        var weights = DistributionGram.wordWeights(
                inputs.features(result.prompted()).rows(trainRows),
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
                    + " of " + data.name() + " are " + data.classes());
        }
        if (words.isEmpty()) {
            throw new IllegalArgumentException("No form of the words that stand for the classes of " + data.name()
                    + " is a single token for every class: " + words);
        }
        var features = inputs.features(prompted);
        return ZeroShot.of(
                ZeroShot.classProbabilities(features.rows(testRows), words.ofClass()),
                ZeroShot.classProbabilities(features.rows(trainRows), words.ofClass()),
                testLabels);
    }

    private boolean[] chance() {
        var counts = new int[classes()];
        for (int label : trainLabels) {
            counts[label]++;
        }
        int most = 0;
        for (int label = 1; label < counts.length; label++) {
            most = counts[label] > counts[most] ? label : most;
        }
        var correct = new boolean[testLabels.length];
        for (int row = 0; row < correct.length; row++) {
            correct[row] = testLabels[row] == most;
        }
        return correct;
    }

    private int classes() {
        return data.classes().size();
    }

    private void requirePromptIf(boolean prompted) {
        if (prompted && !hasPrompt()) {
            throw new IllegalStateException(data.name() + " was read without a prompt");
        }
    }

    private static void requireBothSplits(TextDataset data) {
        if (data.train().isEmpty() || data.test().isEmpty()) {
            throw new IllegalArgumentException(data.name() + " has "
                    + data.train().size() + " training and " + data.test().size() + " test examples: both are needed");
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

    private static int[] labels(List<Example> examples) {
        return examples.stream().mapToInt(Example::label).toArray();
    }
}
