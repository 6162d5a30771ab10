package org.whylm.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import org.whylm.features.Features;
import org.whylm.lm.OutputEmbeddings;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;
import org.whylm.run.Progress;

/**
 * Inner products of whole next-word distributions {@code p_f}, for {@link LinearClassification#evaluateGram}. Each word's
 * probabilities are shifted to mean 0 on the training texts (which changes no regression, as the intercept is not penalised) and,
 * if standardised, divided by their standard deviation there. Products are added up over stretches of the vocabulary, so that
 * {@code n×V} probabilities are never held.
 *
 * @param train {@code n×n} products of the training texts
 * @param cross {@code m×n} products of the test texts with the training texts
 */
record DistributionGram(double[][] train, double[][] cross) {

    private static final int ROWS_A_COPY = 256;

    /** Of the features of {@code n} training texts, then {@code m} test texts; throws {@link Progress.Interrupted} if the thread is interrupted. */
    static DistributionGram of(Features features, int n, Scaling scaling) {
        int size = features.size();
        int vocabularySize = features.outputEmbeddings().vocabularySize();
        try (var manager = Engine.newManager();
                var progress = Progress.start("inner products of p_f", vocabularySize, "words")) {
            var sum = manager.zeros(new Shape(size, n), DataType.FLOAT64);
            features.forEachWords(words -> {
                try (var scope = manager.newSubManager()) {
                    var z = Design.matrix(scope, scaled(words, n, scaling), words.size());
                    sum.addi(z.matMul(z.get("0:" + n).transpose()));
                }
                progress.advance(words.size());
            });
            return new DistributionGram(symmetric(rows(sum, 0, n)), rows(sum, n, size));
        }
    }

    /**
     * The weights on words, {@code k×V}, of a regression that takes inner products with the {@code n} training texts: {@code Σ_i α_i z_i}
     * for their scaled distributions {@code z_i} and {@code α} of {@code k×n}.
     */
    static double[][] wordWeights(Features features, double[][] alpha, Scaling scaling) {
        int n = features.size();
        var weights = new double[alpha.length][features.outputEmbeddings().vocabularySize()];
        features.forEachWords(words -> {
            var z = scaled(words, n, scaling);
            for (int m = 0; m < alpha.length; m++) {
                for (int i = 0; i < n; i++) {
                    for (int j = 0; j < words.size(); j++) {
                        weights[m][words.from() + j] += alpha[m][i] * z[i * words.size() + j];
                    }
                }
            }
        });
        return weights;
    }

    /** Probabilities of some words, shifted and scaled word by word as the first {@code n} texts say, row-major. */
    private static double[] scaled(OutputEmbeddings.Words words, int n, Scaling scaling) {
        var p = Matrices.rows(words.probabilities(), words.size());
        return Standardization.learn(Arrays.copyOf(p, n), scaling).apply(p, 0, words.size());
    }

    private static double[][] rows(NDArray matrix, int from, int to) {
        var rows = new ArrayList<double[]>();
        for (int start = from; start < to; start += ROWS_A_COPY) {
            try (var some = matrix.get(start + ":" + Math.min(to, start + ROWS_A_COPY))) {
                rows.addAll(Arrays.asList(Engine.rows(some)));
            }
        }
        return rows.toArray(double[][]::new);
    }

    /** A product may round differently from its mirror image. */
    private static double[][] symmetric(double[][] gram) {
        for (int i = 0; i < gram.length; i++) {
            for (int j = 0; j < i; j++) {
                gram[j][i] = gram[i][j];
            }
        }
        return gram;
    }
}
