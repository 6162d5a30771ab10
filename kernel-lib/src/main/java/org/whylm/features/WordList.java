package org.whylm.features;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.whylm.lm.Tokenizer;

/**
 * Words that {@code p_f} is restricted to, and the tokens that stand for them. Words count only as single tokens: of each word
 * the three forms {@code " word"}, {@code "word"}, {@code "word "} are tried and the distinct valid tokens kept (paper, section
 * 3).
 *
 * @param words the words asked for
 * @param ids token ids, in the words' order; none if none of the words is a single token
 */
public record WordList(List<String> words, int[] ids) {

    /** Looks the words up; those that are not single tokens of the vocabulary are left out. */
    public static WordList of(Tokenizer tokenizer, List<String> words) {
        var ids = new LinkedHashSet<Integer>();
        for (var word : words) {
            for (var form : List.of(" " + word, word, word + " ")) {
                var tokens = tokenizer.encode(form);
                if (tokens.length == 1 && tokenizer.unknown().stream().noneMatch(id -> id == tokens[0])) {
                    ids.add(tokens[0]);
                }
            }
        }
        return new WordList(
                List.copyOf(words), ids.stream().mapToInt(Integer::intValue).toArray());
    }

    /**
     * Tokens drawn at random from the whole vocabulary, as a control.
     *
     * @param count how many, all different
     * @param seed of the draw
     * @throws IllegalArgumentException unless the vocabulary has so many
     */
    public static WordList random(Tokenizer tokenizer, int count, long seed) {
        if (count < 1 || count > tokenizer.size()) {
            throw new IllegalArgumentException("Cannot draw " + count + " of " + tokenizer.size() + " words");
        }
        return ofIds(
                tokenizer,
                new Random(seed)
                        .ints(0, tokenizer.size())
                        .distinct()
                        .limit(count)
                        .toArray());
    }

    /** Given tokens, each a word by the text that it stands for. */
    public static WordList ofIds(Tokenizer tokenizer, int... ids) {
        return new WordList(IntStream.of(ids).mapToObj(tokenizer::token).toList(), ids);
    }

    /** Whether none of the words is a single token. */
    public boolean isEmpty() {
        return ids.length == 0;
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
