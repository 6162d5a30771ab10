package org.whylm.theory;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A finite language estimated from real text: the next word given the last {@code n-1} words, both among the most frequent.
 *
 * @param language {@code p_L} in proportion to the contexts' counts, {@code p*} to the counts of the next word plus smoothing
 * @param contexts {@code S}: the most frequent runs of {@code n-1} words, words separated by a space
 * @param words {@code V}: the most frequent words
 */
public record NGramLanguage(FiniteLanguage language, List<String> contexts, List<String> words) {

    private static final Pattern WORD = Pattern.compile("[\\p{L}]+(?:'[\\p{L}]+)*");

    /**
     * Counts the n-grams of texts, in lower case, without punctuation, none across two texts. Next words outside the
     * vocabulary are left out; equal counts are ordered by the alphabet.
     *
     * @param n 2 for a bigram language
     * @param contexts {@code S}, at most
     * @param vocabulary {@code V}
     * @param smoothing added to each count, so that {@code p* > 0}; 0 for none
     * @throws IllegalArgumentException if the texts have fewer than {@code vocabulary} different words
     */
    public static NGramLanguage of(List<String> texts, int n, int contexts, int vocabulary, double smoothing) {
        if (n < 2 || contexts < 1 || vocabulary < 1 || !(smoothing >= 0)) {
            throw new IllegalArgumentException("n = " + n + ", contexts = " + contexts + ", vocabulary = " + vocabulary
                    + ", smoothing = " + smoothing + " do not make a language");
        }
        var sentences = texts.stream().map(NGramLanguage::words).toList();
        var counts = new HashMap<String, Integer>();
        sentences.forEach(sentence -> sentence.forEach(word -> counts.merge(word, 1, Integer::sum)));
        if (counts.size() < vocabulary) {
            throw new IllegalArgumentException(
                    "The texts have " + counts.size() + " different words, fewer than vocabulary = " + vocabulary);
        }
        var words = mostFrequent(counts, vocabulary);
        var index = new HashMap<String, Integer>();
        words.forEach(word -> index.put(word, index.size()));

        var next = new HashMap<String, double[]>();
        var contextCounts = new HashMap<String, Integer>();
        for (var sentence : sentences) {
            for (var i = n - 1; i < sentence.size(); i++) {
                var word = index.get(sentence.get(i));
                if (word != null) {
                    var context = String.join(" ", sentence.subList(i - n + 1, i));
                    contextCounts.merge(context, 1, Integer::sum);
                    next.computeIfAbsent(context, unseen -> new double[words.size()])[word]++;
                }
            }
        }
        var kept = mostFrequent(contextCounts, contexts);
        var pL = kept.stream().mapToDouble(contextCounts::get).toArray();
        var pStar = Vectors.rows(
                kept.size(),
                s -> Distributions.normalized(Arrays.stream(next.get(kept.get(s)))
                        .map(count -> count + smoothing)
                        .toArray()));
        return new NGramLanguage(new FiniteLanguage(Distributions.normalized(pL), pStar), kept, words);
    }

    private static List<String> words(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private static List<String> mostFrequent(Map<String, Integer> counts, int limit) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(limit)
                .map(Map.Entry::getKey)
                .toList();
    }
}
