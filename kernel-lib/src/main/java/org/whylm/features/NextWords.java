package org.whylm.features;

import java.util.List;

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
