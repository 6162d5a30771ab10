package org.whylm.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.WordList;
import org.whylm.probe.Result;
import org.whylm.probe.TaskResults;
import org.whylm.run.Sha256;
import org.whylm.task.Recommendation.Says;

/** What follows from results that are known: predictions with given shares of right answers, right together as real classifiers are. */
class RecommendationTest {

    private static final List<String> KINDS =
            List.of("p_f words", "Φp_f", "f", "p_f", "p_f random words", "TF-IDF", "bag of words");

    /** Labels with a share of the first class, and for each kind the share it gets right. */
    private static Recommendation of(int texts, double share, long seed, double... right) {
        var random = new Random(seed);
        var labels =
                IntStream.range(0, texts).map(i -> i < share * texts ? 0 : 1).toArray();
        var luck = random.doubles(texts).toArray();
        var results = new ArrayList<Result>();
        for (int k = 0; k < KINDS.size(); k++) {
            double of = right[k];
            var predictions = IntStream.range(0, texts)
                    .map(i -> luck[i] < of ? labels[i] : 1 - labels[i])
                    .toArray();
            results.add(Result.of("t", KINDS.get(k), false, labels, predictions));
        }
        return of(labels, results);
    }

    private static Recommendation of(int[] labels, List<Result> results) {
        return of(labels, results, Math.max(3, 100 * Arrays.stream(labels).sum() / labels.length));
    }

    /** @param rare how many of a hundred training texts are of the second class */
    private static Recommendation of(int[] labels, List<Result> results, long rare) {
        return of(labels, results, rare, new LearningCurves(List.of()));
    }

    private static Recommendation of(int[] labels, List<Result> results, long rare, LearningCurves curves) {
        var train = IntStream.range(0, 100)
                .mapToObj(i ->
                        new Example("training text of its own " + "abcdefghij".charAt(i % 10) + i, i < rare ? 1 : 0))
                .toList();
        var test = IntStream.range(0, labels.length)
                .mapToObj(i -> new Example(Sha256.of("test text " + i), labels[i]))
                .toList();
        var task = TaskData.of(new TextDataset("t", List.of("a", "b"), train, test), true);
        assertEquals(labels.length, task.unseen().length);
        var all = new TaskResults("t", results, Map.of());
        var words = Stream.of("one", "two")
                .map(word -> new WordList(List.of(word), new int[] {1}))
                .toList();
        return Advice.of(new Solutions(task, "", all, all, words, null), curves);
    }

    private static Says says(Recommendation recommendation, String question) {
        return recommendation.answers().stream()
                .filter(answer -> answer.question().contains(question))
                .findFirst()
                .orElseThrow()
                .says();
    }

    @Test
    void fewWordsThatDoAsWellMakeATaskNatural() {
        var it = of(2_000, 0.5, 1, 0.90, 0.895, 0.905, 0.90, 0.7, 0.75, 0.74);
        assertEquals(Says.YES, says(it, "a language model needed"));
        assertEquals(Says.YES, says(it, "natural"));
        assertTrue(it.headline().contains("The task is natural for this model"), it.headline());
        assertEquals("p_f words", it.kept().orElseThrow());
    }

    /** By a text or two the words are the best of the model's features, or no worse: with sixty texts they may be far behind all the same. */
    @ParameterizedTest
    @ValueSource(doubles = {0.86, 0.90})
    void wordsThatHappenToBeTheBestAreUndecidedUntilThereAreEnoughTexts(double f) {
        var few = of(60, 0.5, 1, 0.90, 0.84, f, 0.84, 0.6, 0.70, 0.70);
        assertEquals(Says.OPEN, says(few, "natural"), few.toString());
        assertTrue(few.headline().startsWith("Start with the probabilities of 2 words: whether"), few.headline());
        assertEquals("p_f words", few.kept().orElseThrow());
        var many = of(4_000, 0.5, 1, 0.90, 0.84, f, 0.84, 0.6, 0.70, 0.70);
        assertEquals(Says.YES, says(many, "natural"), many.toString());
    }

    /** All kinds are right on every text, from half of the training texts as from all: that excludes a gain of two points only on many. */
    @ParameterizedTest
    @ValueSource(ints = {12, 60, 200, 600})
    void aFewTextsThatAreAllRightDoNotSayThatMoreLabelsAreOfNoUse(int texts) {
        var labels = IntStream.range(0, texts).map(i -> i % 2).toArray();
        var right = KINDS.stream()
                .map(kind -> Result.of("t", kind, false, labels, labels))
                .toList();
        var points = Stream.of(50, 100)
                .flatMap(size -> right.stream()
                        .map(result -> new LearningCurves.Point(
                                size, result.features(), size < 100 ? result.and(result) : result)))
                .toList();
        var it = of(labels, right, 50, new LearningCurves(points));
        assertEquals(texts < 600 ? Says.OPEN : Says.NO, says(it, "more labels"), it.toString());
    }

    @Test
    void wordsFarBehindTheFeaturesMakeItUnnatural() {
        var it = of(1_000, 0.5, 2, 0.70, 0.85, 0.90, 0.88, 0.6, 0.75, 0.74);
        assertEquals(Says.NO, says(it, "natural"));
        assertTrue(it.headline().contains("not natural"), it.headline());
        assertEquals("f", it.kept().orElseThrow());
    }

    @Test
    void countingWordsThatDoesAsWellNeedsNoModel() {
        var it = of(1_000, 0.5, 3, 0.80, 0.85, 0.90, 0.88, 0.6, 0.90, 0.89);
        assertEquals(Says.NO, says(it, "a language model needed"));
        assertTrue(it.headline().contains("No language model is needed"), it.headline());
        assertTrue(
                it.steps()
                        .get(0)
                        .startsWith("Count words and fit a logistic regression: in scikit-learn TfidfVectorizer()"),
                it.steps().toString());
    }

    @Test
    void fewTestTextsLeaveItOpenAndSayHowManyWouldDecide() {
        var it = of(120, 0.5, 4, 0.82, 0.86, 0.87, 0.86, 0.6, 0.85, 0.85);
        assertEquals(Says.OPEN, says(it, "a language model needed"));
        var evidence = it.answers().get(1).sentence();
        assertTrue(evidence.matches(".*undecided with 120 test texts; .* about [0-9,]+ would decide.*"), evidence);
        assertTrue(
                it.steps().stream().anyMatch(step -> step.matches("Test on about [0-9,]+ texts if you .*")),
                it.toString());
    }

    /**
     * TF-IDF is wrong on three texts of four of the second class, f right: far behind, by its interval; of two or four texts one would
     * close a quarter or an eighth of all.
     */
    @ParameterizedTest
    @ValueSource(ints = {2, 4, 40})
    void nothingHangsOnOneTextOfAClass(int rare) {
        var labels = IntStream.range(0, 60 + rare).map(i -> i < 60 ? 0 : 1).toArray();
        var results = new ArrayList<Result>();
        for (var kind : KINDS) {
            boolean counts = kind.startsWith("TF") || kind.startsWith("bag");
            var predictions = IntStream.range(0, labels.length)
                    .map(i -> i < 60 ? i < 6 ? 1 : 0 : counts && i % 4 != 0 ? 0 : 1)
                    .toArray();
            results.add(Result.of("t", kind, false, labels, predictions));
        }
        var it = of(labels, results, 40);
        assertEquals(rare < 5 ? Says.OPEN : Says.YES, says(it, "a language model needed"), it.toString());
        assertTrue(
                rare != 4 || it.steps().stream().noneMatch(step -> step.contains("counting words would do")),
                "open for one text of a class, not for want of texts: " + it.steps());
    }

    /** Ten training texts of each of three classes, and test texts of two of them, all told apart. */
    @Test
    void aClassWithoutTestTextsIsSaidNotToBeTested() {
        var train = IntStream.range(0, 30)
                .mapToObj(i -> new Example("training text of its own " + "abcdefghij".charAt(i % 10) + i, i % 3))
                .toList();
        var test = IntStream.range(0, 200)
                .mapToObj(i -> new Example(Sha256.of("test text " + i), i % 2))
                .toList();
        var task = TaskData.of(new TextDataset("t", List.of("a", "b", "c"), train, test), true);
        var results = KINDS.stream()
                .map(kind -> Result.of("t", kind, false, task.testLabels(), task.testLabels()))
                .toList();
        var all = new TaskResults("t", results, Map.of());
        var words = List.of(new WordList(List.of("one"), new int[] {1}));
        var it = Advice.of(new Solutions(task, "", all, all, words, null), new LearningCurves(List.of()));
        assertTrue(it.headline().endsWith(" None of this was tested on “c”."), it.headline());
        assertTrue(it.steps().stream().anyMatch(step -> step.startsWith("Test on texts of “c” too")), it.toString());
    }

    /** What is undecided is begun with what is seen to be ahead. */
    @Test
    void whereTheNeedOfAModelIsOpenTheEstimateDecidesWhatToBeginWith() {
        var ahead = of(50, 0.5, 5, 0.86, 0.86, 0.87, 0.86, 0.6, 0.75, 0.70);
        assertEquals(Says.OPEN, says(ahead, "a language model needed"));
        assertTrue(ahead.headline().matches("(Use the frozen|Read the prob|Start with the prob).*"), ahead.headline());
        var level = of(50, 0.5, 6, 0.70, 0.86, 0.87, 0.86, 0.6, 0.87, 0.86);
        assertEquals(Says.OPEN, says(level, "a language model needed"));
        assertTrue(level.headline().startsWith("Start by counting words (TF-IDF)"), level.headline());
    }

    /** Labels that nothing predicts: a hundred seeds, as many kinds; no more than a few of a hundred may see anything, none calls it natural. */
    @ParameterizedTest
    @ValueSource(ints = {6, 40, 200, 1_000})
    void chanceIsNeverNatural(int texts) {
        int seen = 0;
        for (int seed = 0; seed < 100; seed++) {
            var random = new Random(seed);
            var labels = IntStream.range(0, texts).map(i -> i % 2).toArray();
            var results = KINDS.stream()
                    .map(kind -> Result.of(
                            "t", kind, false, labels, random.ints(texts, 0, 2).toArray()))
                    .toList();
            var it = of(labels, results);
            boolean learnable = says(it, "tell the classes apart") == Says.YES;
            seen += learnable ? 1 : 0;
            assertFalse(it.headline().contains("is natural"), it.headline());
            if (!learnable) {
                boolean none = says(it, "tell the classes apart") == Says.NO;
                assertTrue(
                        it.headline().startsWith(none ? "Nothing tried is above chance" : "It cannot be said"),
                        it.headline());
                assertTrue(
                        it.because()
                                .contains(none ? "the task is not natural" : "Nothing shows that the task is natural"),
                        it.because());
            }
        }
        assertTrue(seen <= 4, seen + " of 100 see something where there is nothing");
    }

    /** Labels of which two in a hundred are 1, and a classifier whose ranking of these is so many standard deviations above the others. */
    private static Recommendation rare(int texts, double ahead, long seed) {
        var random = new Random(seed);
        var labels = IntStream.range(0, texts).map(i -> i < texts / 50 ? 1 : 0).toArray();
        var results = KINDS.stream()
                .map(kind -> {
                    var probabilities = IntStream.range(0, texts)
                            .mapToDouble(i -> 1 / (1 + Math.exp(-random.nextGaussian() - ahead * (labels[i] - 0.5))))
                            .mapToObj(p -> new double[] {1 - p, p})
                            .toArray(double[][]::new);
                    var predictions = Arrays.stream(probabilities)
                            .mapToInt(p -> p[1] > 0.5 ? 1 : 0)
                            .toArray();
                    return result(kind, labels, predictions, probabilities);
                })
                .toList();
        return of(labels, results);
    }

    private static Result result(String kind, int[] labels, int[] predictions, double[][] probabilities) {
        var split = new Result.Split(labels, List.of(predictions), List.of(), Optional.empty(), probabilities);
        return new Result("t", kind, false, 1, List.of(split));
    }

    @Test
    void aRareClassIsFoundByRankingItsTextsAboveOthers() {
        var it = rare(200, 4, 1);
        assertEquals(Says.YES, says(it, "Can “b” be found"));
        assertEquals(Says.YES, says(it, "rare class"));
        assertTrue(it.headline().startsWith("“b” can be found, rare as it is. "), it.headline());
        assertTrue(it.answers().get(0).sentence().contains("chance is 50%"), it.toString());
        assertTrue(it.answers().get(1).sentence().matches(".*answers “b” for \\d of its 4 test texts and for .*"));
        assertTrue(it.warnings().stream().anyMatch(warning -> warning.contains("class_weight=\"balanced\"")));
        assertTrue(it.warnings().stream().anyMatch(warning -> warning.contains("“b” has 4")));
    }

    /** Two rare classes, of which one is ranked above all others and one below most. */
    @Test
    void oneRareClassThatIsFoundDoesNotMakeTheOtherFound() {
        var labels =
                IntStream.range(0, 1_000).map(i -> i < 40 ? 1 : i < 80 ? 2 : 0).toArray();
        var results = KINDS.stream()
                .map(kind -> {
                    var probabilities = Arrays.stream(labels)
                            .mapToObj(label -> new double[][] {{0.8, 0, 0.2}, {0, 0.9, 0.1}, {0.7, 0.2, 0.1}}[label])
                            .toArray(double[][]::new);
                    var predictions =
                            Arrays.stream(labels).map(label -> label % 2).toArray();
                    return result(kind, labels, predictions, probabilities);
                })
                .toList();
        var train = IntStream.range(0, 100)
                .mapToObj(i -> new Example(
                        "training text of its own " + "abcdefghij".charAt(i % 10) + i, i < 5 ? 1 : i < 10 ? 2 : 0))
                .toList();
        var test = IntStream.range(0, labels.length)
                .mapToObj(i -> new Example(Sha256.of("test text " + i), labels[i]))
                .toList();
        var task = TaskData.of(new TextDataset("t", List.of("a", "b", "c"), train, test), true);
        var all = new TaskResults("t", results, Map.of());
        var words = List.of(new WordList(List.of("one"), new int[] {1}));
        var it = Advice.of(new Solutions(task, "", all, all, words, null), new LearningCurves(List.of()));
        assertEquals(Says.NO, says(it, "rare classes"), it.toString());
        assertTrue(it.headline().startsWith("Texts of “b” or “c” can be told from those of “a”. "), it.headline());
    }

    /** With four texts of it among two hundred nothing can be excluded; with two hundred it can, and it is not to be found. */
    @Test
    void aRareClassThatNothingRanksIsOpenUntilThereAreEnough() {
        int found = 0;
        for (int seed = 0; seed < 100; seed++) {
            var it = rare(200, 0, seed);
            boolean yes = says(it, "Can “b” be found") == Says.YES;
            found += yes ? 1 : 0;
            assertTrue(yes || it.headline().startsWith("It cannot be said whether “b” can be found"), it.headline());
        }
        assertTrue(found <= 4, found + " of 100 find what cannot be found");
        assertEquals(Says.NO, says(rare(10_000, 0, 1), "Can “b” be found"));
    }
}
