package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OneVersusRestTest {

    record Oracle(List<Case> cases) {}

    record Case(
            String problem,
            float shift,
            double[] C,
            double[][] coef,
            double[] intercept,
            double train_accuracy,
            double test_accuracy,
            double[][] coef_at_1,
            double[] intercept_at_1) {}

    static Stream<Case> cases() throws IOException {
        try (var json = new InputStreamReader(
                OneVersusRestTest.class.getResourceAsStream("/fixtures/one-versus-rest.json"),
                StandardCharsets.UTF_8)) {
            return new Gson().fromJson(json, Oracle.class).cases().stream();
        }
    }

    private static float[][] shifted(float[][] rows, float shift) {
        var shifted = new float[rows.length][rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                shifted[i][j] = rows[i][j] + shift;
            }
        }
        return shifted;
    }

    private static double accuracy(OneVersusRest model, float[][] rows, int[] labels) {
        return IntStream.range(0, labels.length)
                .map(i -> model.predict(rows[i]) == labels[i] ? 1 : 0)
                .average()
                .orElseThrow();
    }

    /** Against scikit-learn's LIBLINEAR; {@code fixtures/one-versus-rest.py} wrote its results. */
    @ParameterizedTest
    @MethodSource("cases")
    void chosenRegularisationAndWeightsAreScikitLearns(Case oracle) throws IOException {
        var problem = LogisticRegressionOracleTest.Problem.load(oracle.problem());
        var train = shifted(problem.train(), oracle.shift());
        var test = shifted(problem.test(), oracle.shift());
        int classes = problem.oracle().classes();
        var labels = problem.trainLabels();

        var model = OneVersusRest.fit(train, labels, classes, CrossValidation.ofScript(labels.length));
        assertArrayEquals(oracle.C(), model.C(), oracle.problem());
        assertWeights(oracle.coef(), oracle.intercept(), model);
        assertEquals(oracle.train_accuracy(), accuracy(model, train, labels), 1e-12);
        assertEquals(oracle.test_accuracy(), accuracy(model, test, problem.testLabels()), 1e-12);

        var only = new CrossValidation(new double[] {1}, 2, Criterion.ACCURACY);
        assertWeights(oracle.coef_at_1(), oracle.intercept_at_1(), OneVersusRest.fit(train, labels, classes, only));
    }

    private static void assertWeights(double[][] weights, double[] intercepts, OneVersusRest model) {
        var scores = model.scores();
        assertArrayEquals(intercepts, scores.intercepts(), 1e-4);
        for (int m = 0; m < weights.length; m++) {
            double norm = Math.sqrt(Arrays.stream(weights[m]).map(w -> w * w).sum());
            assertArrayEquals(weights[m], scores.weights()[m], 1e-4 * norm, "score " + m);
        }
    }

    @Test
    void everyClassNeedsAnExampleAFold() {
        var rows = new float[][] {{0}, {1}, {2}, {3}};
        var validation = new CrossValidation(new double[] {1}, 2, Criterion.ACCURACY);
        assertThrows(
                IllegalArgumentException.class, () -> OneVersusRest.fit(rows, new int[] {0, 1, 1, 1}, 2, validation));
    }
}
