package org.whylm.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.whylm.lm.Gpt2Config;
import org.whylm.lm.TrainableModel;
import org.whylm.train.OutputLayer;
import org.whylm.train.PretrainingLoss;
import org.whylm.train.TokenStream;
import org.whylm.train.TrainingConfig;
import org.whylm.train.TrainingDump;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whylm train-dump}: a short training run, written so that another implementation can repeat it. */
@Command(
        name = "train-dump",
        showDefaultValues = true,
        description =
                "Trains a small GPT-2 on made-up text and writes initial weights, batches and losses to a folder.")
final class TrainDump extends Subcommand {

    @Option(names = "--loss", defaultValue = "CROSS_ENTROPY", description = "${COMPLETION-CANDIDATES}.")
    private PretrainingLoss loss;

    @Option(
            names = "--fixed-phi",
            description = "Output embeddings stay at random values; without it they are learned.")
    private boolean fixedPhi;

    @Option(names = "--vocabulary", defaultValue = "60", paramLabel = "V", description = "Words.")
    private int vocabulary;

    @Option(names = "--dimension", defaultValue = "16", paramLabel = "D", description = "Of states.")
    private int dimension;

    @Option(names = "--blocks", defaultValue = "2", paramLabel = "N", description = "Transformer blocks.")
    private int blocks;

    @Option(names = "--heads", defaultValue = "2", paramLabel = "N", description = "Attention heads.")
    private int heads;

    @Option(names = "--length", defaultValue = "12", paramLabel = "N", description = "Tokens a context.")
    private int length;

    @Option(names = "--batch", defaultValue = "4", paramLabel = "N", description = "Contexts an update.")
    private int batch;

    @Option(names = "--steps", defaultValue = "20", paramLabel = "N", description = "Updates.")
    private int steps;

    @Option(names = "--learning-rate", defaultValue = "0.003", paramLabel = "R", description = "Highest.")
    private double learningRate;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "S", description = "Of text and weights.")
    private long seed;

    @Parameters(paramLabel = "FOLDER", description = "Where the run is written.")
    private Path folder;

    @Override
    public Integer call() {
        var model = TrainableModel.gpt2(new Gpt2Config(vocabulary, dimension, blocks, heads, length));
        var config = new TrainingConfig(loss, steps, batch, learningRate, Math.min(3, steps), 0.1, 1, 0, seed);
        var random = new Random(seed);
        var output = fixedPhi ? new OutputLayer.Fixed(phi(random)) : new OutputLayer.Learned();
        var losses = TrainingDump.write(folder, model, output, config, text(random));
        out().printf(
                        Locale.ROOT,
                        "%d updates, loss %.6f to %.6f: %s%n",
                        steps,
                        losses.get(0),
                        losses.get(steps - 1),
                        folder);
        return 0;
    }

    private float[][] phi(Random random) {
        var phi = new float[vocabulary][dimension];
        for (var row : phi) {
            for (int i = 0; i < dimension; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return phi;
    }

    /** Words that mostly count up, so that there is something to learn; enough for four updates an epoch. */
    private TokenStream text(Random random) {
        var words = new int[4 * batch * length + 1];
        for (int at = 1; at < words.length; at++) {
            words[at] = random.nextInt(4) == 0 ? random.nextInt(vocabulary) : (words[at - 1] + 1) % vocabulary;
        }
        return new TokenStream(words, length);
    }
}
