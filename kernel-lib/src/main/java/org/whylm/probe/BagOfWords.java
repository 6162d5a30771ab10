package org.whylm.probe;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.whylm.data.TextDataset;
import org.whylm.lm.Tokenizer;

/**
 * What the words of a text say of its class without a language model: a control for features of one, and what a practitioner tries first.
 * Logistic regressions, not standardised, on one component a word.
 */
public final class BagOfWords {

    /** What a table calls which words a text has. */
    public static final String LABEL = "bag of words";

    /** What a table calls words weighted by their rarity. */
    public static final String TF_IDF = "TF-IDF";

    /** A regression on the words of more texts than this takes no more words than this, those that most training texts have. */
    public static final int LARGE = 3_000;

    private static final int LEAST_TEXTS = 2;
    private static final int COMPONENTS = 1000;
    private static final Pattern WORD = Pattern.compile("\\b\\w\\w+\\b", Pattern.UNICODE_CHARACTER_CLASS);

    private BagOfWords() {}

    /**
     * Which tokens a text has, of the {@value #COMPONENTS} tokens that most training texts have, short of those that only one has.
     *
     * @throws IllegalArgumentException if no token is in two training texts
     */
    public static Result result(TextDataset data, Tokenizer tokenizer, CrossValidation validation) {
        var tokens =
                Words.of(data, text -> Arrays.stream(tokenizer.encode(text)).boxed(), LEAST_TEXTS, COMPONENTS);
        if (tokens.components().isEmpty()) {
            throw new IllegalArgumentException("No token is in " + LEAST_TEXTS + " training texts of " + data.name());
        }
        return result(data, LABEL, tokens.vectors((count, texts) -> 1, false), validation);
    }

    /**
     * Which of the words a text has: scikit-learn's {@code CountVectorizer(binary=True)}.
     *
     * @throws IllegalArgumentException if no training text has a word
     */
    public static Result presence(TextDataset data, CrossValidation validation) {
        return result(data, LABEL, words(data).vectors((count, texts) -> 1, false), validation);
    }

    /**
     * Words weighted by their rarity. The definition is that of scikit-learn's {@code TfidfVectorizer()}: words of two or more letters, digits
     * or underscores in lower case; their count times {@code log((1+n)/(1+n_w)) + 1}, {@code n_w} of the {@code n} training texts having
     * the word; each text then of length 1.
     *
     * @throws IllegalArgumentException if no training text has a word
     */
    public static Result tfIdf(TextDataset data, CrossValidation validation) {
        int n = data.train().size();
        var vectors = words(data).vectors((count, texts) -> count * (Math.log((1.0 + n) / (1 + texts)) + 1), true);
        return result(data, TF_IDF, vectors, validation);
    }

    private static Words<String> words(TextDataset data) {
        int most = data.train().size() > LARGE ? LARGE : Integer.MAX_VALUE;
        var words = Words.of(data, BagOfWords::split, 1, most);
        if (words.components().isEmpty()) {
            throw new IllegalArgumentException("No training text of " + data.name() + " has a word of two letters");
        }
        return words;
    }

    private static Stream<String> split(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT)).results().map(MatchResult::group);
    }

    private static Result result(TextDataset data, String label, float[][] vectors, CrossValidation validation) {
        return Result.of(
                data.name(), label, false, LinearClassification.evaluate(data, vectors, Scaling.RAW, validation));
    }

    /**
     * The words of some texts.
     *
     * @param texts how often each word is in each text
     * @param having how many training texts have a word
     * @param components of the vectors, by their words
     */
    private record Words<T extends Comparable<T>>(
            List<Map<T, Long>> texts, Map<T, Integer> having, Map<T, Integer> components) {

        /** @param least training texts that a word is in; of those words the {@code most} that most texts have */
        static <T extends Comparable<T>> Words<T> of(
                TextDataset data, Function<String, Stream<T>> words, int least, int most) {
            var texts = data.examples().stream()
                    .map(example -> words.apply(example.text())
                            .collect(Collectors.groupingBy(word -> word, Collectors.counting())))
                    .toList();
            var having = new HashMap<T, Integer>();
            texts.subList(0, data.train().size())
                    .forEach(text -> text.keySet().forEach(word -> having.merge(word, 1, Integer::sum)));
            var components = new HashMap<T, Integer>();
            having.keySet().stream()
                    .filter(word -> having.get(word) >= least)
                    .sorted(Comparator.<T>comparingInt(word -> -having.get(word))
                            .thenComparing(Comparator.naturalOrder()))
                    .limit(most)
                    .forEach(word -> components.put(word, components.size()));
            return new Words<>(texts, having, components);
        }

        /**
         * A vector a text, scaled to length 1 or not.
         *
         * @param weight by how often a word is in the text and how many training texts have it
         */
        float[][] vectors(ToDoubleBiFunction<Long, Integer> weight, boolean unit) {
            return texts.stream().map(text -> vector(text, weight, unit)).toArray(float[][]::new);
        }

        private float[] vector(Map<T, Long> text, ToDoubleBiFunction<Long, Integer> weight, boolean unit) {
            var vector = new float[components.size()];
            double squares = 0;
            for (var word : text.keySet()) {
                if (components.containsKey(word)) {
                    double value = weight.applyAsDouble(text.get(word), having.get(word));
                    vector[components.get(word)] = (float) value;
                    squares += value * value;
                }
            }
            float length = unit && squares > 0 ? (float) Math.sqrt(squares) : 1;
            for (int j = 0; j < vector.length; j++) {
                vector[j] /= length;
            }
            return vector;
        }
    }
}
