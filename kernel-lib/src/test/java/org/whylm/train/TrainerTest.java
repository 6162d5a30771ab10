package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Reading;
import org.whylm.lm.Tokenizer;
import org.whylm.lm.TrainableModel;
import org.whylm.lm.VocabularyRestriction;
import org.whylm.objective.Quad;
import org.whylm.run.Engine;

class TrainerTest {

    private static final Path TOKENIZER =
            Path.of("src", "test", "resources", "fixtures", "tiny-gpt2", "tokenizer.json");
    private static final int V = 60, D = 16, LENGTH = 12;
    private static final TrainableModel MODEL = TrainableModel.gpt2(new Gpt2Config(V, D, 2, 2, LENGTH));

    private static TrainingConfig config(PretrainingLoss loss, int steps, double dropout) {
        return new TrainingConfig(loss, steps, 4, 3e-3, 2, 0.1, 1, dropout, 7);
    }

    /** Words that mostly count up, so that there is something to learn. */
    private static TokenStream data(int tokens) {
        var random = new Random(1);
        var words = new int[tokens];
        for (int at = 1; at < tokens; at++) {
            words[at] = random.nextInt(4) == 0 ? random.nextInt(V) : (words[at - 1] + 1) % V;
        }
        return new TokenStream(words, LENGTH);
    }

    private static OutputLayer.Fixed fixed() {
        var random = new Random(2);
        return new OutputLayer.Fixed(IntStream.range(0, V)
                .mapToObj(w -> {
                    var row = new float[D];
                    for (int i = 0; i < D; i++) {
                        row[i] = (float) random.nextGaussian();
                    }
                    return row;
                })
                .toArray(float[][]::new));
    }

    static Stream<Arguments> runs() {
        return Stream.of(
                Arguments.of(PretrainingLoss.CROSS_ENTROPY, new OutputLayer.Learned()),
                Arguments.of(PretrainingLoss.CROSS_ENTROPY, fixed()),
                Arguments.of(PretrainingLoss.QUAD, new OutputLayer.Learned()),
                Arguments.of(PretrainingLoss.QUAD, new OutputLayer.Learned(0.1)),
                Arguments.of(PretrainingLoss.QUAD, fixed()));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void lossFallsOnHeldOutData(PretrainingLoss loss, OutputLayer output) {
        try (var trainer = Trainer.start(MODEL, output, config(loss, 40, 0), data(4000))) {
            var heldOut = new TokenStream(Arrays.copyOfRange(data(5000).tokens(), 4000, 5000), LENGTH);
            double before = trainer.loss(heldOut);
            trainer.run();
            assertTrue(trainer.loss(heldOut) < before - 0.01, () -> before + " to " + trainer.loss(heldOut));
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void seedsDecideTheCurve(PretrainingLoss loss, OutputLayer output) {
        var once = losses(output, config(loss, 8, 0.2));
        assertEquals(once, losses(output, config(loss, 8, 0.2)));
        var otherSeed = new TrainingConfig(loss, 8, 4, 3e-3, 2, 0.1, 1, 0.2, 8);
        assertNotEquals(once, losses(output, otherSeed));
        assertNotEquals(once, losses(output, config(loss, 8, 0)), "dropout acts");
    }

    private static List<Double> losses(OutputLayer output, TrainingConfig config) {
        try (var trainer = Trainer.start(MODEL, output, config, data(2000))) {
            trainer.run();
            return List.copyOf(trainer.losses());
        }
    }

    /** Draws and gradients of a batch in one, two, three or four parts are the same; sums are in another order. */
    @ParameterizedTest
    @MethodSource("runs")
    void threadsChangeRoundingAlone(PretrainingLoss loss, OutputLayer output) {
        Engine.version();
        int before = JniUtils.getNumThreads();
        var config = config(loss, 6, 0.2);
        try {
            JniUtils.setNumThreads(1);
            var whole = losses(output, config);
            for (int threads : new int[] {2, 3, 7}) {
                JniUtils.setNumThreads(threads);
                var parts = losses(output, config);
                for (int step = 0; step < whole.size(); step++) {
                    assertEquals(whole.get(step), parts.get(step), 1e-5 * Math.abs(whole.get(step)), "update " + step);
                }
                assertEquals(parts, losses(output, config), "the same on as many threads");
            }
        } finally {
            JniUtils.setNumThreads(before);
        }
    }

    /** What a gradient needs is the engine's or is held: whenever Java collects its garbage, the losses are the same bits. */
    @Test
    void garbageCollectionDoesNotReachTheGraph() {
        var output = new OutputLayer.Learned();
        var config = config(PretrainingLoss.CROSS_ENTROPY, 20, 0.1);
        var expected = losses(output, config);
        var collector = Executors.newSingleThreadScheduledExecutor();
        collector.scheduleWithFixedDelay(System::gc, 0, 5, TimeUnit.MILLISECONDS);
        try {
            assertEquals(expected, losses(output, config));
        } finally {
            collector.shutdownNow();
        }
    }

    /** Ten updates are five, a save, and five more, to the last bit, dropout included. */
    @ParameterizedTest
    @MethodSource("runs")
    void resumedRunHasTheSameLosses(PretrainingLoss loss, OutputLayer output, @TempDir Path directory) {
        var config = config(loss, 10, 0.1);
        var straight = losses(output, config);
        try (var tokenizer = Tokenizer.fromJson(TOKENIZER)) {
            try (var first = Trainer.start(MODEL, output, config, data(2000))) {
                first.run(5);
                first.save(directory, tokenizer);
            }
            try (var second = Trainer.open(directory, MODEL, output, config, data(2000))) {
                assertEquals(5, second.step());
                second.run();
                assertEquals(straight, second.losses());
            }
        }
    }

    @Test
    void anotherRunIsNotResumed(@TempDir Path directory) throws Exception {
        var output = new OutputLayer.Learned();
        var config = config(PretrainingLoss.CROSS_ENTROPY, 4, 0);
        try (var tokenizer = Tokenizer.fromJson(TOKENIZER);
                var trainer = Trainer.start(MODEL, output, config, data(2000))) {
            trainer.run(1);
            trainer.save(directory, tokenizer);
            trainer.run(2);
            trainer.save(directory, tokenizer);
        }
        try (var files = Files.list(directory)) {
            assertEquals(
                    List.of(
                            "config.json",
                            "model.safetensors",
                            "tokenizer.json",
                            "training-000002.safetensors",
                            "training.json"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> Trainer.open(directory, MODEL, output, config(PretrainingLoss.QUAD, 4, 0), data(2000)));
        assertThrows(IllegalArgumentException.class, () -> Trainer.open(directory, MODEL, output, config, data(2100)));
        Files.writeString(directory.resolve("training.json"), "{\"config\": {\"steps\": -1}}");
        var failure = assertThrows(
                IllegalArgumentException.class, () -> Trainer.open(directory, MODEL, output, config, data(2000)));
        assertTrue(failure.getMessage().contains("training.json"), failure.getMessage());
    }

    /** The model that was saved is the model that was trained: the held-out loss is the same, read by the other path. */
    @Test
    void savedModelLoads(@TempDir Path directory) {
        int minimum = 1;
        try (var whole = Tokenizer.fromJson(TOKENIZER)) {
            var texts = List.of("A gorgeous, witty, seductive movie.", "It is not a good film.", "boring and sad");
            var corpus = texts.stream().map(whole::encode).toList();
            var kept = VocabularyRestriction.of(corpus, whole.size(), minimum);
            var tokenizer = whole.restrictedTo(kept);
            var stream = TokenStream.of(texts.stream().map(tokenizer::encode).toList(), kept.unknown(), 8);
            var model = TrainableModel.gpt2(new Gpt2Config(kept.size(), D, 2, 2, 8));
            var config = new TrainingConfig(PretrainingLoss.CROSS_ENTROPY, 5, 2, 3e-3, 0, 0.1, 1, 0.1, 3);
            double expected;
            try (var trainer = Trainer.start(model, new OutputLayer.Learned(), config, stream)) {
                trainer.run();
                trainer.save(directory, tokenizer);
                expected = trainer.loss(stream);
            }
            try (var loaded = LanguageModels.load(directory.toString())) {
                assertArrayEquals(
                        tokenizer.encode(texts.get(0)), loaded.tokenizer().encode(texts.get(0)));
                assertEquals(
                        texts.get(1),
                        loaded.tokenizer().decode(loaded.tokenizer().encode(texts.get(1))));
                assertEquals(kept.unknown(), loaded.tokenizer().unknown().getAsInt());
                assertEquals("\uFFFD", loaded.tokenizer().token(kept.unknown()));
                assertEquals(expected, crossEntropy(loaded, stream), 1e-5);
            }
        }
    }

    private static double crossEntropy(LanguageModel model, TokenStream stream) {
        double sum = 0;
        int n = stream.size() * stream.length();
        for (int example = 0; example < stream.size(); example++) {
            int from = example * stream.length();
            var ids = Arrays.copyOfRange(stream.tokens(), from, from + stream.length());
            var next = Arrays.copyOfRange(stream.tokens(), from + 1, from + 1 + stream.length());
            var states = model.hiddenStates(List.of(Reading.everywhere(ids))).get(0);
            for (float logProbability : model.outputEmbeddings().logProbabilities(states, next)) {
                sum -= logProbability / n;
            }
        }
        return sum;
    }

    /** After Quad with a fixed {@code Φ}, the saved model's {@code f} has the Quad value that the trainer says. */
    @Test
    void savedQuadModelIsInTheCoordinatesOfPhi(@TempDir Path directory) {
        var output = fixed();
        var stream = data(300);
        try (var tokenizer = Tokenizer.fromJson(TOKENIZER);
                var trainer = Trainer.start(MODEL, output, config(PretrainingLoss.QUAD, 5, 0), stream)) {
            trainer.run();
            trainer.save(directory, tokenizer);
            double loss = trainer.loss(stream);
            try (var loaded = LanguageModels.load(directory.toString())) {
                int n = stream.size() * stream.length();
                var next = Arrays.copyOfRange(stream.tokens(), 1, 1 + n);
                var states = IntStream.range(0, stream.size())
                        .mapToObj(example ->
                                Arrays.copyOfRange(stream.tokens(), example * LENGTH, (example + 1) * LENGTH))
                        .flatMap(ids -> Stream.of(loaded.hiddenStates(List.of(Reading.everywhere(ids)))
                                .get(0)))
                        .toArray(float[][]::new);
                double quad = new Quad()
                        .evaluate(doubles(states), doubles(output.phi()), next)
                        .value();
                assertEquals(loss, quad, 1e-5);
            }
        }
    }

    /** An untrained model predicts nearly uniformly: a cross-entropy of about {@code log V}. */
    @Test
    void untrainedModelIsNearlyUniform() {
        try (var trainer = Trainer.start(
                MODEL, new OutputLayer.Learned(), config(PretrainingLoss.CROSS_ENTROPY, 2, 0), data(500))) {
            assertEquals(Math.log(V), trainer.loss(data(500)), 0.02);
        }
    }

    /** {@code ‖Φᵀf‖²} is what it is where {@code Φᵀf = p}, the words' frequencies: Quad is near {@code ½ Σ p(w)²}, and not near 0. */
    @Test
    void learnedEmbeddingsOfQuadStartAtTheSizeOfProbabilities() {
        var model = TrainableModel.gpt2(new Gpt2Config(V, 64, 2, 2, LENGTH));
        var data = data(4000);
        double words = Arrays.stream(data.frequencies(V)).sum();
        double expected = Arrays.stream(data.frequencies(V))
                        .mapToDouble(count -> Math.pow((double) count / words, 2))
                        .sum()
                / 2;
        var output = OutputLayer.Learned.forQuad(model, 7, data);
        try (var trainer = Trainer.start(model, output, config(PretrainingLoss.QUAD, 2, 0), data)) {
            assertEquals(expected, trainer.loss(data), expected / 3);
        }
        assertThrows(IllegalArgumentException.class, () -> new OutputLayer.Learned(0));
    }

    private static double[][] doubles(float[][] matrix) {
        return Stream.of(matrix)
                .map(row ->
                        IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray())
                .toArray(double[][]::new);
    }
}
