package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against scikit-learn's {@code LogisticRegression} and its cross-validated choice of {@code C} on two made-up problems. */
class LogisticRegressionOracleTest {

    record Oracle(int n_train, int n_test, int classes, List<Fit> fits, Chosen cv) {}

    record Fit(double C, double[][] coef, double[] intercept, double train_accuracy, double test_accuracy) {}

    record Chosen(double[] Cs, int folds, double chosen_C, double test_accuracy) {}

    record Problem(float[][] train, int[] trainLabels, float[][] test, int[] testLabels, Oracle oracle) {

        static Problem load(String name) throws IOException {
            try (var json = open(name + ".json");
                    var csv = CSVFormat.DEFAULT.parse(open(name + ".csv"))) {
                var oracle = new Gson().fromJson(json, Oracle.class);
                var records = csv.getRecords();
                var rows = records.subList(1, records.size());
                var labels =
                        rows.stream().mapToInt(r -> Integer.parseInt(r.get(0))).toArray();
                var features = new float[rows.size()][];
                for (int i = 0; i < features.length; i++) {
                    features[i] = new float[rows.get(i).size() - 1];
                    for (int j = 0; j < features[i].length; j++) {
                        features[i][j] = Float.parseFloat(rows.get(i).get(j + 1));
                    }
                }
                int n = oracle.n_train();
                return new Problem(
                        Arrays.copyOf(features, n),
                        Arrays.copyOf(labels, n),
                        Arrays.copyOfRange(features, n, features.length),
                        Arrays.copyOfRange(labels, n, labels.length),
                        oracle);
            }
        }

        private static InputStreamReader open(String name) {
            var stream = LogisticRegressionOracleTest.class.getResourceAsStream("/fixtures/logreg/" + name);
            return new InputStreamReader(stream, StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "five-class"})
    void coefficientsAndAccuraciesAreScikitLearns(String name) throws IOException {
        var problem = Problem.load(name);
        for (var fit : problem.oracle().fits()) {
            var model = LogisticRegression.fit(
                    problem.train(), problem.trainLabels(), problem.oracle().classes(), fit.C());
            for (int m = 0; m < fit.coef().length; m++) {
                double norm =
                        Math.sqrt(Arrays.stream(fit.coef()[m]).map(w -> w * w).sum());
                for (int j = 0; j < fit.coef()[m].length; j++) {
                    double expected = fit.coef()[m][j];
                    double actual = model.weights()[m][j];
                    double difference = Math.abs(actual - expected);
                    String where = name + ", C = " + fit.C() + ", weight " + m + "," + j;
                    assertTrue(difference <= 1e-3 * Math.abs(expected) + 1e-5 * norm, where + ": " + actual);
                }
            }
            assertArrayEquals(fit.intercept(), model.intercepts(), 1e-4, name + ", C = " + fit.C());
            assertEquals(
                    fit.train_accuracy(),
                    model.accuracy(problem.train(), problem.trainLabels()).value(),
                    1e-12);
            assertEquals(
                    fit.test_accuracy(),
                    model.accuracy(problem.test(), problem.testLabels()).value(),
                    1e-12);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "five-class"})
    void crossValidationChoosesScikitLearnsC(String name) throws IOException {
        var problem = Problem.load(name);
        var oracle = problem.oracle();
        assertArrayEquals(
                oracle.cv().Cs(), CrossValidation.ofScript(oracle.n_train()).grid());
        assertEquals(oracle.cv().folds(), CrossValidation.ofScript(1).folds());

        var result = LinearClassification.evaluate(
                problem.train(),
                problem.trainLabels(),
                problem.test(),
                problem.testLabels(),
                oracle.classes(),
                Scaling.RAW,
                CrossValidation.ofScript(oracle.n_train()));

        assertEquals(oracle.cv().chosen_C(), result.C());
        assertEquals(oracle.cv().test_accuracy(), result.test().value(), 1e-12);
    }
}
