package org.whylm.features;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Reading;

/**
 * The most probable next words of a context: the head of {@code p_f(.|s)}.
 *
 * @param context the text {@code s}, prompt included
 * @param words most probable first
 */
public record NextWords(String context, List<Word> words) {

    /**
     * One word of the vocabulary.
     *
     * @param id token id
     * @param text readable text of the token, with its spaces
     * @param probability {@code p_f(s)(w)}
     */
    public record Word(int id, String text, double probability) {}

    public NextWords {
        words = List.copyOf(words);
    }

    /**
     * What the model predicts after a text and a prompt.
     *
     * @param prompt follows the text; may be empty
     * @param count how many words
     */
    public static NextWords after(LanguageModel model, String text, String prompt, int count) {
        var tokenizer = model.tokenizer();
        var ids = IntStream.concat(IntStream.of(tokenizer.encode(text)), IntStream.of(tokenizer.encode(prompt)))
                .toArray();
        var f = model.hiddenStates(List.of(Reading.atLast(ids))).get(0)[0];
        return of(model, f, text + prompt, count);
    }

    /**
     * What the model predicts from a state.
     *
     * @param f {@code d}
     * @param context the text that led to it
     * @param count how many words
     */
    public static NextWords of(LanguageModel model, float[] f, String context, int count) {
        var probabilities = model.outputEmbeddings().probabilities(f);
        var words = IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparing((Integer id) -> -probabilities[id]))
                .limit(count)
                .map(id -> new Word(id, model.tokenizer().token(id), probabilities[id]))
                .toList();
        return new NextWords(context, words);
    }

    /** One line a word: its probability and its text in quotes. */
    @Override
    public String toString() {
        var lines = new StringBuilder("Next words after \"").append(context).append("\"\n");
        for (var word : words) {
            lines.append(String.format(java.util.Locale.ROOT, "%7.4f  \"%s\"%n", word.probability(), word.text()));
        }
        return lines.toString().stripTrailing();
    }
}
