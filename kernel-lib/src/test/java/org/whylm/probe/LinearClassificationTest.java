package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.run.Progress;

class LinearClassificationTest {

    record Oracle(List<Case> cases) {}

    record Case(
            String problem,
            Scaling scaling,
            double[] accuracies,
            double[] log_losses,
            double C,
            double train_accuracy,
            double test_accuracy,
            double train_log_loss,
            double test_log_loss,
            double C_by_loss,
            double test_log_loss_by_loss,
            double[] balanced_accuracies,
            double C_balanced,
            double test_balanced_accuracy,
            double[] test_areas_under_roc) {}

    static Stream<Case> cases() throws IOException {
        try (var json = new InputStreamReader(
                LinearClassificationTest.class.getResourceAsStream("/fixtures/cross-validation.json"),
                StandardCharsets.UTF_8)) {
            return new Gson().fromJson(json, Oracle.class).cases().stream();
        }
    }

    /** Against scikit-learn; {@code fixtures/cross-validation.py} wrote its results. */
    @ParameterizedTest
    @MethodSource("cases")
    void everyFoldsAccuracyIsScikitLearns(Case oracle) throws IOException {
        var problem = LogisticRegressionOracleTest.Problem.load(oracle.problem());
        var result = evaluate(
                problem.train(),
                problem.trainLabels(),
                problem.test(),
                problem.testLabels(),
                problem.oracle().classes(),
                oracle.scaling());

        for (int c = 0; c < oracle.accuracies().length; c++) {
            var candidate = result.candidates().get(c);
            assertEquals(oracle.accuracies()[c], candidate.accuracy(), 1e-12, "C = " + candidate.C());
            assertEquals(oracle.log_losses()[c], candidate.logLoss(), 1e-6, "C = " + candidate.C());
        }
        assertEquals(oracle.C(), result.C());
        assertEquals(oracle.train_accuracy(), result.train().value(), 1e-12);
        assertEquals(oracle.test_accuracy(), result.test().value(), 1e-12);
        assertEquals(oracle.train_log_loss(), result.trainLogLoss(), 1e-6);
        assertEquals(oracle.test_log_loss(), result.testLogLoss(), 1e-6);
        assertEquals(result.test(), result.model().accuracy(problem.test(), problem.testLabels()));
        assertEquals(result.testLogLoss(), result.model().logLoss(problem.test(), problem.testLabels()), 1e-9);
    }

    private static LinearClassification by(
            Criterion criterion, LogisticRegressionOracleTest.Problem problem, Case oracle) {
        return LinearClassification.evaluate(
                problem.train(),
                problem.trainLabels(),
                problem.test(),
                problem.testLabels(),
                problem.oracle().classes(),
                oracle.scaling(),
                CrossValidation.ofScript(problem.trainLabels().length).by(criterion));
    }

    /** Against scikit-learn, as above. */
    @ParameterizedTest
    @MethodSource("cases")
    void byLossTheLeastLossIsChosen(Case oracle) throws IOException {
        var problem = LogisticRegressionOracleTest.Problem.load(oracle.problem());
        var result = by(Criterion.LOG_LOSS, problem, oracle);
        assertEquals(oracle.C_by_loss(), result.C());
        assertEquals(oracle.test_log_loss_by_loss(), result.testLogLoss(), 1e-6);
    }

    /** Against scikit-learn's {@code class_weight="balanced"}, {@code balanced_accuracy_score} and {@code roc_auc_score}, as above. */
    @ParameterizedTest
    @MethodSource("cases")
    void balancedTheClassesWeighAlike(Case oracle) throws IOException {
        var problem = LogisticRegressionOracleTest.Problem.load(oracle.problem());
        var classification = by(Criterion.BALANCED, problem, oracle);
        for (int c = 0; c < classification.candidates().size(); c++) {
            assertEquals(
                    oracle.balanced_accuracies()[c],
                    classification.candidates().get(c).accuracy(),
                    1e-12);
        }
        assertEquals(oracle.C_balanced(), classification.C());
        var result = Result.of("t", "f", false, classification);
        assertEquals(oracle.test_balanced_accuracy(), result.balancedAccuracy().value(), 1e-12);
        for (int label = 0; label < problem.oracle().classes(); label++) {
            assertEquals(
                    oracle.test_areas_under_roc()[label],
                    result.areaUnderRoc(label).value(),
                    1e-9);
        }
    }

    private static void assertAlike(LinearClassification expected, LinearClassification actual) {
        assertEquals(expected.candidates().size(), actual.candidates().size());
        for (int c = 0; c < expected.candidates().size(); c++) {
            var one = expected.candidates().get(c);
            var other = actual.candidates().get(c);
            assertEquals(one.C(), other.C());
            assertEquals(one.accuracy(), other.accuracy());
            assertEquals(one.logLoss(), other.logLoss(), 1e-6);
        }
    }

    /** Regression weights are combinations of the training rows, so inner products are enough, of wide rows and of narrow ones. */
    @ParameterizedTest
    @ValueSource(ints = {6, 200})
    void innerProductsGiveTheSameClassifier(int d) {
        var problem = LogisticRegressionTest.Problem.random(160, d, 3, 2, 21);
        var train = Arrays.copyOf(problem.features(), 120);
        var test = Arrays.copyOfRange(problem.features(), 120, 160);
        var trainLabels = Arrays.copyOf(problem.labels(), 120);
        var testLabels = Arrays.copyOfRange(problem.labels(), 120, 160);
        double[] grid = {1e-3, 1, 10};

        var folds = new CrossValidation(grid, 4, Criterion.ACCURACY);
        var primal = LinearClassification.evaluate(train, trainLabels, test, testLabels, 3, Scaling.RAW, folds);
        var dual = LinearClassification.evaluateGram(
                products(train, train), trainLabels, products(test, train), testLabels, 3, Scaling.RAW, folds);

        assertAlike(primal, dual);
        assertEquals(primal.C(), dual.C());
        assertEquals(primal.test(), dual.test());
        assertEquals(primal.trainLogLoss(), dual.trainLogLoss(), 1e-6);
        assertEquals(primal.testLogLoss(), dual.testLogLoss(), 1e-6);
        for (var row : test) {
            var products = products(new float[][] {row}, train)[0];
            var asFloats = new float[products.length];
            for (int i = 0; i < asFloats.length; i++) {
                asFloats[i] = (float) products[i];
            }
            var expected = primal.model().decision(row);
            var actual = dual.model().decision(asFloats);
            for (int m = 0; m < 3; m++) {
                assertEquals(expected[m], actual[m], 1e-3);
            }
        }
    }

    private static double[][] products(float[][] a, float[][] b) {
        var out = new double[a.length][b.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b.length; j++) {
                for (int l = 0; l < a[i].length; l++) {
                    out[i][j] += (double) a[i][l] * b[j][l];
                }
            }
        }
        return out;
    }

    /** Standardised columns forget their scale; powers of two change no digit. */
    @Test
    void standardizedResultsDoNotDependOnUnits() {
        var problem = LogisticRegressionTest.Problem.random(150, 9, 2, 2, 31);
        var scaled = Arrays.stream(problem.features()).map(float[]::clone).toArray(float[][]::new);
        for (var row : scaled) {
            for (int j = 0; j < row.length; j++) {
                row[j] = row[j] * (float) Math.pow(2, 3 * j - 12);
            }
        }
        int[] labels = problem.labels();
        var one = evaluate(problem.features(), labels, problem.features(), labels, 2, Scaling.STANDARDIZED);
        var other = evaluate(scaled, labels, scaled, labels, 2, Scaling.STANDARDIZED);
        assertAlike(one, other);
        assertEquals(one.test(), other.test());
        assertEquals(one.testLogLoss(), other.testLogLoss(), 1e-9);
    }

    /** As scikit-learn's {@code StandardScaler}: a constant column is shifted and not divided. */
    @ParameterizedTest
    @EnumSource(Scaling.class)
    void constantColumnsGetNoWeight(Scaling scaling) {
        var problem = LogisticRegressionTest.Problem.random(100, 4, 2, 1, 41);
        for (var row : problem.features()) {
            row[1] = 0.1f;
        }
        var result = evaluate(problem.features(), problem.labels(), problem.features(), problem.labels(), 2, scaling);
        assertEquals(0, result.model().weights()[0][1], 1e-9);
    }

    @Test
    void equallyGoodValuesOfCGiveTheSmallest() {
        var features = new float[40][1];
        var labels = new int[40];
        for (int i = 0; i < 40; i++) {
            labels[i] = i % 2;
            features[i][0] = labels[i] == 0 ? -10 - i : 10 + i;
        }
        var validation = new CrossValidation(new double[] {100, 1, 0.01}, 5, Criterion.ACCURACY);
        var result = LinearClassification.evaluate(features, labels, features, labels, 2, Scaling.RAW, validation);
        assertTrue(result.candidates().stream().allMatch(c -> c.accuracy() == 1));
        assertEquals(0.01, result.C());
    }

    /** Nothing is better than right on every example held out: the search ends there, and chooses as it would have. */
    @Test
    void theSearchEndsWhereAllIsRight() {
        var random = new Random(1);
        var labels = IntStream.range(0, 60).map(i -> i % 3).toArray();
        var features = new float[60][20];
        for (int i = 0; i < 60; i++) {
            for (int j = 0; j < 20; j++) {
                features[i][j] = (float) (random.nextGaussian() + (j == labels[i] ? 8 : 0));
            }
        }
        var accuracy = evaluate(features, labels, features, labels, 3, Scaling.RAW);
        var all = LinearClassification.evaluate(
                features,
                labels,
                features,
                labels,
                3,
                Scaling.RAW,
                CrossValidation.ofScript(60).by(Criterion.LOG_LOSS));
        assertEquals(10, all.candidates().size());
        int tried = accuracy.candidates().size();
        assertTrue(tried < 10, "all " + tried + " values were tried");
        assertEquals(accuracy.candidates(), all.candidates().subList(0, tried));
        assertEquals(1, accuracy.candidates().get(tried - 1).accuracy());
        assertTrue(accuracy.candidates().subList(0, tried - 1).stream().allMatch(it -> it.accuracy() < 1));
        assertEquals(accuracy.candidates().get(tried - 1).C(), accuracy.C());
    }

    /** Labels that few features tell: the largest values fit what is no more than chance, and two of them are enough to see it. */
    @Test
    void noLargerCIsTriedOnceTwoAreWorse() {
        var random = new Random(9);
        var labels = IntStream.range(0, 60).map(i -> i % 2).toArray();
        var features = IntStream.range(0, 60)
                .mapToObj(i -> {
                    var row = new float[40];
                    for (int j = 0; j < 40; j++) {
                        row[j] = (float) random.nextGaussian() + (j < 8 ? 0.6f * labels[i] : 0);
                    }
                    return row;
                })
                .toArray(float[][]::new);
        var whole = CrossValidation.ofScript(60);
        var all = LinearClassification.evaluate(features, labels, features, labels, 2, Scaling.RAW, whole);
        var some = LinearClassification.evaluate(features, labels, features, labels, 2, Scaling.RAW, whole.quick());
        int tried = some.candidates().size();
        assertTrue(tried < all.candidates().size(), tried + " tried");
        assertEquals(accuracies(all).subList(0, tried), accuracies(some));
        double best = some.candidates().stream()
                .mapToDouble(LinearClassification.Candidate::accuracy)
                .max()
                .orElseThrow();
        var last = some.candidates().subList(tried - 2, tried);
        assertTrue(last.stream().allMatch(it -> it.accuracy() < best), last.toString());
        assertEquals(all.C(), some.C());
        assertArrayEquals(all.model().weights()[0], some.model().weights()[0], 1e-5);
        assertArrayEquals(all.predictions(), some.predictions());
    }

    private static List<Double> accuracies(LinearClassification classification) {
        return classification.candidates().stream()
                .map(LinearClassification.Candidate::accuracy)
                .toList();
    }

    /** The wide grid ends where the script's second one begins: at 10,000 training examples. */
    @Test
    void gridIsTheScripts() {
        assertEquals(10, CrossValidation.ofScript(9_999).grid().length);
        assertEquals(6, CrossValidation.ofScript(10_000).grid().length);
        assertEquals(1e-3, CrossValidation.ofScript(10_000).grid()[0]);
        assertEquals(1e2, CrossValidation.ofScript(10_000).grid()[5]);
    }

    @Test
    void badInputIsNamed() {
        var problem = LogisticRegressionTest.Problem.random(30, 3, 2, 1, 51);
        var x = problem.features();
        int[] few = new int[30];
        Arrays.fill(few, 0, 4, 1);
        assertMessage("Class 1 has 4", () -> evaluate(x, few, x, few, 2, Scaling.RAW));
        assertMessage(
                "3 features, the test split 2",
                () -> evaluate(x, problem.labels(), new float[1][2], new int[1], 2, Scaling.RAW));
        assertMessage("1 folds", () -> new CrossValidation(new double[] {1}, 1, Criterion.ACCURACY));
        assertMessage("C is -1.0", () -> new CrossValidation(new double[] {1, -1}, 2, Criterion.ACCURACY));
        var two = new CrossValidation(new double[] {1}, 2, Criterion.ACCURACY);
        var notAGram = new double[30][30];
        for (int i = 0; i < 30; i++) {
            notAGram[i][i] = 1;
        }
        notAGram[3][7] = 2;
        notAGram[7][3] = 2;
        assertMessage(
                "contradicts",
                () -> LinearClassification.evaluateGram(
                        notAGram, problem.labels(), notAGram, problem.labels(), 2, Scaling.RAW, two));
    }

    private static LinearClassification evaluate(
            float[][] train, int[] trainLabels, float[][] test, int[] testLabels, int classes, Scaling scaling) {
        var validation = CrossValidation.ofScript(trainLabels.length);
        return LinearClassification.evaluate(train, trainLabels, test, testLabels, classes, scaling, validation);
    }

    private static void assertMessage(String part, org.junit.jupiter.api.function.Executable action) {
        var e = assertThrows(IllegalArgumentException.class, action);
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void anInterruptEndsTheEvaluation() {
        var problem = LogisticRegressionTest.Problem.random(300, 30, 2, 1, 61);
        Thread.currentThread().interrupt();
        assertThrows(
                Progress.Interrupted.class,
                () -> evaluate(
                        problem.features(), problem.labels(), problem.features(), problem.labels(), 2, Scaling.RAW));
    }
}
