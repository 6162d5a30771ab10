package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.run.Progress;
import org.whylm.theory.QuadraticRegression.Effort;

/** The paper's log-partition figure: fits of {@code ½θᵀAθ + b·θ + c} to {@code log Z_θ}, and L1. */
class LogPartitionFitTest {

    private static final long SEED = 3;
    private static final Effort EXACT = new Effort(1e-12, 20_000);

    /** An independent fit: {@code A = LLᵀ}, minimised over {@code L} by SciPy's BFGS to a gradient below 10⁻⁹. */
    record Reference(
            int[] text,
            Set<Integer> validation,
            float[][] f,
            float[] logPartition,
            float[][] conditionalMean,
            List<Fit> fits) {

        record Fit(
                double ridge,
                double weight,
                double[][] A,
                double[] b,
                double c,
                double trainingR2,
                double validationR2,
                double gradientError) {}

        LogPartitionContexts contexts() {
            return new LogPartitionContexts(f, logPartition, conditionalMean, text);
        }

        LogPartitionContexts training() {
            return contexts().ofTexts(text -> !validation.contains(text));
        }

        LogPartitionContexts held() {
            return contexts().ofTexts(validation::contains);
        }
    }

    private static Reference reference() throws IOException {
        var json = Files.readString(Path.of("src/test/resources/reference/log-partition-fit.json"));
        return new Gson().fromJson(json, Reference.class);
    }

    @Test
    void agreesWithAnIndependentFitAtEveryRidge() throws IOException {
        var reference = reference();
        assertEquals(10, reference.fits().size());
        for (var expected : reference.fits()) {
            var fit = LogPartitionRegression.fit(
                    reference.training(), reference.held(), expected.weight(), EXACT, EXACT, expected.ridge());
            var at = "weight " + expected.weight() + ", ridge " + expected.ridge();
            assertEquals(expected.trainingR2(), fit.trainingR2(), 1e-5, at);
            assertEquals(expected.validationR2(), fit.validationR2(), 1e-4, at);
            assertEquals(expected.c(), fit.c(), 2e-3, at);
            assertArrayEquals(expected.b(), fit.b(), 2e-3, at);
            for (int i = 0; i < fit.dimension(); i++) {
                assertArrayEquals(expected.A()[i], fit.A()[i], 2e-3, at);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void theRidgeIsTheOneThatDoesBestOnTheValidationPart(double weight) throws IOException {
        var reference = reference();
        var fits =
                reference.fits().stream().filter(fit -> fit.weight() == weight).toList();
        var best = fits.get(0);
        for (var fit : fits) {
            if (1 - fit.validationR2() + weight * fit.gradientError()
                    < 1 - best.validationR2() + weight * best.gradientError()) {
                best = fit;
            }
        }
        var chosen = LogPartitionRegression.fit(
                reference.training(),
                reference.held(),
                weight,
                EXACT,
                EXACT,
                fits.stream().mapToDouble(Reference.Fit::ridge).toArray());
        assertEquals(best.ridge(), chosen.ridge());
        assertEquals(best.validationR2(), chosen.validationR2(), 1e-4);
    }

    /** Contexts whose {@code log Z} is a quadratic, with its gradient. */
    private static LogPartitionContexts quadratic(double[][] A, double[] b, double c, int n, long seed) {
        int d = b.length;
        var random = new Random(seed);
        var f = new float[n][d];
        var values = new float[n];
        var gradients = new float[n][d];
        for (int row = 0; row < n; row++) {
            double value = c;
            for (int i = 0; i < d; i++) {
                f[row][i] = (float) (random.nextGaussian() * (1 + i) + i);
            }
            for (int i = 0; i < d; i++) {
                double slope = b[i];
                for (int j = 0; j < d; j++) {
                    slope += A[i][j] * f[row][j];
                }
                gradients[row][i] = (float) slope;
                value += (slope + b[i]) / 2 * f[row][i];
            }
            values[row] = (float) value;
        }
        return new LogPartitionContexts(
                f, values, gradients, IntStream.range(0, n).toArray());
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void aQuadraticIsRecovered(double weight) {
        var A = new double[][] {{1.5, 0.5, 0}, {0.5, 1, -0.25}, {0, -0.25, 0.5}};
        var b = new double[] {1, -2, 0.5};
        var contexts = quadratic(A, b, 4, 400, 1);
        var fit =
                weight == 0 ? LogPartitionFit.of(contexts, SEED) : LogPartitionFit.withGradient(contexts, weight, SEED);

        assertEquals(1, fit.validationR2(), 1e-9);
        assertEquals(4, fit.c(), 1e-2);
        assertArrayEquals(b, fit.b(), 1e-2);
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(A[i], fit.A()[i], 1e-3);
        }
        var fresh = quadratic(A, b, 4, 50, 2);
        var residuals = fit.residuals(fresh);
        assertEquals(1, residuals.r2(), 1e-8);
        assertEquals(0, residuals.mean(), 1e-2);
        assertEquals(1, fit.gradientR2(fresh).overall(), 1e-7);
        assertEquals(1, AffineRegression.of(contexts).r2(fresh).median(), 1e-9);
        assertEquals(fit.predict(fresh.f())[7], fit.predict(fresh.f()[7]), 1e-9);
        assertArrayEquals(fit.gradient(fresh.f())[7], fit.gradient(fresh.f()[7]), 1e-9);
    }

    @Test
    void theGradientIsThatOfThePrediction() {
        var fit = new LogPartitionFit(new double[][] {{2, 1}, {1, 3}}, new double[] {-1, 4}, 5, 0, 0, 0);
        float step = 1f / 64;
        var theta = new float[] {0.5f, -0.25f};
        for (int i = 0; i < 2; i++) {
            var up = theta.clone();
            var down = theta.clone();
            up[i] += step;
            down[i] -= step;
            assertEquals((fit.predict(up) - fit.predict(down)) / (2 * step), fit.gradient(theta)[i], 1e-9);
        }
        assertEquals(0.5 * (2 * 0.25 - 2 * 0.125 + 3 * 0.0625) - 0.5 - 1 + 5, fit.predict(theta), 1e-12);
    }

    /**
     * The paper's exact instance of L1: {@code Φ = a[I, -I]}, {@code f ∈ {±r e_i}}. There {@code log Z} is the same everywhere
     * (the value has no variance and only the gradient teaches), and {@code Φp_f} is linear in {@code f}.
     */
    @Test
    void theExactInstanceOfL1HasALinearConditionalMean() {
        int d = 6;
        double a = 0.8, r = 1.5;
        var f = new float[2 * d][d];
        var conditionalMean = new float[2 * d][d];
        var logPartition = new float[2 * d];
        double z = 2 * Math.cosh(a * r) + 2 * (d - 1), slope = 2 * a * Math.sinh(a * r) / z / r;
        for (int k = 0; k < 2 * d; k++) {
            int sign = k < d ? 1 : -1;
            f[k][k % d] = (float) (sign * r);
            conditionalMean[k][k % d] = (float) (sign * r * slope);
            logPartition[k] = (float) Math.log(z);
        }
        var contexts = new LogPartitionContexts(
                f, logPartition, conditionalMean, IntStream.range(0, 2 * d).toArray());

        var regression = AffineRegression.of(contexts);
        assertEquals(1, regression.r2(contexts).overall(), 1e-9);
        var quadratic =
                new LogPartitionFit(diagonal(d, slope), new double[d], Math.log(z) - slope * r * r / 2, 0, 0, 0);
        assertEquals(1, quadratic.gradientR2(contexts).overall(), 1e-9);
        for (double value : quadratic.predict(f)) {
            assertEquals(Math.log(z), value, 1e-6);
        }
        for (int i = 0; i < d; i++) {
            assertArrayEquals(quadratic.A()[i], regression.W()[i], 1e-6);
        }
        var failure = assertThrows(IllegalArgumentException.class, () -> LogPartitionFit.of(contexts, SEED));
        assertTrue(failure.getMessage().contains("log Z is the same"), failure.getMessage());
    }

    /** The exact instance at ten radii: {@code log Z} varies, and the joint fit finds both it and its gradient. */
    @Test
    void theJointFitFindsTheGradientOfTheExactInstance() {
        int d = 4;
        var contexts = exactInstance(
                d, 0.5, IntStream.range(20, 30).mapToDouble(k -> k / 100.0).toArray());
        var fit = LogPartitionFit.withGradient(contexts, 1, SEED);
        assertTrue(fit.gradientR2(contexts).overall() > 0.999, () -> "" + fit.gradientR2(contexts));
        assertTrue(fit.trainingR2() > 0.99, () -> "" + fit);
    }

    private static LogPartitionContexts exactInstance(int d, double a, double[] radii) {
        int n = 2 * d * radii.length;
        var f = new float[n][d];
        var conditionalMean = new float[n][d];
        var logPartition = new float[n];
        for (int k = 0; k < n; k++) {
            double r = radii[k / (2 * d)] * (k % (2 * d) < d ? 1 : -1);
            double z = 2 * Math.cosh(a * r) + 2 * (d - 1);
            f[k][k % d] = (float) r;
            conditionalMean[k][k % d] = (float) (2 * a * Math.sinh(a * r) / z);
            logPartition[k] = (float) Math.log(z);
        }
        return new LogPartitionContexts(
                f, logPartition, conditionalMean, IntStream.range(0, n).toArray());
    }

    private static double[][] diagonal(int d, double value) {
        var matrix = new double[d][d];
        for (int i = 0; i < d; i++) {
            matrix[i][i] = value;
        }
        return matrix;
    }

    /** A concave {@code log Z} cannot occur; noise that looks like one must not make {@code A} indefinite. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theMatrixIsSymmetricAndSemidefinite(long seed) {
        var random = new Random(seed);
        int n = 150, d = 8;
        var f = new float[n][d];
        var logPartition = new float[n];
        for (int row = 0; row < n; row++) {
            for (int i = 0; i < d; i++) {
                f[row][i] = (float) random.nextGaussian();
            }
            logPartition[row] = (float) (f[row][0] * f[row][0] - f[row][1] * f[row][1] + random.nextGaussian());
        }
        var text = IntStream.range(0, n).toArray();
        var fit = LogPartitionFit.of(new LogPartitionContexts(f, logPartition, f, text), seed);

        var A = new DMatrixRMaj(fit.A());
        double largest = 0;
        var eigen = DecompositionFactory_DDRM.eig(d, false, true);
        assertTrue(eigen.decompose(A.copy()));
        for (int k = 0; k < d; k++) {
            largest = Math.max(largest, eigen.getEigenvalue(k).getReal());
        }
        for (int k = 0; k < d; k++) {
            assertTrue(eigen.getEigenvalue(k).getReal() >= -1e-12 * largest);
        }
        assertTrue(largest > 0.1, "the convex part is found");
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                assertEquals(A.get(i, j), A.get(j, i));
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameFitAndAnotherSeedAnotherSplit() throws IOException {
        var contexts = reference().contexts();
        var first = LogPartitionFit.of(contexts, 1);
        var second = LogPartitionFit.of(contexts, 1);
        assertEquals(first.c(), second.c());
        assertArrayEquals(first.b(), second.b());
        assertTrue(LogPartitionFit.of(contexts, 2).c() != first.c());
    }

    @Test
    void residualsAreFittedMinusTrue() {
        var residuals = LogPartitionFit.Residuals.of(new double[] {1, 2, 3, 6}, new float[] {2, 2, 2, 4});
        assertEquals(0.5, residuals.mean());
        assertEquals(Math.sqrt((2.25 + 0.25 + 0.25 + 2.25) / 4), residuals.standardDeviation(), 1e-12);
        assertEquals((0.5 + 0 + 0.5 + 0.5) / 4, residuals.relativeError(), 1e-12);
        assertEquals(1 - (1 + 0 + 1 + 4) / (3 * 0.25 + 2.25), residuals.r2(), 1e-12);
        assertEquals(-1, residuals.quantiles()[0]);
        assertEquals(2, residuals.quantiles()[6]);
    }

    @Test
    void anInterruptEndsTheFit() throws IOException {
        var contexts = reference().contexts();
        Thread.currentThread().interrupt();
        assertThrows(Progress.Interrupted.class, () -> LogPartitionFit.of(contexts, SEED));
    }

    @Test
    void badContextsAreRefused() {
        var row = new float[][] {{1, 2}};
        var refusals = List.of(
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new LogPartitionContexts(row, new float[2], row, new int[1])),
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new LogPartitionContexts(row, new float[] {Float.NaN}, row, new int[1])),
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new LogPartitionContexts(row, new float[1], new float[][] {{1}}, new int[1])),
                assertThrows(
                        IllegalArgumentException.class,
                        () -> LogPartitionFit.of(new LogPartitionContexts(row, new float[1], row, new int[1]), SEED)),
                assertThrows(
                        IllegalArgumentException.class,
                        () -> LogPartitionFit.withGradient(
                                new LogPartitionContexts(row, new float[1], row, new int[1]), -1, SEED)));
        var messages = refusals.stream().map(Throwable::getMessage).toList();
        assertTrue(messages.get(0).contains("2 of log Z"), messages.get(0));
        assertTrue(messages.get(1).contains("row 0"), messages.get(1));
        assertTrue(messages.get(2).contains("row 0"), messages.get(2));
        assertTrue(messages.get(3).contains("1 texts"), messages.get(3));
        assertTrue(messages.get(4).contains("-1.0"), messages.get(4));
    }
}
