package org.whylm.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;

/** Oracle: losses and gradients that PyTorch's automatic differentiation found in float64 ({@code objectives.json}). */
class ObjectiveOracleTest {

    private record Expected(
            double loss,
            @SerializedName("grad_f") double[][] gradF,
            @SerializedName("grad_phi") double[][] gradPhi) {}

    private record Oracle(
            double[][] f,
            double[][] phi,
            int[] words,
            @SerializedName("cross_entropy") Expected crossEntropy,
            Expected quad) {}

    private static Oracle oracle;

    @BeforeAll
    static void readOracle() throws IOException {
        var file = Path.of("src", "test", "resources", "fixtures", "objectives.json");
        oracle = new Gson().fromJson(Files.readString(file), Oracle.class);
    }

    @Test
    void crossEntropyAgrees() {
        agrees(oracle.crossEntropy(), new CrossEntropy());
    }

    @Test
    void quadAgrees() {
        agrees(oracle.quad(), new Quad());
    }

    private static void agrees(Expected expected, Objective objective) {
        var evaluation = objective.evaluate(oracle.f(), transposed(oracle.phi()), oracle.words());
        assertEquals(expected.loss(), evaluation.value(), 1e-10);
        assertMatrix(expected.gradF(), evaluation.gradientF(), 1e-10);
        assertMatrix(expected.gradPhi(), transposed(evaluation.gradientPhi()), 1e-10);
    }

    /** The trainer works in single precision. */
    @Test
    void agreesInSinglePrecision() {
        try (var scope = Engine.newManager()) {
            var f = Engine.array(scope, Matrices.matrix("f", oracle.f())).toType(DataType.FLOAT32, false);
            var phi = Engine.array(scope, Matrices.matrix("Φᵀ", transposed(oracle.phi())))
                    .toType(DataType.FLOAT32, false);
            var gradients = new CrossEntropy().gradients(f, phi, oracle.words(), true);
            assertEquals(oracle.crossEntropy().loss(), gradients.value(), 1e-5);
            var gradientPhi = Engine.rows(gradients.phi().toType(DataType.FLOAT64, false));
            assertMatrix(oracle.crossEntropy().gradPhi(), transposed(gradientPhi), 1e-5);
        }
    }

    /** {@code fᵀ(ΦΦᵀ)f = ‖Φᵀf‖²}: both forms of Quad's potential and their gradients are the same numbers. */
    @Test
    void bothFormsOfQuadAgree() {
        try (var scope = Engine.newManager()) {
            var f = Engine.array(scope, Matrices.matrix("f", oracle.f()));
            var phi = Engine.array(scope, Matrices.matrix("Φᵀ", transposed(oracle.phi())));
            var byGram = Quad.byGram(f, phi, true);
            var byProducts = ((Objective) new Quad()::potential).potential(f, phi, true);
            assertEquals(byProducts.value(), byGram.value(), 1e-10);
            assertMatrix(Engine.rows(byProducts.f()), Engine.rows(byGram.f()), 1e-10);
            assertMatrix(Engine.rows(byProducts.phi()), Engine.rows(byGram.phi()), 1e-10);
        }
    }

    /** Paper, section 1: for a learned {@code Φ} the Gram form pays when a batch has more than about {@code d} tokens. */
    @Test
    void gramFormIsChosenWhereItIsCheaper() {
        assertTrue(Quad.gramIsCheaper(512, 49_152, 256, true));
        assertTrue(Quad.gramIsCheaper(512, 49_152, 256, false));
        assertFalse(Quad.gramIsCheaper(64, 49_152, 256, true));
    }

    /** More tokens than a block holds: the blocks make up the same sum as the double loop over words. */
    @Test
    void blocksMakeUpTheWhole() {
        int n = 300, d = 3, vocabulary = 40_000;
        assertTrue(n > Objective.BLOCK_ELEMENTS / vocabulary);
        var random = new SplittableRandom(5);
        UnaryOperator<double[]> fill = row -> {
            for (int i = 0; i < row.length; i++) {
                row[i] = random.nextDouble(-2, 2);
            }
            return row;
        };
        var f = new double[n][d];
        var phi = new double[vocabulary][d];
        var words = random.ints(n, 0, vocabulary).toArray();
        for (var row : f) fill.apply(row);
        for (var row : phi) fill.apply(row);

        double expected = 0;
        for (int row = 0; row < n; row++) {
            double partition = 0;
            for (var embedding : phi) {
                partition += Math.exp(dot(embedding, f[row]));
            }
            expected += (Math.log(partition) - dot(phi[words[row]], f[row])) / n;
        }
        var evaluation = new CrossEntropy().evaluate(f, phi, words);
        assertEquals(expected, evaluation.value(), 1e-9);
        for (int row : new int[] {0, n / 2, n - 1}) {
            double step = 1e-5;
            var shifted = f[row].clone();
            shifted[1] += step;
            double slope = (single(shifted, phi, words[row]) - single(f[row], phi, words[row])) / step;
            assertEquals(slope / n, evaluation.gradientF()[row][1], 1e-7);
        }
        // The embeddings' gradients add up to Σ_w p_f(w) - 1 = 0 times f.
        for (int column = 0; column < d; column++) {
            double sum = 0;
            for (var row : evaluation.gradientPhi()) {
                sum += row[column];
            }
            assertEquals(0, sum, 1e-9);
        }
    }

    private static double single(double[] f, double[][] phi, int word) {
        return new CrossEntropy()
                .evaluate(new double[][] {f}, phi, new int[] {word})
                .value();
    }

    @Test
    void largeLogitsDoNotOverflow() {
        var evaluation = new CrossEntropy().evaluate(new double[][] {{1000}}, new double[][] {{1}, {0}}, new int[] {1});
        assertEquals(1000, evaluation.value(), 1e-9);
    }

    @Test
    void gradientInPhiIsMadeOnlyWhenAskedFor() {
        try (var scope = Engine.newManager()) {
            var f = scope.ones(new Shape(4, 2));
            var phi = scope.ones(new Shape(3, 2));
            for (var objective : new Objective[] {new CrossEntropy(), new Quad()}) {
                assertEquals(
                        null,
                        objective
                                .gradients(f, phi, new int[] {0, 1, 2, 0}, false)
                                .phi());
            }
        }
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    private static double[][] transposed(double[][] matrix) {
        var transposed = new double[matrix[0].length][matrix.length];
        for (int row = 0; row < matrix.length; row++) {
            for (int column = 0; column < matrix[0].length; column++) {
                transposed[column][row] = matrix[row][column];
            }
        }
        return transposed;
    }

    private static void assertMatrix(double[][] expected, double[][] actual, double tolerance) {
        assertEquals(expected.length, actual.length);
        for (int row = 0; row < expected.length; row++) {
            assertArrayEquals(expected[row], actual[row], tolerance, "row " + row);
        }
    }
}
