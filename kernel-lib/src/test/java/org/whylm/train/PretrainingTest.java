package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Reading;
import org.whylm.lm.Tokenizer;
import org.whylm.objective.CrossEntropy;
import org.whylm.objective.Quad;

class PretrainingTest {

    private static final Path TINY_GPT2 = Path.of("src", "test", "resources", "fixtures", "tiny-gpt2");

    private static final FromScratchSettings SETTINGS = new FromScratchSettings(
            List.of(), 2, "made up", 6, 3, 16, 2, 2, 12, 4, 8, 3e-3, 2, 0.1, 0.1, List.of(0, 3), List.of());

    private static List<String> documents() {
        var random = new Random(1);
        var words = List.of("good", "bad", "film", "the", "a", "was", "not", "story");
        return IntStream.range(0, 60)
                .mapToObj(document ->
                        random.ints(20, 0, words.size()).mapToObj(words::get).collect(Collectors.joining(" ")))
                .toList();
    }

    @Test
    void corpusHoldsDocumentsOut() {
        try (var tokenizer = Tokenizer.fromJson(TINY_GPT2.resolve("tokenizer.json"))) {
            var corpus = Corpus.of(documents(), 6, tokenizer, 3, 12);
            int separator = corpus.tokenizer().encode("<|endoftext|>")[0];
            assertEquals(54, count(corpus.training().tokens(), separator));
            assertEquals(6, count(corpus.heldOut().tokens(), separator));
            assertEquals(corpus.vocabulary().size(), corpus.tokenizer().size());
            assertTrue(corpus.vocabulary().size() < tokenizer.size());
            var first = corpus.tokenizer().encode(documents().get(0));
            for (int at = 0; at < first.length; at++) {
                assertEquals(first[at], corpus.heldOut().tokens()[1 + at], "the first document is held out");
            }
        }
    }

    @Test
    void tooFewDocumentsAreRefused() {
        try (var tokenizer = Tokenizer.fromJson(TINY_GPT2.resolve("tokenizer.json"))) {
            assertThrows(IllegalArgumentException.class, () -> Corpus.of(documents(), 60, tokenizer, 3, 12));
        }
    }

    private static long count(int[] tokens, int token) {
        return IntStream.of(tokens).filter(id -> id == token).count();
    }

    /** All four runs; checkpoints are models whose objective on the held-out text is the one recorded (P1, T4). */
    @Test
    void runsLeaveCheckpointsWithTheirLosses(@TempDir Path folder) {
        try (var pretrained = LanguageModels.load(TINY_GPT2.toString())) {
            var corpus = Corpus.of(documents(), 6, pretrained.tokenizer(), 3, 12);
            var pretraining = new Pretraining(SETTINGS, corpus, pretrained, folder, 7);
            for (var run : PretrainingRun.values()) {
                var checkpoints = pretraining.train(run);
                assertEquals(
                        List.of(0, 3, 8),
                        checkpoints.stream()
                                .map(Pretraining.Checkpoint::updates)
                                .toList());
                var last = checkpoints.get(2);
                assertTrue(last.heldOutLoss() < checkpoints.get(0).heldOutLoss(), run.id());
                try (var model = LanguageModels.load(last.model().toString())) {
                    assertEquals(objective(run, model, corpus.heldOut()), last.heldOutLoss(), 1e-4, run.id());
                }
            }
        }
    }

    private static double objective(PretrainingRun run, LanguageModel model, TokenStream data) {
        int n = data.size() * data.length();
        var f = new double[n][];
        var words = new int[n];
        for (int example = 0; example < data.size(); example++) {
            int from = example * data.length();
            var ids = IntStream.range(from, from + data.length())
                    .map(at -> data.tokens()[at])
                    .toArray();
            var states = model.hiddenStates(List.of(Reading.everywhere(ids))).get(0);
            for (int at = 0; at < data.length(); at++) {
                f[from + at] = doubles(states[at]);
                words[from + at] = data.tokens()[from + at + 1];
            }
        }
        var phi = new double[model.vocabularySize()][];
        for (int word = 0; word < phi.length; word++) {
            phi[word] = doubles(model.outputEmbeddings().embeddings(word)[0]);
        }
        var objective = run.loss() == PretrainingLoss.QUAD ? new Quad() : new CrossEntropy();
        return objective.evaluate(f, phi, words).value();
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    /** A run that stops after its first save ends with the parameters that it would have had. */
    @Test
    void interruptedRunEndsTheSame(@TempDir Path once, @TempDir Path twice) throws Exception {
        try (var pretrained = LanguageModels.load(TINY_GPT2.toString())) {
            var corpus = Corpus.of(documents(), 6, pretrained.tokenizer(), 3, 12);
            var run = PretrainingRun.CROSS_ENTROPY;
            var straight = new Pretraining(SETTINGS, corpus, pretrained, once, 7).train(run);

            new Pretraining(SETTINGS, corpus, pretrained, twice, 7).train(run, 3);
            assertTrue(Files.isRegularFile(twice.resolve(run.id()).resolve("training.json")));
            var resumed = new Pretraining(SETTINGS, corpus, pretrained, twice, 7).train(run);
            assertEquals(
                    straight.stream().map(Pretraining.Checkpoint::heldOutLoss).toList(),
                    resumed.stream().map(Pretraining.Checkpoint::heldOutLoss).toList());
            assertArrayEquals(
                    Files.readAllBytes(straight.get(2).model().resolve("model.safetensors")),
                    Files.readAllBytes(resumed.get(2).model().resolve("model.safetensors")));
        }
    }

    /** Another seed is another run beside the first; its Quad has its own cross-entropy model's {@code Φ}. */
    @Test
    void anotherSeedKeepsItsFilesApart(@TempDir Path folder) {
        try (var pretrained = LanguageModels.load(TINY_GPT2.toString())) {
            var corpus = Corpus.of(documents(), 6, pretrained.tokenizer(), 3, 12);
            var first = new Pretraining(SETTINGS, corpus, pretrained, folder, 7);
            var loss = first.train(PretrainingRun.CROSS_ENTROPY).get(2).heldOutLoss();
            var second = first.withSeed(8);
            var quad = second.train(PretrainingRun.QUAD_FIXED).get(2);
            var crossEntropy = second.train(PretrainingRun.CROSS_ENTROPY).get(2);
            assertEquals(
                    folder.resolve("seed-8"),
                    quad.model().getParent().getParent().getParent());
            assertFalse(loss == crossEntropy.heldOutLoss());
            assertEquals(
                    loss,
                    first.withSeed(7).train(PretrainingRun.CROSS_ENTROPY).get(2).heldOutLoss());
            try (var a = LanguageModels.load(quad.model().toString());
                    var b = LanguageModels.load(crossEntropy.model().toString())) {
                assertArrayEquals(
                        b.outputEmbeddings().embeddings(0, 1, 2),
                        a.outputEmbeddings().embeddings(0, 1, 2));
            }
        }
    }

    /** Quad with a fixed {@code Φ} keeps it: that of the cross-entropy run. */
    @Test
    void fixedEmbeddingsAreThoseOfTheCrossEntropyRun(@TempDir Path folder) {
        try (var pretrained = LanguageModels.load(TINY_GPT2.toString())) {
            var corpus = Corpus.of(documents(), 6, pretrained.tokenizer(), 3, 12);
            var pretraining = new Pretraining(SETTINGS, corpus, pretrained, folder, 7);
            var quad = pretraining.train(PretrainingRun.QUAD_FIXED);
            var crossEntropy = pretraining.train(PretrainingRun.CROSS_ENTROPY);
            try (var a = LanguageModels.load(quad.get(2).model().toString());
                    var b = LanguageModels.load(crossEntropy.get(2).model().toString())) {
                assertArrayEquals(
                        b.outputEmbeddings().embeddings(0, 1, 2),
                        a.outputEmbeddings().embeddings(0, 1, 2));
                assertFalse(a.sha256().equals(b.sha256()));
            }
        }
    }
}
