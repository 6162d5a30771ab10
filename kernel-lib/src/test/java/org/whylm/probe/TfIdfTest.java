package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;

/** Against scikit-learn 1.7 (its {@code CountVectorizer(binary=True)}: 1.9): {@code TfidfVectorizer()} and {@code LogisticRegression(C=1, tol=1e-10)}. */
class TfIdfTest {

    @Test
    void isScikitLearns() {
        var train = List.of(
                new Example("The film is good, good fun", 1),
                new Example("a dull and sad film", 0),
                new Example("Good acting; great fun!", 1),
                new Example("sad, slow and dull", 0),
                new Example("It's a great year", 1),
                new Example("the year was slow", 0));
        var test = List.of(
                new Example("good year", 1),
                new Example("dull film_2 und Übung", 0),
                new Example("slow fun", 1),
                new Example("nothing known", 1));
        var result = BagOfWords.tfIdf(
                new TextDataset("films", List.of("dull", "good"), train, test),
                new CrossValidation(new double[] {1}, 2, Criterion.ACCURACY));
        assertEquals(14, result.dimension());
        assertArrayEquals(new int[] {1, 0, 0, 1}, result.splits().get(0).runs().get(0));
        assertEquals(0.4736789, result.classification().trainLogLoss(), 1e-6);
        assertEquals(0.02852828, result.classification().model().intercepts()[0], 1e-6);

        var presence = BagOfWords.presence(
                new TextDataset("films", List.of("dull", "good"), train, test),
                new CrossValidation(new double[] {1}, 2, Criterion.ACCURACY));
        assertEquals("bag of words", presence.features());
        assertEquals(0.2776494, presence.classification().trainLogLoss(), 1e-6);
        assertEquals(0.08212938, presence.classification().model().intercepts()[0], 1e-6);
    }
}
