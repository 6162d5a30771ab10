package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.States;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.lm.Dropout;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.TrainableModel;
import org.whylm.run.Interruption;
import org.whylm.run.Progress;

class FineTuningTest {

    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures");
    private static final int WHOLE = Integer.MAX_VALUE;
    private static LanguageModel gpt2;

    @BeforeAll
    static void open() {
        gpt2 = load("tiny-gpt2");
    }

    @AfterAll
    static void close() {
        gpt2.close();
    }

    private static LanguageModel load(String name) {
        return LanguageModels.load(FIXTURES.resolve(name).toString());
    }

    /** Texts of several lengths that end in one of two words: at chance if labels, rows or positions were mixed up. */
    private static List<Example> examples(int from, int count) {
        var examples = new ArrayList<Example>();
        for (int i = from; i < from + count; i++) {
            var subject = "one more film".substring(0, 3 + i % 11).strip();
            examples.add(new Example(subject + " number " + i + (i % 2 == 0 ? " is good" : " is bad"), i % 2));
        }
        return examples;
    }

    private static TextDataset data() {
        return new TextDataset("toy", List.of("good", "bad"), examples(0, 60), examples(100, 30));
    }

    private static FineTuningConfig config(int epochs, int patience, double learningRate, double dropout, long seed) {
        return new FineTuningConfig(epochs, patience, 8, learningRate, 1e-2, 0.1, 0.01, 1, dropout, 0.2, seed);
    }

    @ParameterizedTest
    @CsvSource({"tiny-gpt2, 2147483647", "tiny-gpt2, 2", "tiny-llama-tied, 2147483647", "tiny-llama-tied, 1"})
    void learnsTheTaskAndLeavesThePretrainedModelAsItWas(String name, int blocks, @TempDir Path folder) {
        try (var model = load(name)) {
            var text = data().test().get(0).text();
            var before = model.f(text);
            var rows = FineTuning.of(model, blocks, data(), " This movie is", folder)
                    .rows(config(20, 20, 2e-3, 0.1, 1));
            assertEquals(
                    List.of("toy", "toy*"),
                    rows.stream().map(result -> result.result().row()).toList());
            for (var row : rows) {
                assertEquals(30, row.result().correct().length);
                assertEquals(
                        1, row.result().accuracy().value(), 0.1, row.result().row());
                assertEquals(12, row.epochs().get(0).validation().total());
            }
            assertArrayEquals(before, model.f(text));
        }
    }

    /** Labels that say nothing about the texts: only a model that reads all of each text and adapts can learn them by heart. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sixteenSentencesAreLearnedByHeart(boolean whole) {
        var texts = examples(0, 16).stream().map(Example::text).toList();
        var labels = new int[] {0, 0, 1, 0, 1, 1, 1, 0, 2, 2, 1, 0, 2, 1, 0, 2};
        var ids = texts.stream().map(gpt2.tokenizer()::encode).toList();
        var model = whole ? TrainableModel.whole(gpt2) : TrainableModel.upper(gpt2, gpt2.blocks());
        var sequences = whole ? new Sequences.Tokens(ids::get) : new Sequences.States(States.before(gpt2, 0, ids));
        var all = new LabelledTexts(sequences, lengths(ids), labels);
        try (var trainer = trainer(model, 3, all, config(50, 1, 2e-3, 0, 1));
                var progress = Progress.start("test", 1, "units")) {
            assertEquals(2, trainer.updatesAnEpoch());
            assertEquals(Math.log(3), ClassHead.evaluate(trainer, all, progress).loss(), 1e-6);
            trainer.run(100);
            var evaluation = ClassHead.evaluate(trainer, all, progress);
            assertArrayEquals(labels, evaluation.predictions());
            assertTrue(evaluation.loss() < 0.1, () -> "loss " + evaluation.loss());
        }
    }

    private static Trainer trainer(TrainableModel model, int classes, LabelledTexts texts, FineTuningConfig config) {
        var head = new ClassHead(classes, model.dimension(), config.headLearningRate());
        return new Trainer(model, head, config.training(texts.size()), texts);
    }

    private static int[] lengths(List<int[]> ids) {
        return ids.stream().mapToInt(text -> text.length).toArray();
    }

    @Test
    void seedsDecideTheResult(@TempDir Path folder, @TempDir Path otherFolder) {
        var tuning = FineTuning.of(gpt2, 1, data(), "", folder);
        var once = tuning.run(false, config(2, 2, 1e-3, 0.2, 1));
        var again = FineTuning.of(gpt2, 1, data(), "", otherFolder).run(false, config(2, 2, 1e-3, 0.2, 1));
        assertEquals(once.epochs(), again.epochs());
        assertArrayEquals(once.predictions(), again.predictions());
        assertNotEquals(
                once.epochs(), tuning.run(false, config(2, 2, 1e-3, 0.2, 2)).epochs());
        assertNotEquals(
                once.epochs(), tuning.run(false, config(2, 2, 1e-3, 0, 1)).epochs(), "dropout acts");
    }

    /** The model cannot know the labels, so that no epoch stays the best for long. */
    @Test
    void stopsEarlyAndChoosesTheBestEpoch(@TempDir Path folder) {
        var noise = new TextDataset(
                "noise",
                List.of("a", "b"),
                examples(0, 60).stream()
                        .map(example ->
                                new Example(example.text(), example.text().hashCode() >> 3 & 1))
                        .toList(),
                examples(100, 10));
        var result = FineTuning.of(gpt2, 1, noise, "", folder).run(false, config(60, 3, 3e-3, 0, 1));
        var epochs = result.epochs();
        assertTrue(epochs.size() < 60, () -> epochs.size() + " epochs");
        assertEquals(result.chosen() + 4, epochs.size());
        var chosen = epochs.get(result.chosen());
        for (int epoch = 0; epoch < epochs.size(); epoch++) {
            assertFalse(epochs.get(epoch).betterThan(chosen), "epoch " + epoch);
        }
    }

    @Test
    void whatWasKeptIsRestoredAndNoArrayOutlivesAnUpdate() {
        var texts = examples(0, 20);
        var ids = texts.stream()
                .map(example -> gpt2.tokenizer().encode(example.text()))
                .toList();
        var labels = texts.stream().mapToInt(Example::label).toArray();
        var all = new LabelledTexts(new Sequences.Tokens(ids::get), lengths(ids), labels);
        var model = TrainableModel.whole(gpt2);
        try (var manager = org.whylm.run.Engine.newManager();
                var trainer = trainer(model, 2, all, config(100, 1, 1e-3, 0.1, 1));
                var progress = Progress.start("test", 1, "units")) {
            var root = manager.getParentManager();
            trainer.run(1);
            trainer.keep();
            var kept = ClassHead.evaluate(trainer, all, progress);
            int arrays = root.getManagedArrays().size();
            assertTrue(arrays >= 4 * model.parameters().size());
            trainer.run(51);
            var trained = ClassHead.evaluate(trainer, all, progress);
            assertTrue(trained.loss() < kept.loss() / 2);
            trainer.restore();
            var restored = ClassHead.evaluate(trainer, all, progress);
            assertEquals(kept.loss(), restored.loss());
            assertArrayEquals(kept.predictions(), restored.predictions());
            assertEquals(arrays, root.getManagedArrays().size());
        }
    }

    /** On the states of the frozen blocks, the upper blocks compute what they compute in the whole model, gradients included. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-gpt2", "tiny-llama-tied"})
    void upperBlocksHaveTheGradientsThatTheyHaveInTheWholeModel(String name) {
        try (var model = load(name)) {
            var ids = examples(0, 5).stream()
                    .map(example -> model.tokenizer().encode(example.text()))
                    .toList();
            var upper = TrainableModel.upper(model, 1);
            var states = new Sequences.States(States.before(model, model.blocks() - 1, ids));
            var inUpper = gradients(upper, states, lengths(ids));
            var inWhole = gradients(TrainableModel.whole(model), new Sequences.Tokens(ids::get), lengths(ids));
            assertTrue(inWhole.keySet().containsAll(inUpper.keySet()));
            assertTrue(inWhole.size() > inUpper.size());
            inUpper.forEach((parameter, gradient) -> {
                assertArrayEquals(inWhole.get(parameter), gradient, 1e-4f, parameter);
                assertTrue(norm(gradient) > 0, parameter);
            });
            inWhole.forEach((parameter, gradient) -> assertTrue(norm(gradient) > 0, parameter));
        }
    }

    private static double norm(float[] values) {
        double square = 0;
        for (float value : values) {
            square += value * value;
        }
        return Math.sqrt(square);
    }

    /** Of the mean of {@code sin f} at the last tokens. */
    private static Map<String, float[]> gradients(TrainableModel model, Sequences sequences, int[] lengths) {
        var all = IntStream.range(0, lengths.length).toArray();
        var shapes = model.parameters();
        try (var parameters = new Parameters(shapes, model.initial(1), shapes.keySet(), DataType.FLOAT32);
                var scope = parameters.scope();
                var collector = Engine.getInstance().newGradientCollector()) {
            var leaves = parameters.leaves(scope);
            var batch = Batch.of(new LabelledTexts(sequences, lengths, new int[lengths.length]), all);
            var f = batch.select(model.f(batch.input().apply(scope), leaves, Dropout.NONE));
            collector.backward(f.sin().mean());
            var gradients = new LinkedHashMap<String, float[]>();
            leaves.forEach((name, leaf) -> gradients.put(name, values(leaf)));
            return gradients;
        }
    }

    private static float[] values(NDArray leaf) {
        return leaf.getGradient().toFloatArray();
    }

    /** Ended in the first epoch and between two saves of a later one, a run comes to the same end, losses included. */
    @Test
    void anInterruptedRunEndsTheSame(@TempDir Path straight, @TempDir Path folder) throws Exception {
        var config = config(12, 12, 1e-3, 0.1, 1);
        var expected = FineTuning.of(gpt2, 1, data(), "", straight).run(false, config);
        for (int updates : new int[] {3, 53}) {
            var moment = "fine-tuning on toy: " + updates + "/";
            Interruption.of(
                    () -> FineTuning.of(gpt2, 1, data(), "", folder).run(false, config),
                    line -> line.startsWith(moment));
        }
        assertEquals(List.of("training-000050.safetensors", "training.json"), files(folder));
        var resumed = FineTuning.of(gpt2, 1, data(), "", folder).run(false, config);
        assertEquals(expected.epochs(), resumed.epochs());
        assertEquals(expected.chosen(), resumed.chosen());
        assertArrayEquals(expected.predictions(), resumed.predictions());
        assertArrayEquals(expected.result().correct(), resumed.result().correct());
        assertEquals(List.of("result.json"), files(folder));
    }

    private static List<String> files(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aRunThatCameToItsEndIsNotRepeated(@TempDir Path folder) throws Exception {
        var config = config(2, 2, 1e-3, 0.1, 1);
        var tuning = FineTuning.of(gpt2, 1, data(), " This movie is", folder);
        var once = tuning.rows(config);
        var results = List.of("result.json", "result.json");
        assertEquals(results, files(folder));
        Thread.currentThread().interrupt();
        var again = FineTuning.of(gpt2, 1, data(), " This movie is", folder).rows(config);
        assertTrue(Thread.interrupted(), "nothing was computed");
        for (int row = 0; row < 2; row++) {
            assertEquals(once.get(row).result().row(), again.get(row).result().row());
            assertEquals(once.get(row).epochs(), again.get(row).epochs());
            assertEquals(once.get(row).learnedFrom(), again.get(row).learnedFrom());
            assertArrayEquals(once.get(row).predictions(), again.get(row).predictions());
        }
        Thread.currentThread().interrupt();
        assertThrows(
                Progress.Interrupted.class,
                () -> FineTuning.of(gpt2, 2, data(), " This movie is", folder).rows(config),
                "two blocks are another run");
        Thread.currentThread().interrupt();
        assertThrows(
                Progress.Interrupted.class,
                () -> FineTuning.of(gpt2, 1, data(), " This film is", folder).rows(config),
                "another prompt is another run");
        Thread.currentThread().interrupt();
        assertThrows(Progress.Interrupted.class, () -> tuning.rows(config(2, 2, 1e-3, 0.1, 2)));
        assertEquals(results, files(folder));
    }

    @Test
    void whatCannotBeDoneIsRefused(@TempDir Path folder) {
        var tuning = FineTuning.of(gpt2, 1, data(), "", folder);
        assertFalse(tuning.hasPrompt());
        assertThrows(IllegalStateException.class, () -> tuning.run(true, config(1, 1, 1e-3, 0, 1)));
        assertThrows(IllegalArgumentException.class, () -> FineTuning.of(gpt2, -1, data(), "", folder));
        assertThrows(IllegalArgumentException.class, () -> FineTuning.of(gpt2, 1, data().limit(60, 0), "", folder));
        var few = FineTuning.of(gpt2, 1, data().limit(9, 5), "", folder);
        var error = assertThrows(IllegalArgumentException.class, () -> few.run(false, config(1, 1, 1e-3, 0, 1)));
        assertTrue(error.getMessage().contains("A batch of 8 examples from 7"), error.getMessage());
        var negative = assertThrows(IllegalArgumentException.class, () -> config(1, 1, -1, 0, 1));
        assertTrue(negative.getMessage().contains("learningRate is -1.0"), negative.getMessage());
    }
}
