package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Languages estimated from text, on texts short enough to count by hand. */
class NGramLanguageTest {

    private static final List<String> TEXTS = List.of("A cat sat. A dog sat!", "a cat ran", "It's a dog");

    @Test
    void bigramsAreCountedWithinEachText() {
        var bigrams = NGramLanguage.of(TEXTS, 2, 3, 4, 0);
        assertEquals(List.of("a", "cat", "dog", "sat"), bigrams.words());
        // a: cat cat dog dog; cat: sat (ran is no word of the vocabulary); dog: sat; sat: a
        assertEquals(List.of("a", "cat", "dog"), bigrams.contexts());
        assertArrayEquals(
                new double[] {4 / 6.0, 1 / 6.0, 1 / 6.0}, bigrams.language().pL(), 1e-15);
        assertArrayEquals(new double[] {0, 0.5, 0.5, 0}, bigrams.language().pStar()[0], 1e-15);
        assertArrayEquals(new double[] {0, 0, 0, 1}, bigrams.language().pStar()[1], 1e-15);
    }

    @Test
    void smoothingAddsToEachCount() {
        var bigrams = NGramLanguage.of(TEXTS, 2, 1, 4, 0.5);
        assertArrayEquals(
                new double[] {0.5 / 6, 2.5 / 6, 2.5 / 6, 0.5 / 6},
                bigrams.language().pStar()[0],
                1e-15);
    }

    @Test
    void trigramContextsHaveTwoWords() {
        var trigrams = NGramLanguage.of(TEXTS, 3, 10, 4, 0);
        assertEquals(List.of("a cat", "a dog", "cat sat", "it's a", "sat a"), trigrams.contexts());
    }

    @Test
    void tooFewWordsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> NGramLanguage.of(TEXTS, 2, 3, 40, 0));
    }
}
