package org.whylm.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.whylm.probe.LinearClassification;
import org.whylm.probe.Scaling;

/**
 * Times the choice of {@code C} (ten values, five folds) and the refit on a made-up problem of the size of SST with the features of
 * SmolLM2: low rank plus noise, columns of very different scales, classes that overlap.
 *
 * <p>Arguments: repetitions (3), classes (2), examples (6920), features (576), scaling (STANDARDIZED), and a file to which the problem goes for
 * another solver: the features as little-endian floats, row-major, then the labels as floats.
 */
public final class LogisticRegressionBenchmark {

    private static final int RANK = 80;

    private LogisticRegressionBenchmark() {}

    public static void main(String[] args) throws IOException {
        int repetitions = args.length > 0 ? Integer.parseInt(args[0]) : 3;
        int classes = args.length > 1 ? Integer.parseInt(args[1]) : 2;
        int n = args.length > 2 ? Integer.parseInt(args[2]) : 6920;
        int d = args.length > 3 ? Integer.parseInt(args[3]) : 576;
        var scaling = args.length > 4 ? Scaling.valueOf(args[4]) : Scaling.STANDARDIZED;
        var labels = new int[n];
        var features = problem(n, d, classes, labels);
        if (args.length > 5) {
            write(Path.of(args[5]), features, labels);
        }
        int split = n * 9 / 10;
        var seconds = new double[repetitions];
        for (int r = 0; r < repetitions; r++) {
            long start = System.nanoTime();
            var result = LinearClassification.evaluate(
                    features,
                    labels,
                    Arrays.copyOfRange(features, split, n),
                    Arrays.copyOfRange(labels, split, n),
                    classes,
                    scaling);
            seconds[r] = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%d×%d, %d classes, %s: %.2f s, C = %s, %s%n",
                    n, d, classes, scaling, seconds[r], result.C(), result.candidates());
        }
        Arrays.sort(seconds);
        System.out.printf("median %.2f s%n", seconds[repetitions / 2]);
    }

    private static float[][] problem(int n, int d, int classes, int[] labels) {
        var random = new Random(1);
        var loadings = new double[RANK][d];
        for (int r = 0; r < RANK; r++) {
            for (int j = 0; j < d; j++) {
                loadings[r][j] = random.nextGaussian() / Math.sqrt(1 + r);
            }
        }
        var scale = new double[d];
        var mean = new double[d];
        for (int j = 0; j < d; j++) {
            scale[j] = Math.exp(1.5 * random.nextGaussian());
            mean[j] = 3 * scale[j] * random.nextGaussian();
        }
        var directions = new double[classes][RANK];
        for (var direction : directions) {
            for (int r = 0; r < RANK; r++) {
                direction[r] = random.nextGaussian() / Math.sqrt(RANK);
            }
        }
        var features = new float[n][d];
        for (int i = 0; i < n; i++) {
            var latent = new double[RANK];
            for (int r = 0; r < RANK; r++) {
                latent[r] = random.nextGaussian();
            }
            labels[i] = label(latent, directions, random);
            for (int j = 0; j < d; j++) {
                double value = 0.5 * random.nextGaussian();
                for (int r = 0; r < RANK; r++) {
                    value += latent[r] * loadings[r][j];
                }
                features[i][j] = (float) (mean[j] + scale[j] * value);
            }
        }
        return features;
    }

    /** A draw from the softmax over the classes: the largest of the scores with Gumbel noise. */
    private static int label(double[] latent, double[][] directions, Random random) {
        int best = 0;
        double highest = Double.NEGATIVE_INFINITY;
        for (int m = 0; m < directions.length; m++) {
            double score = -Math.log(-Math.log(random.nextDouble()));
            for (int r = 0; r < latent.length; r++) {
                score += 3 * directions[m][r] * latent[r];
            }
            if (score > highest) {
                highest = score;
                best = m;
            }
        }
        return best;
    }

    private static void write(Path path, float[][] features, int[] labels) throws IOException {
        int size = features.length * (features[0].length + 1);
        var buffer = ByteBuffer.allocate(size * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (var row : features) {
            for (float value : row) {
                buffer.putFloat(value);
            }
        }
        for (int label : labels) {
            buffer.putFloat(label);
        }
        Files.write(path, buffer.array());
    }
}
