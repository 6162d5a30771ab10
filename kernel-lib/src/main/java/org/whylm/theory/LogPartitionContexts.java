package org.whylm.theory;

import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Contexts with what a model makes of them.
 *
 * @param f {@code n×d}: {@code θ = f(s)}
 * @param logPartition {@code n}: {@code log Z_{f(s)}}, in nats
 * @param conditionalMean {@code n×d}: {@code Φp_f(s)}, the gradient of {@code log Z} there
 * @param text {@code n}: which text a context is from; the contexts of one text are alike and stay on one side of a split
 */
public record LogPartitionContexts(float[][] f, float[] logPartition, float[][] conditionalMean, int[] text) {

    /** @throws IllegalArgumentException if lengths disagree, there is no context, or a number is not finite */
    public LogPartitionContexts {
        int n = f.length;
        if (n == 0 || logPartition.length != n || conditionalMean.length != n || text.length != n) {
            throw new IllegalArgumentException("Contexts: " + n + " rows of f, " + logPartition.length + " of log Z, "
                    + conditionalMean.length + " of Φp_f, " + text.length
                    + " of texts; expected equally many, and at least one");
        }
        for (int row = 0; row < n; row++) {
            if (f[row].length != f[0].length || conditionalMean[row].length != f[0].length) {
                throw new IllegalArgumentException("Contexts: row " + row + " has " + f[row].length
                        + " components of f and " + conditionalMean[row].length + " of Φp_f, expected "
                        + f[0].length);
            }
            if (!Float.isFinite(logPartition[row]) || !finite(f[row]) || !finite(conditionalMean[row])) {
                throw new IllegalArgumentException("Contexts: row " + row + " has a number that is not finite");
            }
        }
    }

    private static boolean finite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    int dimension() {
        return f[0].length;
    }

    LogPartitionContexts ofTexts(IntPredicate chosen) {
        var rows = IntStream.range(0, f.length)
                .filter(row -> chosen.test(text[row]))
                .toArray();
        var logPartitionOfRows = new float[rows.length];
        var textOfRows = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            logPartitionOfRows[i] = logPartition[rows[i]];
            textOfRows[i] = text[rows[i]];
        }
        return new LogPartitionContexts(
                IntStream.of(rows).mapToObj(row -> f[row]).toArray(float[][]::new),
                logPartitionOfRows,
                IntStream.of(rows).mapToObj(row -> conditionalMean[row]).toArray(float[][]::new),
                textOfRows);
    }
}
