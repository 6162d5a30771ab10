package org.whylm.theory;

import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.whylm.features.Features;
import org.whylm.features.TokenContexts;
import org.whylm.objective.AffineMap;
import org.whylm.probe.Standardization;
import org.whylm.run.Matrices;

/**
 * Contexts with what a model makes of them.
 *
 * @param f {@code n×d}: {@code θ = f(s)}
 * @param logPartition {@code n}: {@code log Z_{f(s)}}, in nats
 * @param conditionalMean {@code n×d}: {@code Φp_f(s)}, the gradient of {@code log Z} there
 * @param text {@code n}: which text a context is from; the contexts of one text are alike and stay on one side of a split
 * @param mu {@code d}: {@code μ}, the mean of the embeddings {@code φ_w}. A vector added to all of them changes no prediction but
 *     adds a linear term to {@code log Z}; {@code log Z_θ - μ·θ}, that of centred embeddings, is what there is to explain
 */
public record LogPartitionContexts(
        float[][] f, float[] logPartition, float[][] conditionalMean, int[] text, double[] mu) {

    /** @throws IllegalArgumentException if lengths disagree, there is no context, or a number is not finite */
    public LogPartitionContexts {
        int n = f.length;
        if (n == 0 || logPartition.length != n || conditionalMean.length != n || text.length != n) {
            throw new IllegalArgumentException("Contexts: " + n + " rows of f, " + logPartition.length + " of log Z, "
                    + conditionalMean.length + " of Φp_f, " + text.length
                    + " of texts; expected equally many, and at least one");
        }
        for (int row = 0; row < n; row++) {
            if (f[row].length != mu.length || conditionalMean[row].length != mu.length) {
                throw new IllegalArgumentException("Contexts: row " + row + " has " + f[row].length
                        + " components of f and " + conditionalMean[row].length + " of Φp_f, expected " + mu.length);
            }
            if (!Float.isFinite(logPartition[row]) || !finite(f[row]) || !finite(conditionalMean[row])) {
                throw new IllegalArgumentException("Contexts: row " + row + " has a number that is not finite");
            }
        }
    }

    /** Every beginning of some texts. */
    public static LogPartitionContexts of(TokenContexts contexts) {
        return of(contexts.features(), contexts.text());
    }

    /** Whole texts, with or without a prompt behind them: each is a context. */
    public static LogPartitionContexts of(Features features) {
        return of(features, IntStream.range(0, features.size()).toArray());
    }

    private static LogPartitionContexts of(Features features, int[] text) {
        var mu = features.outputEmbeddings().mean();
        return new LogPartitionContexts(features.f(), features.logPartition(), features.conditionalMean(), text, mu);
    }

    private static boolean finite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /** The number of contexts {@code n}. */
    public int size() {
        return f.length;
    }

    /** {@code log Z_θ - μ·θ} of each context, {@code n}, in nats. */
    public double[] centredLogPartition() {
        var values = new double[f.length];
        for (int row = 0; row < f.length; row++) {
            values[row] = logPartition[row];
            for (int i = 0; i < mu.length; i++) {
                values[row] -= mu[i] * f[row][i];
            }
        }
        return values;
    }

    /** How well an affine map of {@code f} gives {@code Φp_f} here: squared distances, all components together. */
    public TextErrors errors(AffineMap map) {
        var images = map.apply(f);
        var centre = Standardization.of(conditionalMean).mean();
        var error = new double[f.length];
        var spread = new double[f.length];
        for (int row = 0; row < f.length; row++) {
            for (int i = 0; i < centre.length; i++) {
                double mean = conditionalMean[row][i];
                error[row] += (images[row][i] - mean) * (images[row][i] - mean);
                spread[row] += (mean - centre[i]) * (mean - centre[i]);
            }
        }
        return TextErrors.of(error, spread, text);
    }

    /** A map with the same {@code A}, and the {@code b} that gives the mean {@code Φp_f} from the mean {@code f} here. */
    public AffineMap centred(AffineMap map) {
        var slope = new AffineMap(map.A(), new double[mu.length]);
        var mean = Standardization.of(conditionalMean).mean();
        return new AffineMap(
                map.A(), Vectors.minus(mean, slope.apply(Standardization.of(f).mean())));
    }

    LogPartitionContexts ofTexts(IntPredicate chosen) {
        var rows = IntStream.range(0, f.length)
                .filter(row -> chosen.test(text[row]))
                .toArray();
        var logPartitionOfRows = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            logPartitionOfRows[i] = logPartition[rows[i]];
        }
        return new LogPartitionContexts(
                Matrices.select(f, rows),
                logPartitionOfRows,
                Matrices.select(conditionalMean, rows),
                Matrices.select(text, rows),
                mu);
    }
}
