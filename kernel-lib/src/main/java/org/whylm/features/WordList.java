package org.whylm.features;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Tokenizer;

/**
 * Words that {@code p_f} is restricted to, and the tokens that stand for them. Words count only as single tokens: of each word
 * the three forms {@code " word"}, {@code "word"}, {@code "word "} are tried and the distinct valid tokens kept (paper, section
 * 3).
 *
 * @param ids token ids, in the words' order; none if none of the words is a single token
 */
public record WordList(List<String> words, int[] ids) {

    /** How many forms of a word are tried. */
    static final int FORMS = 3;

    /** Looks the words up; those that are not single tokens of the vocabulary are left out. */
    public static WordList of(Tokenizer tokenizer, List<String> words) {
        var ids = new LinkedHashSet<Integer>();
        for (var word : words) {
            for (int form = 0; form < FORMS; form++) {
                token(tokenizer, form(word, form)).ifPresent(ids::add);
            }
        }
        return new WordList(
                List.copyOf(words), ids.stream().mapToInt(Integer::intValue).toArray());
    }

    /** A word with a space before it, without one, or with one behind it, for forms 0, 1 and 2. */
    static String form(String word, int form) {
        return List.of(" " + word, word, word + " ").get(form);
    }

    /** The one known token that a text is, if it is one. */
    static OptionalInt token(Tokenizer tokenizer, String text) {
        var tokens = tokenizer.encodeContinuation(text);
        boolean single = tokens.length == 1
                && tokenizer.has(tokens[0])
                && tokenizer.unknown().stream().noneMatch(id -> id == tokens[0]);
        return single ? OptionalInt.of(tokens[0]) : OptionalInt.empty();
    }

    /**
     * Tokens drawn at random, as controls: in each draw {@code count} different ones of all. A token that stands for no text (a row that only
     * rounds {@code V} up, the unknown token of a restricted vocabulary) is never drawn.
     *
     * @throws IllegalArgumentException unless the vocabulary has so many
     */
    public static List<WordList> random(LanguageModel model, int count, int draws, long seed) {
        var tokenizer = model.tokenizer();
        var known = IntStream.range(0, tokenizer.size())
                .filter(id -> tokenizer.has(id) && tokenizer.unknown().stream().noneMatch(unknown -> unknown == id))
                .toArray();
        if (count < 1 || count > known.length) {
            throw new IllegalArgumentException("Cannot draw " + count + " of " + known.length + " words");
        }
        var random = new Random(seed);
        return Stream.generate(() -> random.ints(0, known.length)
                        .distinct()
                        .limit(count)
                        .map(index -> known[index])
                        .toArray())
                .limit(draws)
                .map(ids -> ofIds(tokenizer, ids))
                .toList();
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
