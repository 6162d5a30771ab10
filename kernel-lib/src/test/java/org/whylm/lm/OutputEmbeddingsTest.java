package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Mean and covariance of the embeddings, from their definitions. */
class OutputEmbeddingsTest {

    /** States are read in blocks of several sizes, each as by itself. */
    @Test
    void everyStateIsReadAsByItself() {
        try (var model = LanguageModels.load(
                Path.of("src/test/resources/fixtures/tiny-gpt2").toString())) {
            var phi = model.outputEmbeddings();
            var random = new Random(1);
            var states = new float[1024 + 70][phi.dimension()];
            for (var state : states) {
                for (int i = 0; i < state.length; i++) {
                    state[i] = (float) random.nextGaussian();
                }
            }
            var together = phi.predict(states);
            for (int row = 0; row < states.length; row += 7) {
                var alone = phi.predict(new float[][] {states[row]});
                assertEquals(alone.logPartition()[0], together.logPartition()[row], 1e-5);
                assertArrayEquals(alone.conditionalMean()[0], together.conditionalMean()[row], 1e-5f);
            }
        }
    }

    /** Logits from -600 to 600, more words than are taken at a time, and the greatest logit anywhere among them: the definitions in float64. */
    @Test
    void noLogitIsTooLarge() {
        int n = 1100, vocabulary = 5000, d = 4;
        var random = new Random(2);
        var phi = new float[vocabulary][d];
        var states = new float[n][d];
        for (var rows : List.of(phi, states)) {
            for (var row : rows) {
                float scale = rows == states ? 100 * random.nextFloat() : 1;
                for (int i = 0; i < d; i++) {
                    row[i] = scale * (float) random.nextGaussian();
                }
            }
        }
        try (var embeddings = MadeUpEmbeddings.of(phi)) {
            var prediction = embeddings.get().predict(states);
            for (int row = 0; row < n; row += 9) {
                var logits = new double[vocabulary];
                for (int w = 0; w < vocabulary; w++) {
                    for (int i = 0; i < d; i++) {
                        logits[w] += (double) phi[w][i] * states[row][i];
                    }
                }
                double greatest = Arrays.stream(logits).max().orElseThrow();
                double sum = Arrays.stream(logits)
                        .map(logit -> Math.exp(logit - greatest))
                        .sum();
                assertEquals(
                        greatest + Math.log(sum), prediction.logPartition()[row], 1e-6 * (10 + Math.abs(greatest)));
                for (int i = 0; i < d; i++) {
                    double mean = 0;
                    for (int w = 0; w < vocabulary; w++) {
                        mean += Math.exp(logits[w] - greatest) / sum * phi[w][i];
                    }
                    assertEquals(mean, prediction.conditionalMean()[row][i], 5e-4);
                }
            }
        }
    }

    @Test
    void meanAndCovarianceAreThoseOfTheWholeVocabulary() {
        try (var model = LanguageModels.load(
                Path.of("src/test/resources/fixtures/tiny-gpt2").toString())) {
            var phi = model.outputEmbeddings();
            var rows = phi.embeddings(IntStream.range(0, phi.vocabularySize()).toArray());
            int d = phi.dimension(), n = rows.length;
            var mean = new double[d];
            for (var row : rows) {
                for (int i = 0; i < d; i++) {
                    mean[i] += (double) row[i] / n;
                }
            }
            assertArrayEquals(mean, phi.mean(), 1e-12);
            var covariance = phi.covariance();
            for (int i = 0; i < d; i += 5) {
                for (int j = 0; j < d; j += 7) {
                    double expected = 0;
                    for (var row : rows) {
                        expected += (row[i] - mean[i]) * (row[j] - mean[j]) / n;
                    }
                    assertEquals(expected, covariance[i][j], 1e-12);
                }
            }
        }
    }
}
