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
                distributions(data.train(), PROMPT),
                labels(data.train()),
                test,
                labels(data.test()),
                2,
                scaling,
                CrossValidation.ofScript(data.train().size()));
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
                Scaling.STANDARDIZED,
                CrossValidation.ofScript(train.length));
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
        var results = TaskProbe.ofSplits(whole, 3, 11, PROMPT, extractor).evaluate(kinds, Scaling.STANDARDIZED);
        var splits = whole.splits(3, 11);
        double mean = 0;
        for (int split = 0; split < 3; split++) {
            var expected = TaskProbe.of(splits.get(split), PROMPT, extractor).evaluate(kinds, Scaling.STANDARDIZED);
            assertArrayEquals(
                    expected.result("f", true).splits().get(0).runs().get(0),
                    results.result("f", true).splits().get(split).runs().get(0));
            assertArrayEquals(
                    expected.chance().splits().get(0).runs().get(0),
                    results.chance().splits().get(split).runs().get(0));
            mean += expected.result("Φp_f", false).accuracy().value() / 3;
        }
        assertEquals(mean, results.result("Φp_f", false).accuracy().value(), 1e-12);
    }

    /** Accuracy, predictions and which examples are right are of one computation; the model gives the same predictions. */
    @ParameterizedTest
    @EnumSource(Scaling.class)
    void accuracyAndPredictionsAreOfOneComputation(Scaling scaling) {
        var probe = TaskProbe.of(data, PROMPT, extractor).redrawing(4, 9);
        for (var result : probe.evaluate(List.of(new FeatureKind.HiddenState(), WHOLE), scaling)
                .results()) {
            var split = result.splits().get(0);
            double right = 0;
            for (int i = 0; i < 40; i++) {
                assertEquals(data.test().get(i).label(), split.labels()[i]);
                right += split.runs().get(0)[i] == split.labels()[i] ? 1 : 0;
            }
            assertEquals(right / 40, result.accuracy().value(), 1e-12);
            if (!result.features().equals(TaskResults.CHANCE)) {
                assertEquals(right / 40, result.classification().test().value(), 1e-12);
                assertEquals(4, split.draws().size());
            }
        }
    }

    /** A redrawn classifier is the one that is trained on a data set of the drawn examples, each as often as it was drawn. */
    @Test
    void redrawnClassifiersAreTrainedOnWhatWasDrawn() {
        var kind = new FeatureKind.HiddenState();
        var result = TaskProbe.of(data, "", extractor).redrawing(3, 9).evaluate(kind, false, Scaling.RAW);
        var train = kind.of(
                extractor.features(data.train().stream().map(Example::text).toList()));
        var test = kind.of(
                extractor.features(data.test().stream().map(Example::text).toList()));
        var random = new Random(9);
        for (var draw : result.splits().get(0).draws()) {
            var rows = random.ints(90, 0, 90).toArray();
            var model = LogisticRegression.fit(
                    IntStream.of(rows).mapToObj(row -> train[row]).toArray(float[][]::new),
                    IntStream.of(rows).map(row -> data.train().get(row).label()).toArray(),
                    2,
                    result.classification().C());
            assertArrayEquals(Arrays.stream(test).mapToInt(model::predict).toArray(), draw);
        }
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
                probes.get(0)
                        .evaluate(List.of(kind), Scaling.STANDARDIZED)
                        .chance()
                        .correct(),
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
    void theScriptsClassifiersAreOneVersusRestOnRawFeatures() {
        var probe = TaskProbe.of(data, PROMPT, extractor);
        var kind = new FeatureKind.ConditionalMean();
        var script = probe.evaluateAsScript(kind, true);
        var features = extractor.features(data.texts(), PROMPT).conditionalMean();
        var train = Arrays.copyOf(features, 90);
        var expected = OneVersusRest.fit(train, labels(data.train()), 2, CrossValidation.ofScript(90));
        assertArrayEquals(expected.C(), script.C());
        assertEquals("one versus rest", script.regression());
        for (int row = 0; row < 40; row++) {
            int prediction = script.result().splits().get(0).runs().get(0)[row];
            assertEquals(expected.predict(features[90 + row]), prediction);
        }
    }

    @Test
    void ofFiveClassesTheScriptFitsASoftmaxToWhatIsNotF() {
        var train = data.train();
        var fiveClasses = IntStream.range(0, 90)
                .mapToObj(i -> new Example(train.get(i).text(), i % 5))
                .toList();
        var five = new TextDataset("five", List.of("a", "b", "c", "d", "e"), fiveClasses, fiveClasses.subList(0, 40));
        var probe = TaskProbe.of(five, "", extractor);
        var onMean = probe.evaluateAsScript(new FeatureKind.ConditionalMean(), false);
        var softmax = probe.evaluate(new FeatureKind.ConditionalMean(), false, Scaling.RAW);
        assertEquals("softmax", onMean.regression());
        assertEquals(softmax.classification().C(), onMean.C()[0]);
        assertArrayEquals(softmax.correct(), onMean.result().correct());
        assertEquals(
                5, probe.evaluateAsScript(new FeatureKind.HiddenState(), false).C().length);
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
