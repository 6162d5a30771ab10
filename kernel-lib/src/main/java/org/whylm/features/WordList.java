package org.whylm.features;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import org.whylm.lm.Tokenizer;

/**
 * Words that {@code p_f} is restricted to, and the tokens that stand for them. Words count only as single tokens: of each word
 * the three forms {@code " word"}, {@code "word"}, {@code "word "} are tried and the distinct valid tokens kept (paper, section
 * 3).
 *
 * @param words the words asked for
 * @param ids token ids, in the words' order; at least one
 */
public record WordList(List<String> words, int[] ids) {

    /**
     * Looks the words up.
     *
     * @throws IllegalArgumentException if none of the words is a single token
     */
    public static WordList of(Tokenizer tokenizer, List<String> words) {
        var ids = new LinkedHashSet<Integer>();
        for (var word : words) {
            for (var form : List.of(" " + word, word, word + " ")) {
                var tokens = tokenizer.encode(form);
                if (tokens.length == 1) {
                    ids.add(tokens[0]);
                }
            }
        }
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("None of the words " + words + " is a single token of the vocabulary");
        }
        return new WordList(
                List.copyOf(words), ids.stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WordList list && words.equals(list.words) && Arrays.equals(ids, list.ids);
    }

    @Override
    public int hashCode() {
        return 31 * words.hashCode() + Arrays.hashCode(ids);
    }
}
