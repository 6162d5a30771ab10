package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.whylm.States;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.TrainableModel;

/**
 * Oracle: {@code twin/fine_tuning_twin.py}, PyTorch and Hugging Face transformers, on the tiny GPT-2 with a linear head; what it
 * read and its losses are beside it in {@code fine-tuning.json}. Both learning rates, warm-up, decay and clipping act.
 */
class FineTuningOracleTest {

    private static final Path RESOURCES = Path.of("src", "test", "resources");
    private static final double TOLERANCE = 1e-4;

    private record Settings(
            int updates, double learningRate, double headLearningRate, int warmUp, double weightDecay, double clip) {}

    private record Oracle(
            List<String> texts, int[] labels, Settings settings, double[] wholeModel, double[] lastTwoBlocks) {}

    private static Oracle oracle;

    @BeforeAll
    static void read() throws IOException {
        var file = RESOURCES.resolve("twin").resolve("fine-tuning.json");
        oracle = new Gson().fromJson(Files.readString(file), Oracle.class);
    }

    @Test
    void wholeModelHasTheLossesOfThePyTorchTwin() {
        try (var pretrained = load()) {
            var tokens = new Sequences.Tokens(ids(pretrained)::get);
            assertArrayEquals(
                    oracle.wholeModel(), losses(pretrained, TrainableModel.whole(pretrained), tokens), TOLERANCE);
        }
    }

    @Test
    void lastBlocksHaveTheLossesOfThePyTorchTwin() {
        try (var pretrained = load()) {
            var states = new Sequences.States(States.before(pretrained, pretrained.blocks() - 2, ids(pretrained)));
            assertArrayEquals(
                    oracle.lastTwoBlocks(), losses(pretrained, TrainableModel.upper(pretrained, 2), states), TOLERANCE);
        }
    }

    private static LanguageModel load() {
        return LanguageModels.load(RESOURCES.resolve("fixtures/tiny-gpt2").toString());
    }

    private static List<int[]> ids(LanguageModel model) {
        return oracle.texts().stream().map(model.tokenizer()::encode).toList();
    }

    /** A batch is all texts, and an epoch an update. */
    private static double[] losses(LanguageModel pretrained, TrainableModel model, Sequences sequences) {
        var settings = oracle.settings();
        int n = oracle.texts().size();
        var config = new FineTuningConfig(
                settings.updates(),
                1,
                n,
                settings.learningRate(),
                settings.headLearningRate(),
                (double) settings.warmUp() / settings.updates(),
                settings.weightDecay(),
                settings.clip(),
                0,
                0.5,
                1);
        var lengths = ids(pretrained).stream().mapToInt(text -> text.length).toArray();
        var texts = new LabelledTexts(sequences, lengths, oracle.labels());
        var head = new ClassHead(3, model.dimension(), settings.headLearningRate());
        try (var trainer = new Trainer(model, head, config.training(n), texts)) {
            assertEquals(1, trainer.updatesAnEpoch());
            trainer.run();
            return trainer.losses().stream().mapToDouble(Double::doubleValue).toArray();
        }
    }
}
