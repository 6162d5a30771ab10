package org.whylm.probe;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;

/**
 * Words weighted by their rarity, without a language model: what a practitioner tries first. The definition is that of scikit-learn's
 * {@code TfidfVectorizer()}: words of two or more letters, digits or underscores in lower case; their count times
 * {@code log((1+n)/(1+n_w)) + 1}, {@code n_w} of the {@code n} training texts having the word; each text then of length 1.
 */
public final class TfIdf {

    /** What a table calls it. */
    public static final String LABEL = "TF-IDF";

    private static final Pattern WORD = Pattern.compile("\\b\\w\\w+\\b", Pattern.UNICODE_CHARACTER_CLASS);

    /** A regression on more texts than this takes no more words than this, those that most training texts have. */
    public static final int LARGE = 3_000;

    private TfIdf() {}

    /**
     * Logistic regression on them. Not standardised.
     *
     * @throws IllegalArgumentException if no training text has a word
     */
    public static Result result(TextDataset data, CrossValidation validation) {
        return result(data, validation, LABEL, TfIdf::vectors);
    }

    /**
     * Logistic regression on which of the words a text has: scikit-learn's {@code CountVectorizer(binary=True)}.
     *
     * @throws IllegalArgumentException if no training text has a word
     */
    public static Result presence(TextDataset data, CrossValidation validation) {
        return result(
                data, validation, BagOfWords.LABEL, (examples, components, rarity) -> presence(examples, components));
    }

    @FunctionalInterface
    private interface Vectors {
        float[][] of(List<Example> examples, Map<String, Integer> components, Map<String, Double> rarity);
    }

    private static Result result(TextDataset data, CrossValidation validation, String label, Vectors vectors) {
        int n = data.train().size();
        var counts = new HashMap<String, Integer>();
        data.train().forEach(example -> words(example).keySet().forEach(word -> counts.merge(word, 1, Integer::sum)));
        if (counts.isEmpty()) {
            throw new IllegalArgumentException("No training text of " + data.name() + " has a word of two letters");
        }
        var components = new HashMap<String, Integer>();
        var rarity = new HashMap<String, Double>();
        counts.keySet().stream()
                .sorted(Comparator.<String>comparingInt(word -> -counts.get(word))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(n > LARGE ? LARGE : Integer.MAX_VALUE)
                .forEach(word -> {
                    components.put(word, components.size());
                    rarity.put(word, Math.log((1.0 + n) / (1 + counts.get(word))) + 1);
                });
        var classification = LinearClassification.evaluate(
                data, vectors.of(data.examples(), components, rarity), Scaling.RAW, validation);
        return Result.of(data.name(), label, false, classification);
    }

    private static Map<String, Long> words(Example example) {
        return WORD.matcher(example.text().toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.groupingBy(word -> word, Collectors.counting()));
    }

    private static float[][] presence(List<Example> examples, Map<String, Integer> components) {
        return examples.stream()
                .map(example -> {
                    var vector = new float[components.size()];
                    words(example).keySet().stream()
                            .filter(components::containsKey)
                            .forEach(word -> vector[components.get(word)] = 1);
                    return vector;
                })
                .toArray(float[][]::new);
    }

    private static float[][] vectors(
            List<Example> examples, Map<String, Integer> components, Map<String, Double> rarity) {
        return examples.stream()
                .map(example -> {
                    var vector = new float[components.size()];
                    double squares = 0;
                    var words = words(example);
                    words.keySet().retainAll(components.keySet());
                    for (var word : words.entrySet()) {
                        double weight = word.getValue() * rarity.get(word.getKey());
                        vector[components.get(word.getKey())] = (float) weight;
                        squares += weight * weight;
                    }
                    double length = squares == 0 ? 1 : Math.sqrt(squares);
                    for (int j = 0; j < vector.length; j++) {
                        vector[j] /= (float) length;
                    }
                    return vector;
                })
                .toArray(float[][]::new);
    }
}
