package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.TrainableModel;
import org.whylm.run.Engine;

/** Native memory is flat over a run: between updates no array is alive but the parameters and their moving averages. */
class TrainerMemoryTest {

    @ParameterizedTest
    @EnumSource
    void noArrayOutlivesAnUpdate(PretrainingLoss loss) {
        var model = TrainableModel.gpt2(new Gpt2Config(50, 8, 2, 2, 8));
        var config = new TrainingConfig(loss, 200, 2, 1e-3, 0, 0.1, 1, 0.1, 1);
        var data = new TokenStream(IntStream.range(0, 400).map(i -> i * i % 50).toArray(), 8);
        try (var manager = Engine.newManager();
                var trainer = Trainer.start(model, new OutputLayer.Learned(), config, data)) {
            var root = manager.getParentManager();
            trainer.run(1);
            int arrays = arrays(root);
            assertTrue(arrays >= 3 * model.parameters().size());
            trainer.run();
            assertEquals(arrays, arrays(root));
        }
    }

    private static int arrays(NDManager root) {
        return root.getManagedArrays().size();
    }
}
