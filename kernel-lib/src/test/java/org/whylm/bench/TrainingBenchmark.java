package org.whylm.bench;

import java.util.Random;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.TrainableModel;
import org.whylm.train.Loss;
import org.whylm.train.OutputLayer;
import org.whylm.train.TokenStream;
import org.whylm.train.Trainer;
import org.whylm.train.TrainingConfig;

/** Tokens a second of training a small GPT-2 (4 blocks, d=256, V=8,000, 8 contexts of 128 tokens) by each objective. */
public final class TrainingBenchmark {

    private static final int V = 8000, D = 256, LENGTH = 128, BATCH = 8, WARM = 2, TIMED = 8;

    private TrainingBenchmark() {}

    public static void main(String[] arguments) {
        var random = new Random(1);
        var phi = new float[V][D];
        for (var row : phi) {
            for (int i = 0; i < D; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        for (var loss : Loss.values()) {
            for (var output : new OutputLayer[] {new OutputLayer.Learned(), new OutputLayer.Fixed(phi)}) {
                System.out.printf(
                        "%-14s Φ %-8s %6.0f tokens/s%n",
                        loss, output instanceof OutputLayer.Learned ? "learned" : "fixed", tokensASecond(loss, output));
            }
        }
    }

    private static double tokensASecond(Loss loss, OutputLayer output) {
        var model = TrainableModel.gpt2(new Gpt2Config(V, D, 4, 4, LENGTH));
        var config = new TrainingConfig(loss, WARM + TIMED, BATCH, 1e-3, 0, 0.1, 1, 0.1, 1);
        var data = new TokenStream(new Random(2).ints(20_000, 0, V).toArray(), LENGTH);
        try (var trainer = Trainer.start(model, output, config, data)) {
            trainer.run(WARM);
            long start = System.nanoTime();
            trainer.run();
            return 1e9 * TIMED * BATCH * LENGTH / (System.nanoTime() - start);
        }
    }
}
