package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureStore;
import org.whylm.features.LowerStates;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.TrainableModel;
import org.whylm.objective.LinearQuad;
import org.whylm.objective.LinearQuadDescent;

class ContinuedPretrainingTest {

    @TempDir
    Path folder;

    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures");
    private static final List<String> TEXTS = Stream.of(
                    "the movie was good",
                    "a bad film, it was not good",
                    "what a story!",
                    "I did not like the end of it",
                    "good fun for all",
                    "the plot was bad",
                    "a fine film with a good cast",
                    "not one good line")
            .toList();

    private static LanguageModel tiny(String name) {
        return LanguageModels.load(FIXTURES.resolve(name).toString());
    }

    private static TrainingConfig config(PretrainingLoss loss, int updates) {
        return new TrainingConfig(loss, updates, 4, 1e-3, 2, 0, 1, 0, 5);
    }

    @ParameterizedTest
    @EnumSource(PretrainingLoss.class)
    void trainingLowersTheObjectiveOnItsText(PretrainingLoss loss) {
        try (var model = tiny("tiny-gpt2")) {
            var continued = new ContinuedPretraining(model, 1, TEXTS, TEXTS, folder);
            var trained = continued.train(config(loss, 20));
            assertTrue(trained.endLoss() < trained.startLoss(), () -> trained.startLoss() + " to " + trained.endLoss());
            trained.model().close();
        }
    }

    /** The start that T4 gives for the model's own p_f is far below the pretrained f, whose Quad is that of another scale. */
    @Test
    void quadStartsBelowThePretrainedFeatures() {
        try (var model = tiny("tiny-gpt2")) {
            var continued = new ContinuedPretraining(model, 1, TEXTS, TEXTS, folder);
            var states = continued.fixedStates(1000);
            var identity = new double[model.dimension()][model.dimension() + 1];
            for (int i = 0; i < identity.length; i++) {
                identity[i][i] = 1;
            }
            double pretrained =
                    LinearQuad.of(states.phi(), states.h(), states.words()).value(identity);
            var trained = continued.train(config(PretrainingLoss.QUAD, 2));
            assertTrue(trained.startLoss() < pretrained / 10, () -> trained.startLoss() + ", f has " + pretrained);
            trained.model().close();
        }
    }

    /** T4: the closed form is where gradient descent goes. */
    @Test
    void descentReachesTheClosedForm() {
        try (var model = tiny("tiny-gpt2")) {
            var states = new ContinuedPretraining(model, 1, TEXTS, TEXTS, folder).fixedStates(1000);
            var quad = LinearQuad.of(states.phi(), states.h(), states.words());
            double minimum = quad.value(quad.minimiser());
            double reached = quad.value(LinearQuadDescent.train(states.phi(), states.h(), states.words(), 20, 0.5));
            assertTrue(minimum < 0);
            assertEquals(minimum, reached, 1e-6 * Math.abs(minimum));
        }
    }

    /** Features from the states of the lower blocks are those from the tokens; the prompt's states are from the same pass. */
    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(strings = {"tiny-gpt2", "tiny-llama-tied"})
    void lowerStatesGiveTheSameFeatures(String name, @org.junit.jupiter.api.io.TempDir Path store) {
        var data = new TextDataset(
                "made up",
                List.of("no", "yes"),
                TEXTS.stream().map(text -> new Example(text, 0)).toList(),
                List.of());
        try (var model = tiny(name)) {
            var extractor = new FeatureExtractor(model, new FeatureStore(store), FeatureExtractor.TRUNCATION);
            var both = LowerStates.of(model, 1, data.texts(), " It was").features(model);
            assertClose(extractor.features(data.texts()).f(), both.get(0).f());
            assertClose(
                    extractor.features(data.texts(), " It was").conditionalMean(),
                    both.get(1).conditionalMean());
        }
    }

    /** A model with re-initialised last blocks reads the same states, and gives other features. */
    @Test
    void reinitialisedBlocksAreSeededAndDiffer() {
        try (var model = tiny("tiny-llama-tied")) {
            var blocks = TrainableModel.lastBlocks(model, 1);
            var values = blocks.reinitialised(1);
            values.forEach((parameter, value) ->
                    assertArrayEquals(value, blocks.reinitialised(1).get(parameter), parameter));
            var states = LowerStates.of(model, model.blocks() - 1, TEXTS, "");
            try (var random = blocks.on(model, "random", values)) {
                var f = states.features(random).get(0).f();
                double distance =
                        Math.abs(f[0][0] - states.features(model).get(0).f()[0][0]);
                assertTrue(distance > 1e-3, () -> "differs by " + distance);
            }
        }
    }

    /** The control of notebook 04: the same blocks as those that {@code train} would change. */
    @Test
    void theControlIsTheModelWithItsLastBlocksReinitialised() {
        try (var model = tiny("tiny-gpt2")) {
            var continued = new ContinuedPretraining(model, 1, TEXTS, TEXTS, folder);
            var states = LowerStates.of(model, model.blocks() - 1, TEXTS, "");
            var blocks = TrainableModel.lastBlocks(model, 1);
            try (var control = continued.reinitialised(3);
                    var expected = blocks.on(model, "random", blocks.reinitialised(3))) {
                assertArrayEquals(
                        states.features(expected).get(0).f(),
                        states.features(control).get(0).f());
            }
        }
    }

    private static void assertClose(float[][] expected, float[][] actual) {
        for (int row = 0; row < expected.length; row++) {
            assertArrayEquals(expected[row], actual[row], 1e-4f, "text " + row);
        }
    }

    /** A run that was interrupted ends as one that was not, and one that came to its end is not repeated. */
    @Test
    void anInterruptedRunGoesOn() {
        try (var model = tiny("tiny-gpt2")) {
            var whole = new ContinuedPretraining(model, 1, TEXTS, TEXTS, folder.resolve("whole"));
            var config = config(PretrainingLoss.CROSS_ENTROPY, 60);
            var expected = whole.train(config);
            var broken = new ContinuedPretraining(model, 1, TEXTS, TEXTS, folder.resolve("broken"));
            var count = new java.util.concurrent.atomic.AtomicInteger();
            org.whylm.run.Interruption.of(
                    () -> broken.train(config), line -> line.contains("training") && count.incrementAndGet() == 55);
            var resumed = broken.train(config);
            assertEquals(expected.startLoss(), resumed.startLoss());
            assertEquals(expected.endLoss(), resumed.endLoss());
            resumed.model().close();
            expected.model().close();
        }
    }
}
