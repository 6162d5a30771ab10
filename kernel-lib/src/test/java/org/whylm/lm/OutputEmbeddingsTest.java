package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
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
            var states = new float[4 * 64 + 64 + 30][phi.dimension()];
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
