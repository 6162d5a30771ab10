package org.whylm.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;

/** {@code A p_f} against all of {@code p_f} and an explicit {@code A}; the vocabulary of the tiny model takes two blocks. */
class RandomProjectionTest {

    private static final int TEXTS = 12;
    private static LanguageModel model;
    private static Features features;
    private static float[][] p;

    @BeforeAll
    static void load() {
        model = LanguageModels.load("src/test/resources/fixtures/tiny-llama-tied");
        var f = IntStream.range(0, TEXTS)
                .mapToObj(i -> model.f("A gorgeous film, number " + i + "."))
                .toArray(float[][]::new);
        var prediction = model.outputEmbeddings().predict(f);
        features = new Features(model.outputEmbeddings(), f, prediction.conditionalMean(), prediction.logPartition());
        p = Arrays.stream(f).map(model.outputEmbeddings()::probabilities).toArray(float[][]::new);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static RandomProjection projection(int d, long seed) {
        return RandomProjection.orthonormal(d, model.vocabularySize(), seed);
    }

    /** The rows of {@code A} are the seed's normal numbers, made orthonormal by Gram and Schmidt's method. */
    @Test
    void projectsOnTheOrthonormalizedRowsOfTheSeed() {
        int d = 40, V = model.vocabularySize();
        var random = new Random(5);
        var A = new double[d][V];
        for (int w = 0; w < V; w++) {
            for (int j = 0; j < d; j++) {
                A[j][w] = (float) random.nextGaussian();
            }
        }
        for (int j = 0; j < d; j++) {
            for (int pass = 0; pass < 2; pass++) {
                for (int l = 0; l < j; l++) {
                    double along = dot(A[j], A[l]);
                    for (int w = 0; w < V; w++) {
                        A[j][w] -= along * A[l][w];
                    }
                }
            }
            double norm = Math.sqrt(dot(A[j], A[j]));
            for (int w = 0; w < V; w++) {
                A[j][w] /= norm;
            }
        }
        var projected = projection(d, 5).of(features);
        for (int i = 0; i < TEXTS; i++) {
            for (int j = 0; j < d; j++) {
                double expected = 0;
                for (int w = 0; w < V; w++) {
                    expected += A[j][w] * p[i][w];
                }
                assertEquals(expected, projected[i][j], 1e-6);
            }
        }
    }

    /** With as many rows as columns, {@code AᵀA = I} as well: inner products stay. */
    @Test
    void aSquareMatrixIsOrthogonal() {
        var projected = projection(model.vocabularySize(), 3).of(features);
        for (int i = 0; i < TEXTS; i++) {
            for (int k = 0; k <= i; k++) {
                double expected = 0, actual = 0;
                for (int w = 0; w < model.vocabularySize(); w++) {
                    expected += (double) p[i][w] * p[k][w];
                    actual += (double) projected[i][w] * projected[k][w];
                }
                assertEquals(expected, actual, 1e-3 * expected);
            }
        }
    }

    @Test
    void theSeedDecides() {
        var one = projection(10, 1).of(features);
        assertArrayEquals(one[3], projection(10, 1).of(features)[3]);
        assertFalse(Arrays.equals(one[3], projection(10, 2).of(features)[3]));
    }

    @Test
    void moreRowsThanWordsOrAnotherVocabularyIsAnError() {
        assertThrows(IllegalArgumentException.class, () -> projection(model.vocabularySize() + 1, 1));
        assertThrows(IllegalArgumentException.class, () -> RandomProjection.orthonormal(10, 599, 1)
                .of(features));
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int w = 0; w < a.length; w++) {
            sum += a[w] * b[w];
        }
        return sum;
    }
}
