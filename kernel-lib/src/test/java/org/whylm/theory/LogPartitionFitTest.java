package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.whylm.objective.AffineMap;
import org.whylm.run.Progress;
import org.whylm.theory.LogPartitionFit.Form;
import org.whylm.theory.QuadraticRegression.Effort;

/** The paper's log-partition figure: fits of {@code ½θᵀAθ + b·θ + c} to {@code log Z_θ}, and L1. */
class LogPartitionFitTest {

    private static final long SEED = 3;
    private static final Effort EXACT = new Effort(1e-7, 2_000);

    /** Made by {@code log-partition-fit.py} beside it, with NumPy and SciPy. */
    record Reference(
            int[] text,
            Set<Integer> validation,
            float[][] f,
            float[] logPartition,
            float[][] conditionalMean,
            double[] mu,
            double[][] covariance,
            int rank,
            List<Fit> fits) {

        record Fit(
                Form form,
                double ridge,
                double linearRidge,
                double[][] A,
                double[] b,
                double c,
                double r2,
                double gradientR2) {}

        LogPartitionContexts contexts() {
            return new LogPartitionContexts(f, logPartition, conditionalMean, text, mu);
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
    void everyFormAgreesWithAnIndependentFit() throws IOException {
        var reference = reference();
        var at = new HashMap<Double, Map<Form, LogPartitionFit>>();
        assertEquals(12, reference.fits().size());
        for (var expected : reference.fits()) {
            double ridge = expected.ridge() == 0 ? 1e-3 : expected.ridge();
            var fits = at.computeIfAbsent(
                    ridge,
                    r -> LogPartitionRegression.all(
                            reference.training(),
                            reference.held(),
                            reference.covariance(),
                            reference.rank(),
                            EXACT,
                            EXACT,
                            r));
            var fit = fits.get(expected.form());
            var where = expected.form() + " at " + ridge;
            assertEquals(expected.ridge(), fit.ridge(), where);
            assertEquals(expected.r2(), fit.errors(reference.held()).r2(SEED).value(), 1e-4, where);
            assertEquals(
                    expected.gradientR2(),
                    reference.held().errors(fit.gradient()).r2(SEED).value(),
                    1e-3,
                    where);
            assertEquals(expected.c(), fit.c(), 2e-3, where);
            assertArrayEquals(expected.b(), fit.gradient().b(), 2e-3, where);
            for (int i = 0; i < expected.b().length; i++) {
                assertArrayEquals(expected.A()[i], fit.gradient().A()[i], 2e-3, where);
            }
        }
    }

    @Test
    void theRidgeIsTheOneThatDoesBestOnTheValidationPart() throws IOException {
        var reference = reference();
        var chosen = LogPartitionRegression.all(
                reference.training(), reference.held(), reference.covariance(), 2, EXACT, EXACT, 1e-1, 1e-3);
        assertEquals(1e-1, chosen.get(Form.LINEAR).ridge());
        assertEquals(1e-3, chosen.get(Form.FULL).ridge());
        assertTrue(chosen.get(Form.FULL).errors(reference.held()).r2(SEED).value() > 0.92);
    }

    /** A language model of few words, every quantity from its softmax: {@code f} is drawn, a text has three contexts. */
    private static LogPartitionContexts contexts(Embeddings phi, double[][] f) {
        var features = new float[f.length][phi.dimension()];
        var logPartition = new float[f.length];
        var conditionalMean = new float[f.length][phi.dimension()];
        for (int row = 0; row < f.length; row++) {
            logPartition[row] = (float) phi.logPartition(f[row]);
            var mean = phi.conditionalMean(phi.softmax(f[row]));
            for (int i = 0; i < phi.dimension(); i++) {
                features[row][i] = (float) f[row][i];
                conditionalMean[row][i] = (float) mean[i];
            }
        }
        var text = IntStream.range(0, f.length).map(row -> row / 3).toArray();
        return new LogPartitionContexts(features, logPartition, conditionalMean, text, mean(phi));
    }

    private static double[] mean(Embeddings phi) {
        return Arrays.stream(phi.phi())
                .mapToDouble(row -> Vectors.sum(row) / row.length)
                .toArray();
    }

    private static double[][] covariance(Embeddings phi) {
        var mean = mean(phi);
        var sigma = new double[mean.length][mean.length];
        for (int i = 0; i < mean.length; i++) {
            for (int j = 0; j < mean.length; j++) {
                for (int w = 0; w < phi.vocabulary(); w++) {
                    sigma[i][j] += (phi.phi()[i][w] - mean[i]) * (phi.phi()[j][w] - mean[j]) / phi.vocabulary();
                }
            }
        }
        return sigma;
    }

    private static Embeddings shifted(Embeddings phi, double... by) {
        var moved = Vectors.copy(phi.phi());
        for (int i = 0; i < moved.length; i++) {
            for (int w = 0; w < moved[i].length; w++) {
                moved[i][w] += by[i];
            }
        }
        return new Embeddings(moved);
    }

    /** How much of what a linear function leaves the full quadratic explains: the statistic of the notebook's claim. */
    private static double beyondLinear(Map<Form, LogPartitionFit> fits, LogPartitionContexts at) {
        return fits.get(Form.FULL)
                .errors(at)
                .shareBeyond(fits.get(Form.LINEAR).errors(at), SEED)
                .value();
    }

    /** One vector added to every {@code φ_w} changes no prediction, and so no number of the table. */
    @Test
    void aVectorAddedToEveryEmbeddingChangesNothing() {
        var sampler = new Sampler(5);
        var phi = sampler.embeddings(4, 30, 0.7);
        var f = sampler.gaussian(300, 4, 1);
        var fresh = sampler.gaussian(90, 4, 1);
        var other = shifted(phi, 3, -2, 0.5, 1);
        var fits = LogPartitionFit.all(contexts(phi, f), covariance(phi), SEED);
        var moved = LogPartitionFit.all(contexts(other, f), covariance(other), SEED);
        for (var form : Form.values()) {
            var before = fits.get(form).errors(contexts(phi, fresh));
            var after = moved.get(form).errors(contexts(other, fresh));
            assertEquals(before.r2(SEED).value(), after.r2(SEED).value(), 1e-4, form.label());
            assertEquals(
                    contexts(phi, fresh)
                            .errors(fits.get(form).gradient())
                            .r2(SEED)
                            .value(),
                    contexts(other, fresh)
                            .errors(moved.get(form).gradient())
                            .r2(SEED)
                            .value(),
                    1e-3,
                    form.label());
            assertEquals(fits.get(form).ridge(), moved.get(form).ridge(), form.label());
        }
        assertEquals(beyondLinear(fits, contexts(phi, fresh)), beyondLinear(moved, contexts(other, fresh)), 1e-3);
        assertTrue(beyondLinear(fits, contexts(phi, fresh)) > 0.5, "this one is nearly quadratic");
    }

    /** All {@code φ_w} equal: {@code log Z = u·θ + log V}. A linear function, and after centring a constant. */
    @Test
    void equalEmbeddingsDoNotPassAsQuadratic() {
        var sampler = new Sampler(6);
        var phi = shifted(new Embeddings(new double[3][20]), 2, -1, 0.5);
        var f = sampler.gaussian(240, 3, 2);
        var fresh = contexts(phi, sampler.gaussian(90, 3, 2));
        var fits = LogPartitionFit.all(contexts(phi, f), covariance(phi), SEED);
        assertEquals(0, beyondLinear(fits, fresh), 1e-3);
        for (var row : fits.get(Form.FULL).gradient().A()) {
            assertArrayEquals(new double[3], row);
        }
    }

    /** {@code log Z} linear where features occur, with a slope that is not {@code μ}: one word has all of the probability there. */
    @Test
    void aLinearLogPartitionDoesNotPassAsQuadratic() {
        var sampler = new Sampler(7);
        var phi = new Embeddings(new double[][] {{60, 0, -60, 5}, {0, 60, 3, -60}});
        var f = sampler.gaussian(300, 2, 0.3);
        for (var row : f) {
            row[0] += 4;
        }
        var contexts = contexts(phi, f);
        var fits = LogPartitionFit.all(contexts, covariance(phi), SEED);
        assertEquals(1, fits.get(Form.LINEAR).errors(contexts).r2(SEED).value(), 1e-6);
        assertEquals(1, fits.get(Form.FULL).errors(contexts).r2(SEED).value(), 1e-6, "a good fit alone says nothing");
        assertEquals(0, beyondLinear(fits, contexts), 0.05);
    }

    /**
     * The paper's exact instance of L1, {@code Φ = a[I, -I]}, {@code f ∈ {±r e_i}}, at several radii: {@code log Z} is a function of
     * the radius, to rounding the quadratic {@code ½k‖f‖² + c} for small {@code r}, and {@code Φp_f ≈ kf}.
     */
    @Test
    void theExactInstancePassesAsQuadratic() {
        int d = 4;
        var f = new double[60 * 2 * d][];
        for (int row = 0; row < f.length; row++) {
            var instance = QuadraticPartition.of(d, 0.5, 0.2 + 0.005 * (row / (2 * d)));
            f[row] = instance.f()[row % (2 * d)];
        }
        var phi = QuadraticPartition.of(d, 0.5, 1).phi();
        var contexts = contexts(phi, f);
        var fits = LogPartitionFit.all(contexts, covariance(phi), SEED);
        assertTrue(beyondLinear(fits, contexts) > 0.99, () -> "" + beyondLinear(fits, contexts));
        assertTrue(fits.get(Form.LINEAR).errors(contexts).r2(SEED).value() < 0.01);
        for (var form : List.of(Form.ISOTROPIC, Form.DIAGONAL, Form.LOW_RANK, Form.FULL)) {
            assertTrue(fits.get(form).errors(contexts).r2(SEED).value() > 0.99, form.label());
            assertTrue(contexts.errors(fits.get(form).gradient()).r2(SEED).value() > 0.99, form.label());
        }
        assertTrue(contexts.errors(AffineRegression.of(contexts)).r2(SEED).value() > 0.999);
    }

    /** At one radius {@code log Z} is the same everywhere, which only L1's consequence can tell from a linear function. */
    @Test
    void atOneRadiusTheConditionalMeanIsLinear() {
        var instance = QuadraticPartition.of(6, 0.8, 1.5);
        var contexts = contexts(instance.phi(), instance.f());
        var regression = AffineRegression.of(contexts);
        assertEquals(1, contexts.errors(regression).r2(SEED).value(), 1e-9);
        for (int i = 0; i < 6; i++) {
            assertArrayEquals(instance.gradient().A()[i], regression.A()[i], 1e-6);
        }
    }

    @Test
    void theGradientIsThatOfThePrediction() {
        var fit = new LogPartitionFit(
                Form.FULL, new AffineMap(new double[][] {{2, 1}, {1, 3}}, new double[] {-1, 4}), 5, 0);
        float step = 1f / 64;
        var theta = new float[] {0.5f, -0.25f};
        for (int i = 0; i < 2; i++) {
            var up = theta.clone();
            var down = theta.clone();
            up[i] += step;
            down[i] -= step;
            var values = fit.predict(new float[][] {up, down});
            assertEquals((values[0] - values[1]) / (2 * step), fit.gradient().apply(new float[][] {theta})[0][i], 1e-9);
        }
        assertEquals(
                0.5 * (2 * 0.25 - 2 * 0.125 + 3 * 0.0625) - 0.5 - 1 + 5, fit.predict(new float[][] {theta})[0], 1e-12);
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
        var fits = LogPartitionFit.all(
                new LogPartitionContexts(f, logPartition, f, text, new double[d]), new double[d][d], seed);
        for (var form : List.of(Form.DIAGONAL, Form.FULL)) {
            var A = new DMatrixRMaj(fits.get(form).gradient().A());
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
    }

    @Test
    void theSameSeedGivesTheSameFitAndAnotherSeedAnotherSplit() throws IOException {
        var reference = reference();
        var first = LogPartitionFit.all(reference.contexts(), reference.covariance(), 1);
        var second = LogPartitionFit.all(reference.contexts(), reference.covariance(), 1);
        var other = LogPartitionFit.all(reference.contexts(), reference.covariance(), 2);
        for (var form : Form.values()) {
            assertEquals(first.get(form).c(), second.get(form).c());
            assertArrayEquals(
                    first.get(form).gradient().b(), second.get(form).gradient().b());
            assertTrue(other.get(form).c() != first.get(form).c());
        }
    }

    /** Independent: {@code d(d+1)/2 + d + 1} is 166,753 at d = 576 (the count). */
    @Test
    void parametersAreCounted() {
        assertEquals(1, Form.CONSTANT.parameters(576));
        assertEquals(577, Form.LINEAR.parameters(576));
        assertEquals(1, Form.COVARIANCE.parameters(576));
        assertEquals(578, Form.ISOTROPIC.parameters(576));
        assertEquals(1153, Form.DIAGONAL.parameters(576));
        assertEquals(64 * 65 / 2 + 577, Form.LOW_RANK.parameters(576));
        assertEquals(166_753, Form.FULL.parameters(576));
    }

    @Test
    void errorsAreSummedByText() {
        var errors = TextErrors.of(new double[] {1, 2, 3, 4}, new double[] {5, 5, 5, 5}, new int[] {7, 2, 7, 2});
        assertArrayEquals(new double[] {6, 4}, errors.error());
        assertArrayEquals(new double[] {10, 10}, errors.spread());
        assertEquals(0.5, errors.r2(SEED).value());
        var worse = TextErrors.of(new double[] {4, 4, 4, 4}, new double[] {5, 5, 5, 5}, new int[] {7, 2, 7, 2});
        assertEquals(1 - 10.0 / 16, errors.shareBeyond(worse, SEED).value());
        assertEquals(0.3, errors.gainOver(worse, SEED).value(), 1e-15);
    }

    @Test
    void anInterruptEndsTheFit() throws IOException {
        var reference = reference();
        Thread.currentThread().interrupt();
        assertThrows(
                Progress.Interrupted.class,
                () -> LogPartitionFit.all(reference.contexts(), reference.covariance(), SEED));
    }

    @Test
    void badContextsAreRefused() {
        var row = new float[][] {{1, 2}};
        var mu = new double[2];
        var refusals = List.of(
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new LogPartitionContexts(row, new float[2], row, new int[1], mu)),
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new LogPartitionContexts(row, new float[] {Float.NaN}, row, new int[1], mu)),
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new LogPartitionContexts(row, new float[1], new float[][] {{1}}, new int[1], mu)),
                assertThrows(
                        IllegalArgumentException.class,
                        () -> LogPartitionFit.all(
                                new LogPartitionContexts(row, new float[1], row, new int[1], mu),
                                new double[2][2],
                                SEED)));
        var messages = refusals.stream().map(Throwable::getMessage).toList();
        assertTrue(messages.get(0).contains("2 of log Z"), messages.get(0));
        assertTrue(messages.get(1).contains("row 0"), messages.get(1));
        assertTrue(messages.get(2).contains("row 0"), messages.get(2));
        assertTrue(messages.get(3).contains("1 texts"), messages.get(3));
    }
}
