package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.features.Features;

/** A task as linear classification: its examples' features, with and without a prompt, and classifiers trained on them. */
public final class TaskProbe {

    private final TextDataset data;
    private final int[] trainLabels;
    private final int[] testLabels;
    private final Features plain;
    private final Features prompted;

    private TaskProbe(TextDataset data, Features plain, Features prompted) {
        this.data = data;
        this.trainLabels = labels(data.train());
        this.testLabels = labels(data.test());
        this.plain = plain;
        this.prompted = prompted;
    }

    /**
     * Reads the features of all examples, from the extractor's store where it has them.
     *
     * @param prompt what follows each text; empty for none
     * @throws IllegalArgumentException if the data set has no test examples, or a text has no tokens
     */
    public static TaskProbe of(TextDataset data, String prompt, FeatureExtractor extractor) {
        if (data.train().isEmpty() || data.test().isEmpty()) {
            throw new IllegalArgumentException(data.name() + " has "
                    + data.train().size() + " training and " + data.test().size() + " test examples: both are needed");
        }
        var texts = Stream.concat(data.train().stream(), data.test().stream())
                .map(Example::text)
                .toList();
        var prompted = prompt.isEmpty() ? null : extractor.features(texts, prompt);
        return new TaskProbe(data, extractor.features(texts), prompted);
    }

    public TextDataset data() {
        return data;
    }

    /** Whether features behind a prompt were read too. */
    public boolean hasPrompt() {
        return prompted != null;
    }

    /**
     * Trains a classifier on the training split and tests it.
     *
     * @param prompted whether to use the features read behind the prompt
     * @throws IllegalStateException if that is asked for and there was no prompt
     */
    public ProbeResult evaluate(FeatureKind kind, boolean prompted, Scaling scaling) {
        var inputs = kind.of(features(prompted));
        var train = Arrays.copyOf(inputs, trainLabels.length);
        var test = Arrays.copyOfRange(inputs, trainLabels.length, inputs.length);
        var classification = LinearClassification.evaluate(
                train, trainLabels, test, testLabels, data.classes().size(), scaling);
        var correct = new boolean[test.length];
        for (int row = 0; row < test.length; row++) {
            correct[row] = classification.model().predict(test[row]) == testLabels[row];
        }
        return new ProbeResult(data.name(), kind, prompted, train[0].length, classification, correct);
    }

    /** Classifiers for every kind: first without the prompt, then, if there is one, with it. */
    public TaskResults evaluate(List<FeatureKind> kinds, Scaling scaling) {
        var results = new ArrayList<ProbeResult>();
        kinds.forEach(kind -> results.add(evaluate(kind, false, scaling)));
        if (hasPrompt()) {
            kinds.forEach(kind -> results.add(evaluate(kind, true, scaling)));
        }
        return new TaskResults(data.name(), List.copyOf(results), chance());
    }

    private boolean[] chance() {
        var counts = new int[data.classes().size()];
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

    private Features features(boolean prompted) {
        if (prompted && this.prompted == null) {
            throw new IllegalStateException(data.name() + " was read without a prompt");
        }
        return prompted ? this.prompted : plain;
    }

    private static int[] labels(List<Example> examples) {
        return examples.stream().mapToInt(Example::label).toArray();
    }
}
