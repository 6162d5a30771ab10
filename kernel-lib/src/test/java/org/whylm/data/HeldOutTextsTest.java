package org.whylm.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sentences of the default data are those of SST in another tokenisation: what is held out must be found in either. */
class HeldOutTextsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "no movement , no yuks , not much of anything . | No movement, no yuks, not much of anything.",
                "it does n 't work | It doesn't  work!",
                "rancid crème brûlée . | Rancid creme brulee",
                "rated r -lrb- for restricted -rrb- | Rated R (for restricted)",
                "one<br /><br />two | One; two",
                "``conan '' & co | ''Conan'' &amp; co",
                ":) | \":) \""
            })
    void sameWordsAreHeldOut(String evaluated, String training) {
        assertTrue(HeldOutTexts.of(List.of(evaluated)).contains(training));
        assertTrue(HeldOutTexts.of(List.of(training)).contains(evaluated));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a good film | a good films", "a good film | not a good film", "part 1 | part 2", ":) | :("})
    void otherWordsAreNot(String evaluated, String training) {
        assertFalse(HeldOutTexts.of(List.of(evaluated)).contains(training));
    }

    /** SST splits the snippets of the default data into sentences: all of its test sentences occur in them, 325 inside a longer one. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "most new movies have a bright sheen . | Most new movies have a bright sheen. Some, like Ballistic, arrive stillborn. | true",
                "Some arrive stillborn. Most new movies have a bright sheen. | most new movies have a bright sheen . | true",
                "Most new movies have a bright sheen. | most new movies have a bright shine, or sheen | false",
                "ridiculous . | Some of it is ridiculous. | false",
                "Ridiculous. Most new movies have a bright sheen. | ridiculous | false",
            })
    void sentencesOfLongerTextsAreHeldOut(String evaluated, String training, boolean heldOut) {
        assertEquals(heldOut, HeldOutTexts.of(List.of(evaluated)).contains(training));
    }

    @Test
    void dropsTheTestSplitsOnlyAndKeepsTheOrder() {
        var classes = List.of("x", "y");
        var one = new TextDataset("one", classes, List.of(new Example("Kept", 0)), List.of(new Example("Gone.", 1)));
        var two = new TextDataset("two", classes, List.of(), List.of(new Example("also gone", 1)));
        var heldOut = HeldOutTexts.testSplits(List.of(one, two));
        assertEquals(
                List.of("kept!", "new"), heldOut.dropFrom(List.of("gone", "kept!", "Also, gone", "new"), text -> text));
        assertEquals(one.train(), heldOut.dropFrom(one.train(), Example::text));
        assertEquals(List.of(), heldOut.dropFrom(one.test(), Example::text));
    }
}
