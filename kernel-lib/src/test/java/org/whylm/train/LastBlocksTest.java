package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.States;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Reading;
import org.whylm.lm.TrainableModel;

/** The last blocks of a pretrained model, trained on states of the frozen ones: the model as a whole is what it is compared with. */
class LastBlocksTest {

    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures");
    private static final List<String> TEXTS = List.of(
            "A gorgeous, witty, seductive movie.",
            "It is not a good film, and it is far too long.",
            "boring and sad",
            "The cast is great, the story is not.",
            "A film that one may well forget.");
    private static final int COUNT = 2;

    private static LanguageModel load(String name) {
        return LanguageModels.load(FIXTURES.resolve(name).toString());
    }

    private static CachedStates cached(LanguageModel model) {
        var documents = TEXTS.stream().map(model.tokenizer()::encode).toList();
        return new CachedStates(States.before(model, model.blocks() - COUNT, documents), documents);
    }

    private static OutputLayer phiOf(LanguageModel model) {
        return new OutputLayer.Fixed(model.outputEmbeddings()
                .embeddings(IntStream.range(0, model.vocabularySize()).toArray()));
    }

    private static TrainingConfig config(PretrainingLoss loss, int steps) {
        return new TrainingConfig(loss, steps, 2, 1e-3, 2, 0.01, 1, 0.1, 5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-llama-tied", "tiny-gpt2", "tiny-gpt-neox", "tiny-gemma3"})
    void startsAsThePretrainedModelAndLearns(String name) {
        try (var pretrained = load(name)) {
            var model = TrainableModel.lastBlocks(pretrained, COUNT);
            var data = cached(pretrained);
            try (var trainer =
                    Trainer.start(model, phiOf(pretrained), config(PretrainingLoss.CROSS_ENTROPY, 30), data)) {
                double before = trainer.loss(data);
                assertEquals(crossEntropy(pretrained), before, 1e-4);
                trainer.run();
                double after = trainer.loss(data);
                assertTrue(after < before - 0.1, () -> before + " to " + after);
                try (var trained = model.on(pretrained, "trained", trainer.parameters())) {
                    assertEquals(after, crossEntropy(trained), 1e-4);
                    assertNotEquals(pretrained.sha256(), trained.sha256());
                }
                assertEquals(before, crossEntropy(pretrained), 1e-4, "the pretrained model is as it was");
            }
        }
    }

    /** A network of its own, deeper or not as deep as the model whose tokenizer it takes, is the same as from its checkpoint. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void aModelFromScratchHasItsOwnBlocks(int blocks, @TempDir Path directory) {
        try (var pretrained = load("tiny-gpt2")) {
            int V = pretrained.vocabularySize();
            var model = TrainableModel.gpt2(new Gpt2Config(V, 8, blocks, 2, 16));
            var ids = new Random(1).ints(64, 0, V).toArray();
            try (var trainer = Trainer.start(
                    model,
                    new OutputLayer.Learned(),
                    config(PretrainingLoss.CROSS_ENTROPY, 3),
                    new TokenStream(ids, 8))) {
                trainer.save(directory, pretrained.tokenizer());
                try (var read = LanguageModels.load(directory.toString());
                        var beside = model.on(pretrained, "untrained", trainer.parameters())) {
                    var text = List.of(Reading.everywhere(Arrays.copyOf(ids, 10)));
                    assertEquals(blocks, beside.blocks());
                    assertArrayEquals(
                            read.hiddenStates(text).get(0),
                            beside.hiddenStates(text).get(0));
                }
            }
        }
    }

    @Test
    void quadLearnsAndResumes(@TempDir Path directory) {
        try (var pretrained = load("tiny-llama-tied")) {
            var model = TrainableModel.lastBlocks(pretrained, COUNT);
            var data = cached(pretrained);
            var phi = phiOf(pretrained);
            var config = config(PretrainingLoss.QUAD, 30);
            try (var straight = Trainer.start(model, phi, config, data);
                    var first = Trainer.start(model, phi, config, data)) {
                double before = straight.loss(data);
                straight.run();
                assertTrue(straight.loss(data) < before);
                first.run(11);
                first.save(directory, pretrained.tokenizer());
                try (var second = Trainer.open(directory, model, phi, config, data)) {
                    second.run();
                    assertEquals(straight.losses(), second.losses());
                }
            }
        }
    }

    /** The states before a block, run through the blocks and the norm, are the hidden states. */
    @Test
    void statesDoNotDependOnTheBatch() {
        try (var model = load("tiny-llama-tied")) {
            var documents = TEXTS.stream().map(model.tokenizer()::encode).toList();
            var together = States.before(model, 1, documents);
            for (int index = 0; index < documents.size(); index++) {
                var alone =
                        States.before(model, 1, List.of(documents.get(index))).get(0);
                assertEquals(documents.get(index).length, alone.length);
                for (int position = 0; position < alone.length; position++) {
                    assertArrayEquals(alone[position], together.get(index)[position], 1e-4f);
                }
            }
            assertThrows(IllegalArgumentException.class, () -> States.before(model, model.blocks() + 1, documents));
        }
    }

    @Test
    void mismatchesAreRefused() {
        try (var pretrained = load("tiny-gpt2")) {
            var last = TrainableModel.lastBlocks(pretrained, COUNT);
            var whole = TrainableModel.gpt2(new Gpt2Config(600, pretrained.dimension(), 1, 1, 8));
            var config = config(PretrainingLoss.QUAD, 3);
            var states = cached(pretrained);
            var stream = new TokenStream(new int[100], 8);
            var phi = phiOf(pretrained);
            assertThrows(IllegalArgumentException.class, () -> Trainer.start(last, phi, config, stream));
            assertThrows(IllegalArgumentException.class, () -> Trainer.start(whole, phi, config, states));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Trainer.start(last, new OutputLayer.Learned(), config, states));
            assertThrows(IllegalArgumentException.class, () -> TrainableModel.lastBlocks(pretrained, 100));
        }
    }

    private static double crossEntropy(LanguageModel model) {
        double sum = 0;
        int count = 0;
        for (var text : TEXTS) {
            var ids = model.tokenizer().encode(text);
            var states = model.hiddenStates(List.of(Reading.everywhere(ids))).get(0);
            var before = Arrays.copyOf(states, ids.length - 1);
            for (float logProbability :
                    model.outputEmbeddings().logProbabilities(before, Arrays.copyOfRange(ids, 1, ids.length))) {
                sum -= logProbability;
                count++;
            }
        }
        return sum / count;
    }
}
