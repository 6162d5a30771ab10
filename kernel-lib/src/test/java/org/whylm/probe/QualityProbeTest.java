package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.States;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.features.FeatureStore;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Reading;

/** One pass over a model for both measures: the model read in the usual ways is what it is compared with. */
class QualityProbeTest {

    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures");
    private static final String[] BEGINNINGS = {"A witty film", "The cast is sad", "It was long", "One may forget"};

    private static List<Example> examples(int n, int offset) {
        return IntStream.range(0, n)
                .mapToObj(i -> new Example(
                        BEGINNINGS[i % 4] + " " + (i * 7 + offset) + (i % 2 == 0 ? " good." : " bad."), i % 2))
                .toList();
    }

    private static TextDataset data() {
        return new TextDataset("test", List.of("bad", "good"), examples(30, 0), examples(12, 1000));
    }

    @Test
    void qualityIsWhatTheFeaturesAndTheModelGive(@TempDir Path directory) {
        var data = data();
        var whole = data.limit(5, 4);
        try (var model = LanguageModels.load(FIXTURES.resolve("tiny-gpt2").toString())) {
            var extractor = new FeatureExtractor(model, new FeatureStore(directory), 512);
            var probe = QualityProbe.of(data, whole, model);
            var states = extractor
                    .statesAfter(List.of(model.blocks()), probe.readings())
                    .get(0);

            double expected = crossEntropy(model, whole);
            double crossEntropy = probe.crossEntropy(model, states);
            assertEquals(expected, crossEntropy, 1e-5);

            var kinds = List.of(new FeatureKind.ConditionalMean(), new FeatureKind.HiddenState());
            var quality = probe.quality("tiny", crossEntropy, model, states, kinds);
            var train = extractor.features(texts(data.train()));
            var test = extractor.features(texts(data.test()));
            for (var kind : kinds) {
                var result = LinearClassification.evaluate(
                        kind.of(train),
                        labels(data.train()),
                        kind.of(test),
                        labels(data.test()),
                        2,
                        Scaling.STANDARDIZED,
                        CrossValidation.ofScript(data.train().size()).by(Criterion.LOG_LOSS));
                var downstream = quality.downstream().get(kind.label());
                assertEquals(result.test(), downstream.accuracy());
                assertEquals(result.testLogLoss(), downstream.loss(), 1e-3);
                assertEquals(data.test().size(), downstream.losses().length);
            }
        }
    }

    @Test
    void lensesGetTheTrainingTextsOnly() {
        var data = data();
        var whole = data.limit(5, 4);
        try (var model = LanguageModels.load(FIXTURES.resolve("tiny-gpt2").toString())) {
            var probe = QualityProbe.of(data, whole, model);
            var ids = whole.train().stream()
                    .map(example -> model.tokenizer().encode(example.text()))
                    .toList();
            var documents = probe.trainingDocuments();
            assertEquals(ids.size(), documents.size());
            for (int i = 0; i < ids.size(); i++) {
                assertArrayEquals(ids.get(i), documents.get(i));
            }
            var states = model.statesAfter(List.of(1), probe.readings()).get(0);
            var training = probe.trainingStates(states);
            var again = States.before(model, 1, ids);
            for (int i = 0; i < ids.size(); i++) {
                for (int position = 0; position < ids.get(i).length; position++) {
                    assertArrayEquals(again.get(i)[position], training.get(i)[position], 1e-5f);
                }
            }
        }
    }

    private static List<String> texts(List<Example> examples) {
        return examples.stream().map(Example::text).toList();
    }

    private static int[] labels(List<Example> examples) {
        return examples.stream().mapToInt(Example::label).toArray();
    }

    @Test
    void longTextsAreCutToWhatTheModelTakes() {
        var text = "The cast is great, the story is not. ".repeat(20);
        var data = new TextDataset("long", List.of("bad", "good"), List.of(new Example(text, 0)), List.of());
        try (var model = LanguageModels.load(FIXTURES.resolve("tiny-gpt2").toString())) {
            var ids = QualityProbe.of(data, data, model).trainingDocuments().get(0);
            assertArrayEquals(Arrays.copyOf(model.tokenizer().encode(text), model.maximumLength()), ids);
        }
    }

    private static double crossEntropy(LanguageModel model, TextDataset whole) {
        var losses = new ArrayList<Double>();
        for (var example : whole.test()) {
            var ids = model.tokenizer().encode(example.text());
            var f = model.hiddenStates(List.of(Reading.everywhere(ids))).get(0);
            for (int i = 1; i < ids.length; i++) {
                losses.add(-Math.log(model.outputEmbeddings().probabilities(f[i - 1])[ids[i]]));
            }
        }
        return losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
}
