package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The first-order condition of the regression's objective, computed here from its definition, and invariances that follow from it. */
class LogisticRegressionTest {

    /** Labels from a softmax of random scores; {@code noise} 0 makes the classes separable. */
    record Problem(float[][] features, int[] labels, int classes) {

        static Problem random(int n, int d, int classes, double noise, long seed) {
            var random = new Random(seed);
            var features = new float[n][d];
            var labels = new int[n];
            var directions = new double[classes][d];
            for (var direction : directions) {
                Arrays.setAll(direction, j -> random.nextGaussian());
            }
            for (int i = 0; i < n; i++) {
                double highest = Double.NEGATIVE_INFINITY;
                for (int j = 0; j < d; j++) {
                    features[i][j] = (float) random.nextGaussian();
                }
                for (int m = 0; m < classes; m++) {
                    double score = noise * random.nextGaussian();
                    for (int j = 0; j < d; j++) {
                        score += directions[m][j] * features[i][j];
                    }
                    if (score > highest) {
                        highest = score;
                        labels[i] = m;
                    }
                }
            }
            return new Problem(features, labels, classes);
        }

        /** Columns with standard deviations from 1e-6 to 1e3, and means ten times as large. */
        Problem wild() {
            var out = new float[features.length][features[0].length];
            for (int i = 0; i < out.length; i++) {
                for (int j = 0; j < out[i].length; j++) {
                    double scale = Math.pow(10, -6 + 9.0 * j / (out[i].length - 1));
                    out[i][j] = (float) (scale * (features[i][j] + 10));
                }
            }
            return new Problem(out, labels, classes);
        }
    }

    /** Each partial derivative is small against the terms that cancel in it. */
    private static void assertStationary(Problem problem, LogisticRegression model, double C) {
        int n = problem.features().length;
        int d = problem.features()[0].length;
        for (int m = 0; m < model.intercepts().length; m++) {
            int label = model.intercepts().length == 1 ? 1 : m;
            var residuals = new double[n];
            for (int i = 0; i < n; i++) {
                residuals[i] =
                        model.probabilities(problem.features()[i])[label] - (problem.labels()[i] == label ? 1 : 0);
            }
            double all = Arrays.stream(residuals).map(Math::abs).sum();
            assertEquals(0, Arrays.stream(residuals).sum() / all, 1e-5, "intercept " + m);
            for (int j = 0; j < d; j++) {
                double weight = model.weights()[m][j];
                double slope = weight;
                double size = Math.abs(weight);
                for (int i = 0; i < n; i++) {
                    double term = C * residuals[i] * problem.features()[i][j];
                    slope += term;
                    size += Math.abs(term);
                }
                assertEquals(0, slope / size, 1e-5, "weight " + m + "," + j + " at C = " + C);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"200,15,2,1", "301,8,3,2", "402,30,5,3", "150,20,2,0", "203,12,4,0", "40,120,2,1", "61,90,3,1"})
    void gradientVanishesAtTheSolution(int n, int d, int classes, double noise) {
        var problem = Problem.random(n, d, classes, noise, n);
        for (double C : new double[] {1e-6, 1e-2, 1, 1e3}) {
            var model = LogisticRegression.fit(problem.features(), problem.labels(), classes, C);
            assertStationary(problem, model, C);
        }
    }

    @ParameterizedTest
    @CsvSource({"300,40,2,0", "300,40,2,2", "300,40,4,0", "300,40,4,3"})
    void columnsOfVeryDifferentSizesAndSeparableClassesConverge(int n, int d, int classes, double noise) {
        var problem = Problem.random(n, d, classes, noise, 5).wild();
        for (double C : new double[] {1e-6, 1, 1e3}) {
            var model = LogisticRegression.fit(problem.features(), problem.labels(), classes, C);
            assertStationary(problem, model, C);
        }
    }

    /** Large features that separate any labels, as standardised p_f does: the loss is far below the rounding of the scores. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void largeFeaturesThatSeparateTheClassesConverge(int classes) {
        for (int seed = 0; seed < 10; seed++) {
            var features = Problem.random(40, 60, 2, 0, seed).features();
            for (var row : features) {
                for (int j = 0; j < row.length; j++) {
                    row[j] *= 1000;
                }
            }
            var labels = IntStream.range(0, 40).map(i -> i % classes).toArray();
            var model = LogisticRegression.fit(features, labels, classes, 1e3);
            assertStationary(new Problem(features, labels, classes), model, 1e3);
        }
    }

    /** Within a millionth of the minimum that steps with the whole Hessian reach. */
    @ParameterizedTest
    @CsvSource({"3, 0.001", "3, 1", "5, 0.1", "5, 100", "14, 1"})
    void weightsAreThoseOfDenseNewtonSteps(int classes, double C) {
        var problem = Problem.random(60 * classes, 6, classes, 2, classes);
        var expected = DenseNewton.fit(problem.features(), problem.labels(), classes, C);
        var model = LogisticRegression.fit(problem.features(), problem.labels(), classes, C);
        double distance = 0;
        double norm = 0;
        for (int m = 0; m < classes; m++) {
            for (int j = 0; j < 6; j++) {
                distance += Math.pow(model.weights()[m][j] - expected[m][j], 2);
                norm += Math.pow(expected[m][j], 2);
            }
            assertEquals(expected[m][6], model.intercepts()[m], 1e-4);
        }
        assertEquals(0, Math.sqrt(distance / norm), 1e-6);
    }

    @Test
    void multinomialScoresSumToNothing() {
        var problem = Problem.random(300, 10, 4, 2, 3);
        var model = LogisticRegression.fit(problem.features(), problem.labels(), 4, 10);
        assertEquals(0, Arrays.stream(model.intercepts()).sum(), 1e-9);
        for (int j = 0; j < 10; j++) {
            int column = j;
            assertEquals(
                    0,
                    Arrays.stream(model.weights()).mapToDouble(w -> w[column]).sum(),
                    1e-9);
        }
    }

    /** The intercept is not penalised, so it absorbs a constant added to a feature. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void weightsDoNotChangeWhenAConstantIsAddedToAFeature(int classes) {
        var problem = Problem.random(250, 6, classes, 2, 11);
        var shifted = Arrays.stream(problem.features()).map(float[]::clone).toArray(float[][]::new);
        for (var row : shifted) {
            row[2] += 64;
        }
        var model = LogisticRegression.fit(problem.features(), problem.labels(), classes, 1);
        var other = LogisticRegression.fit(shifted, problem.labels(), classes, 1);
        for (int m = 0; m < model.weights().length; m++) {
            assertArrayEquals(model.weights()[m], other.weights()[m], 1e-5);
            assertEquals(model.intercepts()[m] - 64 * model.weights()[m][2], other.intercepts()[m], 1e-3);
        }
    }

    /** The loss is summed, not averaged: every example twice is {@code C} doubled. */
    @Test
    void dataTwiceIsCTwice() {
        var problem = Problem.random(120, 7, 3, 2, 13);
        var twice = new float[240][];
        var labels = new int[240];
        for (int i = 0; i < 240; i++) {
            twice[i] = problem.features()[i % 120];
            labels[i] = problem.labels()[i % 120];
        }
        var model = LogisticRegression.fit(twice, labels, 3, 0.5);
        var other = LogisticRegression.fit(problem.features(), problem.labels(), 3, 1);
        for (int m = 0; m < 3; m++) {
            assertArrayEquals(other.weights()[m], model.weights()[m], 1e-6);
        }
    }

    @Test
    void featuresThatSayNothingGiveTheShareOfEachClass() {
        var model = LogisticRegression.fit(new float[8][3], new int[] {0, 1, 1, 2, 2, 2, 2, 1}, 3, 1);
        assertArrayEquals(new double[] {1 / 8.0, 3 / 8.0, 4 / 8.0}, model.probabilities(new float[3]), 1e-6);
        assertEquals(2, model.predict(new float[3]));
        assertEquals(Math.log(8), model.loss(new float[3], 0), 1e-5);
    }

    @Test
    void badInputIsNamed() {
        var features = new float[][] {{1, 2}, {3, 4}, {5, 6}};
        int[] labels = {0, 1, 0};
        assertMessage("row 2, column 1", () -> {
            var bad = new float[][] {{1, 2}, {3, 4}, {5, Float.NaN}};
            LogisticRegression.fit(bad, labels, 2, 1);
        });
        assertMessage("Row 1", () -> LogisticRegression.fit(new float[][] {{1, 2}, {3}, {4, 5}}, labels, 2, 1));
        assertMessage("row 1 is 2", () -> LogisticRegression.fit(features, new int[] {0, 2, 0}, 2, 1));
        assertMessage("Class 2 has 0", () -> LogisticRegression.fit(features, labels, 3, 1));
        assertMessage("2 labels", () -> LogisticRegression.fit(features, new int[] {0, 1}, 2, 1));
        assertMessage("C is 0", () -> LogisticRegression.fit(features, labels, 2, 0));
        var model = LogisticRegression.fit(features, labels, 2, 1);
        assertMessage("3 features", () -> model.predict(new float[3]));
    }

    private static void assertMessage(String part, org.junit.jupiter.api.function.Executable action) {
        var e = assertThrows(IllegalArgumentException.class, action);
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void anInterruptEndsTheFit() {
        var problem = Problem.random(100, 5, 2, 1, 1);
        Thread.currentThread().interrupt();
        assertThrows(
                CancellationException.class, () -> LogisticRegression.fit(problem.features(), problem.labels(), 2, 1));
        assertTrue(Thread.interrupted());
    }
}
