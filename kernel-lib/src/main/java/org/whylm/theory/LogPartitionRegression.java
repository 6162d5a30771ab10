package org.whylm.theory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.whylm.run.Engine;
import org.whylm.theory.QuadraticRegression.Effort;
import org.whylm.theory.QuadraticRegression.Quadratic;

/**
 * The fit behind {@link LogPartitionFit}: from contexts to a regression in the coordinates of their principal axes, and back.
 *
 * @param scaling of the training features
 * @param axes {@code d×d}, row-major: column {@code k} is the {@code k}-th principal axis of the standardised features
 * @param variances {@code d}, along the axes
 * @param mean of {@code log Z}
 * @param deviation standard deviation of {@code log Z}
 */
record LogPartitionRegression(Standardizing scaling, double[] axes, double[] variances, double mean, double deviation) {

    private static final double[] RIDGES = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6};
    private static final Effort SEARCH = new Effort(2e-2, 20);
    private static final Effort FINAL = new Effort(1e-3, 60);
    private static final double WORTH_GOING_ON = 0.01;
    private static final int TEXTS_A_VALIDATION_TEXT = 5;

    static LogPartitionFit fit(LogPartitionContexts contexts, double gradientWeight, long seed) {
        var held = heldOutTexts(contexts.text(), seed);
        return fit(
                contexts.ofTexts(text -> !held.contains(text)),
                contexts.ofTexts(held::contains),
                gradientWeight,
                SEARCH,
                FINAL,
                RIDGES);
    }

    /**
     * @param gradientWeight 0 to fit {@code log Z} alone
     * @param search for each ridge
     * @param last for the chosen ridge, from the solution of the search on
     * @param ridges from the largest on
     */
    static LogPartitionFit fit(
            LogPartitionContexts training,
            LogPartitionContexts validation,
            double gradientWeight,
            Effort search,
            Effort last,
            double... ridges) {
        try (var manager = Engine.newManager()) {
            var standardized = Standardizing.of(training.f());
            var points = standardized.standardized(training.f(), manager);
            var regression = of(standardized, points, training.logPartition());
            return regression.alongRidges(points, training, validation, gradientWeight, search, last, ridges, manager);
        }
    }

    private static Set<Integer> heldOutTexts(int[] text, long seed) {
        var texts =
                new ArrayList<>(Arrays.stream(text).distinct().sorted().boxed().toList());
        if (texts.size() < TEXTS_A_VALIDATION_TEXT) {
            throw new IllegalArgumentException("The contexts are of " + texts.size() + " texts, expected at least "
                    + TEXTS_A_VALIDATION_TEXT + ": a fifth of the texts is kept for validation");
        }
        Collections.shuffle(texts, new Random(seed));
        return new HashSet<>(texts.subList(0, texts.size() / TEXTS_A_VALIDATION_TEXT));
    }

    private static LogPartitionRegression of(Standardizing scaling, NDArray points, float[] logPartition) {
        int d = scaling.mean().length;
        var spread = Standardizing.of(column(logPartition));
        double mean = spread.mean()[0], deviation = spread.deviation()[0];
        if (Arrays.equals(logPartition, repeated(logPartition[0], logPartition.length))) {
            throw new IllegalArgumentException("log Z is the same, " + logPartition[0] + ", at all training contexts");
        }
        var covariance =
                points.transpose().matMul(points).divi(logPartition.length).toDoubleArray();
        var eigen = QuadraticRegression.eigen(covariance, d);
        var axes = new double[d * d];
        var variances = new double[d];
        for (int k = 0; k < d; k++) {
            variances[k] = Math.max(0, eigen.getEigenvalue(k).getReal());
            var axis = eigen.getEigenVector(k);
            for (int i = 0; i < d; i++) {
                axes[i * d + k] = axis.get(i);
            }
        }
        return new LogPartitionRegression(scaling, axes, variances, mean, deviation);
    }

    private static float[][] column(float[] values) {
        var column = new float[values.length][1];
        for (int i = 0; i < values.length; i++) {
            column[i][0] = values[i];
        }
        return column;
    }

    private static float[] repeated(float value, int count) {
        var values = new float[count];
        Arrays.fill(values, value);
        return values;
    }

    private LogPartitionFit alongRidges(
            NDArray points,
            LogPartitionContexts training,
            LogPartitionContexts validation,
            double gradientWeight,
            Effort search,
            Effort last,
            double[] ridges,
            NDManager manager) {
        int d = variances.length;
        var rotation = Float64.array(manager, axes, d, d);
        var onAxes = points.matMul(rotation);
        points.close();
        var target = new double[training.logPartition().length];
        Arrays.setAll(target, i -> (training.logPartition()[i] - mean) / deviation);
        NDArray gradients = null;
        double weight = 0;
        if (gradientWeight > 0) {
            gradients = Float64.rows(manager, training.conditionalMean(), 0, target.length)
                    .muli(manager.create(scaling.deviation()))
                    .divi(deviation)
                    .matMul(rotation);
            weight = gradientWeight / totalVariance(gradients);
        }
        var regression = new QuadraticRegression(manager, onAxes, variances, target, gradients, weight);
        var best = Quadratic.zero(d);
        double bestRidge = ridges[0], least = Double.POSITIVE_INFINITY;
        int stalled = 0;
        var quadratic = best;
        for (double ridge : ridges) {
            quadratic = regression.solve(ridge, quadratic, search);
            double error = error(inFeatures(quadratic, ridge, training, validation), validation, gradientWeight);
            stalled = error < (1 - WORTH_GOING_ON) * least ? 0 : stalled + 1;
            if (error < least) {
                least = error;
                best = quadratic;
                bestRidge = ridge;
            }
            if (stalled == 2) {
                break;
            }
        }
        return inFeatures(regression.solve(bestRidge, best, last), bestRidge, training, validation);
    }

    private double error(LogPartitionFit fit, LogPartitionContexts validation, double gradientWeight) {
        double error = 1 - fit.validationR2();
        return gradientWeight == 0 ? error : error + gradientWeight * gradientError(fit, validation);
    }

    private static double totalVariance(NDArray rows) {
        try (var scope = rows.getManager().newSubManager()) {
            var mean = rows.mean(new int[] {0}, true);
            mean.attach(scope);
            var centred = rows.sub(mean);
            centred.attach(scope);
            return centred.square().sum().getDouble() / rows.getShape().get(0);
        }
    }

    /** Squared distance of {@code Aθ + b} from {@code Φp_f} per deviation of the features, relative to the variance. */
    private double gradientError(LogPartitionFit fit, LogPartitionContexts contexts) {
        var scaled = scaled(contexts.conditionalMean());
        var fitted = fit.gradient(contexts.f());
        for (var row : fitted) {
            for (int j = 0; j < row.length; j++) {
                row[j] *= scaling.deviation()[j];
            }
        }
        return 1 - RSquared.of(fitted, scaled).overall();
    }

    private float[][] scaled(float[][] rows) {
        var scaled = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            scaled[i] = rows[i].clone();
            for (int j = 0; j < scaled[i].length; j++) {
                scaled[i][j] *= (float) scaling.deviation()[j];
            }
        }
        return scaled;
    }

    /** The quadratic in the features' own coordinates, its constant by the mean of the training part. */
    private LogPartitionFit inFeatures(
            Quadratic quadratic, double ridge, LogPartitionContexts training, LogPartitionContexts validation) {
        int d = variances.length;
        var A = new double[d][d];
        var b = new double[d];
        try (var manager = Engine.newManager()) {
            var rotation = Float64.array(manager, axes, d, d);
            var m = rotation.matMul(Float64.array(manager, quadratic.M(), d, d))
                    .matMul(rotation.transpose())
                    .toDoubleArray();
            var g = rotation.matMul(Float64.array(manager, quadratic.g(), d, 1)).toDoubleArray();
            for (int i = 0; i < d; i++) {
                b[i] = deviation * g[i] / scaling.deviation()[i];
                for (int j = 0; j < d; j++) {
                    A[i][j] = deviation
                            * (m[i * d + j] + m[j * d + i])
                            / (2 * scaling.deviation()[i] * scaling.deviation()[j]);
                }
                for (int j = 0; j < d; j++) {
                    b[i] -= A[i][j] * scaling.mean()[j];
                }
            }
        }
        var uncentred = new LogPartitionFit(A, b, 0, ridge, Double.NaN, Double.NaN).predict(training.f());
        double c = mean - Arrays.stream(uncentred).average().orElseThrow();
        var fit = new LogPartitionFit(A, b, c, ridge, Double.NaN, Double.NaN);
        return new LogPartitionFit(
                A,
                b,
                c,
                ridge,
                RSquared.of(fit.predict(training.f()), training.logPartition()),
                RSquared.of(fit.predict(validation.f()), validation.logPartition()));
    }
}
