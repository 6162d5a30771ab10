package org.whylm.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Texts that are there twice, equal or nearly so; and the split by hash, which keeps equal ones together. */
class DuplicatesTest {

    private static final String TEXT = "The committee postponed its decision on the new bridge until spring";

    private static TextDataset data(List<Example> train, Example... test) {
        return new TextDataset("t", List.of("no", "yes"), train, List.of(test));
    }

    @Test
    void equalAndNearlyEqualTextsAreFoundAndOthersAreNot() {
        var train = List.of(
                new Example("Nothing to see here, move along please", 0),
                new Example(TEXT, 1),
                new Example("What is the capital of France?", 0));
        var found = Duplicates.of(data(
                train,
                new Example("  the COMMITTEE postponed its decision on the new bridge, until Spring!", 1),
                new Example(TEXT.replace(" new", ""), 1),
                new Example(TEXT.replace("bridge", "brigde") + " 2020", 1),
                new Example("What is the capital of Italy?", 0),
                new Example("The committee decided on a budget for the school", 1)));
        assertArrayEquals(new int[] {1, -1, -1, -1, -1}, found.equalTo());
        assertArrayEquals(new int[] {-1, 1, 1, -1, -1}, found.nearTo());
        assertArrayEquals(new int[] {3, 4}, found.unseen());
    }

    @Test
    void whatIsAlikeWithAnotherLabelIsNoLeakUnlessEqual() {
        var found = Duplicates.of(
                data(List.of(new Example(TEXT, 1)), new Example(TEXT.replace(" new", ""), 0), new Example(TEXT, 0)));
        assertArrayEquals(new int[] {-1, 0}, found.equalTo());
        assertEquals(0, found.near());
        assertEquals(1, found.contradictory());
    }

    @Test
    void aTextThatIsTwiceInTheTestSetCountsOnce() {
        var found = Duplicates.of(data(
                List.of(new Example(TEXT, 1)),
                new Example("Another text", 0),
                new Example(TEXT, 1),
                new Example("another  TEXT!", 0),
                new Example(TEXT, 1)));
        assertArrayEquals(new int[] {-1, -1, 0, 1}, found.inTest());
        assertArrayEquals(new int[] {0}, found.unseen());
        assertEquals(1, found.repeatedInTest());
        assertEquals(0, found.contradictory());
    }

    /** The second is the first with a word less, the third the second with four less: it is near to what does not count only. */
    @Test
    void testTextsThatAreNearlyTheSameAreOneSample() {
        var first =
                "The committee postponed its difficult decision on the new bridge and the old road until late spring";
        var second = first.replace(" difficult", "");
        var third = second.replace(" and the old road", "");
        var found = Duplicates.of(data(
                List.of(new Example("Another text", 0)),
                new Example(first, 1),
                new Example(second, 1),
                new Example(second, 0),
                new Example(third, 1)));
        assertArrayEquals(new int[] {-1, 0, 1, -1}, found.inTest());
        assertArrayEquals(new int[] {0, 3}, found.unseen());
    }

    /** Questions and exclamations, of which half differ in their last character only: each is a text of its own. */
    @Test
    void whatTheLabelsAreAboutMakesTextsDifferent() {
        var found = Duplicates.of(data(
                List.of(new Example("You are coming?", 0), new Example("You  are coming? ", 0)),
                new Example("You are coming!", 1),
                new Example("you are coming…", 1),
                new Example("You are COMING?", 0),
                new Example("Is it raining?", 0),
                new Example("IS it raining?", 1),
                new Example("Is it raining?", 1)));
        assertArrayEquals(new int[] {-1, 0}, found.equalInTraining());
        assertArrayEquals(new int[] {-1, -1, 0, -1, -1, -1}, found.equalTo());
        assertArrayEquals(new int[] {-1, 0, -1, -1, -1, 3}, found.inTest());
        assertArrayEquals(new int[] {0, 3, 4}, found.unseen());
        assertEquals(2, found.contradictory());
    }

    @Test
    void textsWithoutLettersAreEqualOnlyToThemselves() {
        var found = Duplicates.of(data(List.of(new Example(":)", 1), new Example(":)", 1)), new Example(":(", 0)));
        assertEquals(0, found.equal() + found.near());
        assertEquals(1, found.repeatedInTraining());
    }

    /** Against comparing every pair. */
    @Test
    void theIndexMissesNoPair() {
        var random = new Random(3);
        var words = "river stone cloud paper green quiet seven under walk north".split(" ");
        var texts = Stream.generate(() -> IntStream.range(0, 6)
                        .mapToObj(i -> words[random.nextInt(words.length)])
                        .collect(Collectors.joining(" ")))
                .limit(400)
                .map(text -> new Example(text, 0))
                .toList();
        var train = texts.subList(0, 300);
        var found = Duplicates.of(data(train, texts.subList(300, 400).toArray(Example[]::new)));
        int alone = 0;
        for (int i = 300; i < 400; i++) {
            var one = texts.get(i);
            boolean near = train.stream()
                    .anyMatch(other -> Duplicates.of(data(List.of(other), one)).unseen().length == 0);
            alone += near ? 0 : 1;
        }
        assertEquals(100 - alone, found.near() + found.equal());
    }

    @Test
    void textsThatDifferInCaseAndPunctuationStayOnOneSide() {
        var examples = IntStream.range(0, 200)
                .boxed()
                .flatMap(i -> Stream.of("Text number " + i, "text, NUMBER " + i + "!"))
                .map(text -> new Example(text, 0))
                .toList();
        var split = data(examples).splitByHash();
        assertEquals(0, Duplicates.of(split).equal());
        assertEquals(400, split.train().size() + split.test().size());
        assertEquals(80, split.test().size(), 30, "a fifth of 400, by a hash");
    }
}
