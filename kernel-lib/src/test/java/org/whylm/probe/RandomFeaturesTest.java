package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.features.FeatureStore;
import org.whylm.features.WordList;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.statistics.Statistic;

class RandomFeaturesTest {

    @TempDir
    private static Path folder;

    private static LanguageModel model;
    private static FeatureExtractor extractor;
    private static TextDataset data;

    @BeforeAll
    static void load() {
        model = LanguageModels.load("src/test/resources/fixtures/tiny-llama-tied");
        extractor = new FeatureExtractor(model, new FeatureStore(folder), 100);
        data = new TextDataset("films", List.of("dull", "good"), examples(60, 1), examples(40, 2));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static List<Example> examples(int count, long seed) {
        var random = new Random(seed);
        var examples = new ArrayList<Example>();
        for (int i = 0; i < count; i++) {
            var end = i % 2 == 1 ? " a gorgeous movie" : " it is a dull, sad thing";
            examples.add(new Example("Film " + random.nextInt(100_000) + " of" + end, i % 2));
        }
        return examples;
    }

    /** A draw that happens to be the picked words has to be classified as they are. */
    @Test
    void aDrawIsClassifiedLikeThePickedFeatures() {
        var probe = TaskProbe.of(data, "", extractor);
        var ids = new int[] {5, 17, 40};
        var words = WordList.ofIds(model.tokenizer(), ids);
        var picked = probe.evaluate(FeatureKind.Words.probabilities("picked", words), false, Scaling.STANDARDIZED);
        var twice = WordList.ofIds(model.tokenizer(), 5, 17, 40, 5, 17, 40);
        var draws = probe.evaluateDraws(List.of(FeatureKind.Words.probabilities("draws", twice)), 2, picked);
        var runs = draws.splits().get(0).runs();
        assertEquals(2, runs.size());
        for (var run : runs) {
            assertArrayEquals(picked.splits().get(0).runs().get(0), run);
        }
        assertEquals(2, new RandomFeatures(picked, draws).atLeastAsGood());
        assertEquals(3, draws.dimension());
    }

    @Test
    void drawsAreTheSeedsAndGoRoundAmongSplits() {
        var whole = new TextDataset("films", data.classes(), data.train(), List.of());
        var probe = TaskProbe.ofSplits(whole, 3, 11, "", extractor);
        var words = WordList.ofIds(model.tokenizer(), 5, 17);
        var picked = probe.evaluate(FeatureKind.Words.logits("picked", words), false, Scaling.STANDARDIZED);
        var tokens = RandomFeatures.words(probe, picked, model, 7, 3);
        var directions = RandomFeatures.directions(probe, picked, 7, 3);
        for (var control : List.of(tokens, directions)) {
            assertEquals(
                    List.of(3, 2, 2),
                    control.random().splits().stream()
                            .map(split -> split.runs().size())
                            .toList());
            assertEquals(2, control.random().dimension());
        }
        assertArrayEquals(
                tokens.accuracies(),
                RandomFeatures.words(probe, picked, model, 7, 3).accuracies());
        assertArrayEquals(
                directions.accuracies(),
                RandomFeatures.directions(probe, picked, 7, 3).accuracies());
    }

    /** Draws that get 1, 2, 3 and 4 of 4 examples right, worked out by hand. */
    @Test
    void meanSpreadAndRankAreThoseOfTheDraws() {
        var labels = new int[] {0, 1, 0, 1};
        var draws =
                List.of(new int[] {1, 1, 1, 0}, new int[] {0, 1, 1, 0}, new int[] {0, 1, 0, 0}, new int[] {0, 1, 0, 1});
        var control = new RandomFeatures(
                Result.of("task", "picked", false, labels, new int[] {0, 1, 0, 0}), result(labels, draws));
        assertArrayEquals(new double[] {0.25, 0.5, 0.75, 1}, control.accuracies());
        assertEquals(0.625, control.mean(), 1e-12);
        assertEquals(Math.sqrt((2 * 0.375 * 0.375 + 2 * 0.125 * 0.125) / 3), control.standardDeviation(), 1e-12);
        assertEquals(0.25, control.quantile(0));
        assertEquals(1, control.quantile(1));
        assertEquals(2, control.atLeastAsGood());
        assertEquals(0.5, control.shareAtLeastAsGood(1).value());
    }

    /** Picked features far above, level with and far below draws: no draw, about half of them, every one does as well. */
    @Test
    void theShareOfDrawsKnowsTestSentencesAndDraws() {
        var random = new Random(5);
        int m = 500;
        var labels = new int[m];
        var draws = IntStream.range(0, 200)
                .mapToObj(draw -> predictions(random, m, 0.7))
                .toList();
        var above = share(labels, predictions(random, m, 0.95), draws);
        assertEquals(0, above.value());
        assertEquals(0, above.high());
        var below = share(labels, predictions(random, m, 0.4), draws);
        assertEquals(1, below.low());
        var level = new int[m];
        for (int i = 350; i < m; i++) {
            level[i] = 1;
        }
        var middle = share(labels, level, draws);
        assertTrue(middle.low() < 0.3 && middle.value() > 0.35 && middle.value() < 0.65 && middle.high() > 0.7);
    }

    private static Statistic share(int[] labels, int[] picked, List<int[]> draws) {
        return new RandomFeatures(Result.of("task", "picked", false, labels, picked), result(labels, draws))
                .shareAtLeastAsGood(9);
    }

    private static int[] predictions(Random random, int m, double accuracy) {
        return IntStream.range(0, m)
                .map(i -> random.nextDouble() < accuracy ? 0 : 1)
                .toArray();
    }

    private static Result result(int[] labels, List<int[]> runs) {
        var split = new Result.Split(labels, runs, List.of(), Optional.empty());
        return new Result("task", "random", false, 0, List.of(split));
    }
}
