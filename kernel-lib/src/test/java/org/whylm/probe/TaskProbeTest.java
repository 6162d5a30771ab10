package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.ClassWords;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.features.FeatureStore;
import org.whylm.features.Features;
import org.whylm.features.WordList;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;

/** Classifiers on all of {@code p_f}, its heaviest words and random splits, against explicit {@code n×V} matrices. */
class TaskProbeTest {

    private static final String PROMPT = " This movie is";
    private static final FeatureKind WHOLE = new FeatureKind.Distribution();

    @TempDir
    private static Path folder;

    private static LanguageModel model;
    private static FeatureExtractor extractor;
    private static TextDataset data;

    @BeforeAll
    static void load() {
        model = LanguageModels.load("src/test/resources/fixtures/tiny-llama-tied");
        extractor = new FeatureExtractor(model, new FeatureStore(folder), 100);
        data = new TextDataset("films", List.of("dull", "good"), examples(90, 1), examples(40, 2));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Sentences whose last words differ between the classes, but not always. */
    private static List<Example> examples(int count, long seed) {
        var random = new Random(seed);
        var examples = new ArrayList<Example>();
        for (int i = 0; i < count; i++) {
            int label = i % 3 == 0 ? 0 : 1;
            boolean typical = random.nextDouble() < 0.8;
            var end = (label == 1) == typical ? " a gorgeous movie" : " it is a dull, sad thing";
            examples.add(new Example("Film " + random.nextInt(100_000) + " of" + end, label));
        }
        return examples;
    }

    private static float[][] distributions(List<Example> examples, String prompt) {
        var features = extractor.features(examples.stream().map(Example::text).toList(), prompt);
        return Arrays.stream(features.f())
                .map(model.outputEmbeddings()::probabilities)
                .toArray(float[][]::new);
    }

    private static int[] labels(List<Example> examples) {
        return examples.stream().mapToInt(Example::label).toArray();
    }

    @ParameterizedTest
    @EnumSource(Scaling.class)
    void innerProductsAreThoseOfTheWholeMatrix(Scaling scaling) {
        var texts = Stream.concat(data.train().stream(), data.test().stream()).toList();
        var features = extractor.features(texts.stream().map(Example::text).toList(), PROMPT);
        var gram = DistributionGram.of(features, 90, scaling);
        var p = distributions(texts, PROMPT);
        var standardization = Standardization.learn(Arrays.copyOf(p, 90), scaling);
        int V = model.vocabularySize();
        var z = standardization.apply(p, 0, V);
        double scale = dot(z, 0, 0, V);
        for (int i = 0; i < 130; i++) {
            for (int j = 0; j < 90; j++) {
                double actual = i < 90 ? gram.train()[i][j] : gram.cross()[i - 90][j];
                assertEquals(dot(z, i, j, V), actual, 1e-4 * scale, "row " + i + ", column " + j);
            }
        }
    }

    private static double dot(double[] z, int i, int j, int V) {
        double sum = 0;
        for (int w = 0; w < V; w++) {
            sum += z[i * V + w] * z[j * V + w];
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource(Scaling.class)
    void theClassifierIsThatOnTheWholeMatrix(Scaling scaling) {
        var probe = TaskProbe.of(data, PROMPT, extractor);
        var result = probe.evaluate(WHOLE, true, scaling);
        var test = distributions(data.test(), PROMPT);
        var expected = LinearClassification.evaluate(
                distributions(data.train(), PROMPT), labels(data.train()), test, labels(data.test()), 2, scaling);
        assertEquals(expected.C(), result.classification().C());
        assertEquals(expected.test(), result.classification().test());
        assertEquals(expected.trainLogLoss(), result.classification().trainLogLoss(), 1e-4);
        assertEquals(scaling, result.classification().scaling());
        assertEquals(model.vocabularySize(), result.dimension());
        for (int row = 0; row < test.length; row++) {
            assertEquals(
                    expected.model().predict(test[row]) == data.test().get(row).label(), result.correct()[row]);
        }
    }

    /** {@code w = Zᵀα}: the heaviest words are those with the largest {@code |w|} of the classifier on the whole matrix. */
    @Test
    void heaviestWordsAreThoseOfTheWholeMatrix() {
        var probe = TaskProbe.of(data, PROMPT, extractor);
        var heaviest = probe.heaviestWords(probe.evaluate(WHOLE, true, Scaling.STANDARDIZED));
        var train = distributions(data.train(), PROMPT);
        var expected = LinearClassification.evaluate(
                train,
                labels(data.train()),
                distributions(data.test(), PROMPT),
                labels(data.test()),
                2,
                Scaling.STANDARDIZED);
        var scale = Standardization.learn(train, Scaling.STANDARDIZED).scale();
        var weights = expected.model().weights()[0];
        assertEquals(model.vocabularySize(), IntStream.of(heaviest).distinct().count());
        double largest = Math.abs(weights[heaviest[0]] * scale[heaviest[0]]);
        for (int rank = 1; rank < heaviest.length; rank++) {
            double before = Math.abs(weights[heaviest[rank - 1]] * scale[heaviest[rank - 1]]);
            double here = Math.abs(weights[heaviest[rank]] * scale[heaviest[rank]]);
            assertTrue(here <= before + 1e-3 * largest, "rank " + rank + ": " + here + " after " + before);
        }
        var onF = probe.evaluate(new FeatureKind.HiddenState(), false, Scaling.RAW);
        assertThrows(IllegalArgumentException.class, () -> probe.heaviestWords(onF));
    }

    @Test
    void eachRandomSplitIsATaskOfItsOwn() {
        var kinds = List.of(new FeatureKind.HiddenState(), new FeatureKind.ConditionalMean());
        var whole = new TextDataset("films", data.classes(), data.train(), List.of());
        var probes = TaskProbe.ofSplits(whole, 3, 11, PROMPT, extractor);
        var results = new SplitResults(probes.stream()
                .map(probe -> probe.evaluate(kinds, Scaling.STANDARDIZED))
                .toList());
        var splits = whole.splits(3, 11);
        for (int split = 0; split < 3; split++) {
            var expected = TaskProbe.of(splits.get(split), PROMPT, extractor).evaluate(kinds, Scaling.STANDARDIZED);
            assertArrayEquals(
                    expected.correct("f", true), results.correct("f", true).get(split));
            assertArrayEquals(expected.chance(), results.chance().get(split));
        }
        assertEquals(3, results.accuracy("Φp_f", false).splits());
    }

    /** Mean and standard error of 0.5, 0.75, 0.7, worked out by hand. */
    @Test
    void standardErrorIsThatOfTheMean() {
        var mean = MeanAccuracy.of(List.of(new Accuracy(2, 4), new Accuracy(3, 4), new Accuracy(7, 10)));
        assertEquals(0.65, mean.value(), 1e-12);
        assertEquals(Math.sqrt((0.0225 + 0.01 + 0.0025) / 2 / 3), mean.standardError(), 1e-12);
        assertTrue(Double.isNaN(MeanAccuracy.of(List.of(new Accuracy(2, 4))).standardError()));
    }

    @Test
    void prefixesOfTheWholeLengthAreTheText() {
        var kind = new FeatureKind.HiddenState();
        var probes = TaskProbe.ofPrefixes(data, extractor, 1, 100);
        var first = probes.get(0).evaluate(kind, false, Scaling.STANDARDIZED);
        assertArrayEquals(
                TaskProbe.of(data, "", extractor)
                        .evaluate(kind, false, Scaling.STANDARDIZED)
                        .correct(),
                probes.get(1).evaluate(kind, false, Scaling.STANDARDIZED).correct());
        assertArrayEquals(
                first.correct(),
                probes.get(0).evaluate(List.of(kind), Scaling.STANDARDIZED).chance(),
                "every text has the same first token");
    }

    /** Class probabilities are sums over words of {@code softmax(Φᵀf)}. */
    @Test
    void zeroShotTakesTheMoreProbableClassWords() {
        var words = classWords(
                new WordList(List.of("a", "b"), new int[] {17, 40}), new WordList(List.of("c"), new int[] {599}));
        var zeroShot = TaskProbe.of(data, PROMPT, extractor).zeroShot(words, true);
        var test = distributions(data.test(), PROMPT);
        for (int row = 0; row < test.length; row++) {
            double first = test[row][17] + test[row][40];
            assertEquals(first / (first + test[row][599]), zeroShot.probabilities()[row][0], 1e-5);
        }
        var prior = Arrays.stream(distributions(data.train(), PROMPT))
                .mapToDouble(p -> (p[17] + p[40]) / (p[17] + p[40] + p[599]))
                .average()
                .orElseThrow();
        assertEquals(prior, zeroShot.prior()[0], 1e-5);
        var probe = TaskProbe.of(data, "", extractor);
        assertThrows(IllegalStateException.class, () -> probe.zeroShot(words, true));
        var oneClass = classWords(words.ofClass().get(0));
        assertThrows(IllegalArgumentException.class, () -> probe.zeroShot(oneClass, false));
        var noWord = ClassWords.ofOneEach(model.tokenizer(), List.of("movie", "incomprehensibilities"));
        assertThrows(IllegalArgumentException.class, () -> probe.zeroShot(noWord, false));
    }

    private static ClassWords classWords(WordList... ofClass) {
        return new ClassWords(List.of(ofClass), List.of());
    }

    @Test
    void rowsOfFeaturesAreChosen() {
        Features features = extractor.features(List.of("one film", "another film", "a third"));
        var chosen = features.rows(2, 0);
        assertArrayEquals(features.f()[2], chosen.f()[0]);
        assertArrayEquals(features.conditionalMean()[0], chosen.conditionalMean()[1]);
        assertEquals(features.logPartition()[0], chosen.logPartition()[1]);
    }
}
