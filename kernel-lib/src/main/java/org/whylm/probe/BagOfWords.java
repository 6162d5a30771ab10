package org.whylm.probe;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.lm.Tokenizer;

/** What the words of a text say of its class without a language model: a control for features of one. */
public final class BagOfWords {

    /** What a table calls it. */
    public static final String LABEL = "bag of words";

    private static final int LEAST_TEXTS = 2;
    private static final int COMPONENTS = 1000;

    private BagOfWords() {}

    /**
     * Logistic regression on which tokens a text has: one component, 0 or 1, for each of the {@value #COMPONENTS} tokens that most
     * training texts have, short of those that only one has. Not standardised.
     *
     * @throws IllegalArgumentException if no token is in two training texts
     */
    public static Result result(TextDataset data, Tokenizer tokenizer, CrossValidation validation) {
        var texts = data.examples().stream().map(e -> tokens(e, tokenizer)).toList();
        var components = components(texts.subList(0, data.train().size()));
        if (components.isEmpty()) {
            throw new IllegalArgumentException("No token is in " + LEAST_TEXTS + " training texts of " + data.name());
        }
        var classification = LinearClassification.evaluate(data, vectors(texts, components), Scaling.RAW, validation);
        return Result.of(data.name(), LABEL, false, classification);
    }

    private static int[] tokens(Example example, Tokenizer tokenizer) {
        return Arrays.stream(tokenizer.encode(example.text())).distinct().toArray();
    }

    private static Map<Integer, Integer> components(List<int[]> train) {
        var counts = new HashMap<Integer, Integer>();
        train.forEach(ids -> Arrays.stream(ids).forEach(id -> counts.merge(id, 1, Integer::sum)));
        var components = new HashMap<Integer, Integer>();
        counts.keySet().stream()
                .filter(id -> counts.get(id) >= LEAST_TEXTS)
                .sorted(Comparator.<Integer>comparingInt(id -> -counts.get(id)).thenComparingInt(id -> id))
                .limit(COMPONENTS)
                .forEach(id -> components.put(id, components.size()));
        return components;
    }

    private static float[][] vectors(List<int[]> texts, Map<Integer, Integer> components) {
        var vectors = new float[texts.size()][components.size()];
        for (int row = 0; row < vectors.length; row++) {
            for (int id : texts.get(row)) {
                var component = components.get(id);
                if (component != null) {
                    vectors[row][component] = 1;
                }
            }
        }
        return vectors;
    }
}
