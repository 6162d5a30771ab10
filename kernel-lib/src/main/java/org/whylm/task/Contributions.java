package org.whylm.task;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.whylm.features.WordList;
import org.whylm.probe.LogisticRegression;

/**
 * The words that decided on a text: the score of the class decided for, less that of the runner-up, is the sum of
 * {@code v_w p_f(s)(w)} and a constant that is the same for all texts.
 *
 * @param text the text
 * @param decided the class decided for
 * @param against the class with the next best score
 * @param probability of the class decided for, in [0,1]
 * @param constant the difference of the intercepts
 * @param words the largest contributions, in absolute value, first
 */
public record Contributions(
        String text, String decided, String against, double probability, double constant, List<Word> words) {

    /** One word's {@code v_w p_f(s)(w)}; positive for the class decided for. */
    public record Word(String word, double probability, double contribution) {}

    /** @param p probabilities of the words after the text */
    static Contributions of(
            String text, List<String> classes, LogisticRegression regression, WordList words, float[] p) {
        var probabilities = regression.probabilities(p);
        var order = IntStream.range(0, classes.size())
                .boxed()
                .sorted(Comparator.comparingDouble(k -> -probabilities[k]))
                .toList();
        int decided = order.get(0);
        int against = order.get(1);
        var v = regression.weights();
        var contributions = IntStream.range(0, p.length)
                .mapToObj(w ->
                        new Word(words.words().get(w), p[w], (weight(v, decided, w) - weight(v, against, w)) * p[w]))
                .sorted(Comparator.comparingDouble(word -> -Math.abs(word.contribution())))
                .toList();
        double constant = intercept(regression, decided) - intercept(regression, against);
        return new Contributions(
                text, classes.get(decided), classes.get(against), probabilities[decided], constant, contributions);
    }

    private static double weight(double[][] v, int label, int word) {
        return v.length > 1 ? v[label][word] : label * v[0][word];
    }

    private static double intercept(LogisticRegression regression, int label) {
        return regression.intercepts().length > 1
                ? regression.intercepts()[label]
                : label * regression.intercepts()[0];
    }

    /** One line a word, the largest first. */
    @Override
    public String toString() {
        var lines = new StringBuilder(
                String.format(Locale.ROOT, "%s (%.1f%%) rather than %s%n", decided, 100 * probability, against));
        for (var word : words) {
            lines.append(String.format(
                    Locale.ROOT,
                    "%+8.3f  \"%s\", probability %.1e%n",
                    word.contribution(),
                    word.word(),
                    word.probability()));
        }
        return lines.append(String.format(Locale.ROOT, "%+8.3f  whatever the text", constant))
                .toString();
    }
}
