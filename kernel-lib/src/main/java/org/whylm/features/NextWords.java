package org.whylm.features;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Reading;

/**
 * Next words of a context and their probabilities {@code p_f(s)(w)}: the most probable of all, or those of a list.
 *
 * @param context the text {@code s}, prompt included
 * @param words most probable first
 */
public record NextWords(String context, List<Word> words) {

    /** A token of the vocabulary by its id and its readable text, with its spaces, and {@code p_f(s)(w)}. */
    public record Word(int id, String text, double probability) {

        /** The text, or of a word without one its id. */
        public String shownText() {
            return text.isEmpty() ? "(id " + id + ", no text)" : text;
        }
    }

    public NextWords {
        words = List.copyOf(words);
    }

    /** What the model predicts after a text and a prompt, which may be empty: the most probable words. */
    public static NextWords after(LanguageModel model, String text, String prompt, int count) {
        return of(model, state(model, text, prompt), text + prompt, count);
    }

    /** How probable the words of a list are after a text and a prompt, which may be empty: each form of them that is a single token. */
    public static NextWords among(LanguageModel model, String text, String prompt, WordList list) {
        return of(model, state(model, text, prompt), text + prompt, IntStream.of(list.ids()), list.ids().length);
    }

    /** What the model predicts from a state {@code f} of {@code d}, that a context led to: the most probable words. */
    public static NextWords of(LanguageModel model, float[] f, String context, int count) {
        return of(model, f, context, IntStream.range(0, model.vocabularySize()), count);
    }

    private static float[] state(LanguageModel model, String text, String prompt) {
        var ids = model.tokenizer().encode(text, prompt);
        return model.hiddenStates(List.of(Reading.atLast(ids))).get(0)[0];
    }

    private static NextWords of(LanguageModel model, float[] f, String context, IntStream ids, int count) {
        var probabilities = model.outputEmbeddings().probabilities(f);
        var words = ids.boxed()
                .sorted(Comparator.comparing((Integer id) -> -probabilities[id]))
                .limit(count)
                .map(id -> new Word(id, model.tokenizer().token(id), probabilities[id]))
                .toList();
        return new NextWords(context, words);
    }

    /** The probability of one of the words, all of them in one format: with at least four decimals, or as powers of ten if one is very small. */
    public String shownProbability(Word word) {
        double least = words.stream().mapToDouble(Word::probability).min().orElse(1);
        if (least < 1e-7) {
            return String.format(Locale.ROOT, "%.1e", word.probability());
        }
        int decimals = Math.max(4, 1 + (int) Math.ceil(-Math.log10(least)));
        return String.format(Locale.ROOT, "%." + decimals + "f", word.probability());
    }

    /** One line a word: its probability and its text in quotes. */
    @Override
    public String toString() {
        return "Next words after \"" + context + "\""
                + words.stream()
                        .map(word ->
                                String.format(Locale.ROOT, "%n%7s  \"%s\"", shownProbability(word), word.shownText()))
                        .collect(Collectors.joining());
    }
}
