package org.whylm.bench;

import java.util.Random;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.TrainableModel;
import org.whylm.train.OutputLayer;
import org.whylm.train.PretrainingLoss;
import org.whylm.train.TokenStream;
import org.whylm.train.Trainer;
import org.whylm.train.TrainingConfig;

/** {@code steps} updates of a small GPT-2 by {@code loss}, Φ learned, on made-up tokens. The answer is the last loss. */
final class TrainingRound implements Rounds.Round {

    private static final int UPDATES = 1_000_000;
    private static final int TOKENS = 20_000;

    private final Trainer trainer;
    private final int steps;

    TrainingRound(Arguments arguments) {
        int vocabulary = arguments.number("vocabulary"), length = arguments.number("length");
        var loss = PretrainingLoss.valueOf(arguments.text("loss"));
        var model = TrainableModel.gpt2(new Gpt2Config(
                vocabulary, arguments.number("d"), arguments.number("blocks"), arguments.number("heads"), length));
        var config = new TrainingConfig(loss, UPDATES, arguments.number("batch"), 1e-4, 0, 0.1, 1, 0.1, 1);
        var data = new TokenStream(new Random(2).ints(TOKENS, 0, vocabulary).toArray(), length);
        var phi = loss == PretrainingLoss.QUAD
                ? OutputLayer.Learned.forQuad(model, config.seed(), data)
                : new OutputLayer.Learned();
        trainer = Trainer.start(model, phi, config, data);
        steps = arguments.number("steps");
    }

    @Override
    public double[] get() {
        trainer.run(trainer.step() + steps);
        return new double[] {trainer.losses().get(trainer.step() - 1)};
    }

    @Override
    public void close() {
        trainer.close();
    }
}
