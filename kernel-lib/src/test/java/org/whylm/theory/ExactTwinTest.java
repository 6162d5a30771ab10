package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.TrainableModel;
import org.whylm.train.OutputLayer;
import org.whylm.train.PretrainingLoss;
import org.whylm.train.TokenStream;
import org.whylm.train.TrainingConfig;
import org.whylm.train.TrainingDump;

/**
 * Fifty updates on a hidden Markov language. Oracle: {@code twin/train_twin.py}, PyTorch and Hugging Face transformers; after this
 * test {@code python src/test/resources/twin/train_twin.py target/exact-xent} prints what is kept beside it.
 */
class ExactTwinTest {

    private static final Path TWIN = Path.of("src", "test", "resources", "twin");

    @ParameterizedTest
    @CsvSource({"exact-xent, CROSS_ENTROPY", "exact-quad, QUAD"})
    void lossesAreThoseOfThePyTorchTwin(String name, PretrainingLoss loss) throws IOException {
        int steps = 50, batch = 16, length = 12;
        var markov = HiddenMarkov.sticky(6, 64, 0.8, 0.2, 1);
        var text = markov.sample(steps * batch * length + 1, new Random(2)).words();
        var model = TrainableModel.gpt2(new Gpt2Config(64, 16, 1, 2, length));
        var config = new TrainingConfig(loss, steps, batch, 0.01, 2, 0.01, 1, 0, 3);
        var leading =
                Embeddings.principal(ContextSample.of(markov, 200, length, 4).language(), 16);
        var output =
                loss == PretrainingLoss.QUAD ? new OutputLayer.Fixed(transposed(leading)) : new OutputLayer.Learned();
        var folder = Path.of("target", name);
        TrainingDump.write(folder, model, output, config, new TokenStream(text, length));
        var expected = losses(TWIN.resolve(name + ".json"));
        assertEquals(steps, expected.length);
        assertArrayEquals(expected, losses(folder.resolve("losses.json")), 1e-4);
    }

    private static double[] losses(Path file) throws IOException {
        return new Gson().fromJson(Files.readString(file), double[].class);
    }

    private static float[][] transposed(Embeddings phi) {
        var transposed = new float[phi.vocabulary()][phi.dimension()];
        for (var w = 0; w < transposed.length; w++) {
            for (var i = 0; i < transposed[w].length; i++) {
                transposed[w][i] = (float) phi.phi()[i][w];
            }
        }
        return transposed;
    }
}
