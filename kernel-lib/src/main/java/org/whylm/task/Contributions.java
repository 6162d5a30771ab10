package org.whylm.task;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.whylm.features.WordList;
import org.whylm.probe.LogisticRegression;
import org.whylm.run.Matrices;

/**
 * The words that decided on a text: the score of the class decided for, less that of the runner-up, is the sum of
 * {@code v_w p_f(s)(w)} and a constant that is the same for all texts.
 *
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
        var order = Matrices.order(classes.size(), k -> -probabilities[k]);
        int decided = order[0];
        int against = order[1];
        var v = regression.perClass().weights();
        var intercepts = regression.perClass().intercepts();
        var contributions = IntStream.range(0, p.length)
                .mapToObj(w -> new Word(words.words().get(w), p[w], (v[decided][w] - v[against][w]) * p[w]))
                .sorted(Comparator.comparingDouble(word -> -Math.abs(word.contribution())))
                .toList();
        return new Contributions(
                text,
                classes.get(decided),
                classes.get(against),
                probabilities[decided],
                intercepts[decided] - intercepts[against],
                contributions);
    }

    /** One line a word, the largest first. */
    @Override
    public String toString() {
        return Wording.format("%s (%.1f%%) rather than %s%n", decided, 100 * probability, against)
                + words.stream()
                        .map(it -> Wording.format(
                                "%+8.3f  \"%s\", probability %.1e%n", it.contribution(), it.word(), it.probability()))
                        .collect(Collectors.joining())
                + Wording.format("%+8.3f  whatever the text", constant);
    }
}
