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
    private static final Effort SEARCH = new Effort(1e-2, 80);
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
        var eigen = SemidefiniteMatrices.eigen(covariance, d);
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
            gradients = gradients(training, rotation, manager);
            weight = gradientWeight / totalVariance(gradients);
        }
        var regression = new QuadraticRegression(manager, onAxes, variances, target, gradients, weight);
        var held = held(validation, rotation, gradientWeight, manager);
        var best = Quadratic.zero(d);
        double bestRidge = ridges[0], least = Double.POSITIVE_INFINITY;
        int stalled = 0;
        var quadratic = best;
        for (double ridge : ridges) {
            quadratic = regression.solve(ridge, quadratic, search);
            double error = held.error(quadratic, variances);
            if (error > (1 + WORTH_GOING_ON) * least) {
                break;
            }
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

    /**
     * The validation part in the coordinates of the regression.
     *
     * @param points {@code n×d}
     * @param target {@code n}
     * @param gradients {@code n×d}; null where gradients are not fitted
     * @param gradientWeight relative to the variance of the gradients
     */
    private record Held(NDArray points, float[] target, NDArray gradients, double gradientWeight) {

        /** Of values and gradients, each relative to its variance. */
        double error(Quadratic quadratic, double[] variances) {
            int d = variances.length;
            try (var pass = points.getManager().newSubManager()) {
                points.tempAttach(pass);
                var m = Float64.array(pass, quadratic.M(), d, d);
                var g = Float64.array(pass, quadratic.g(), 1, d);
                var half = points.matMul(m).divi(2);
                var values = half.add(g).muli(points).sum(new int[] {1}).toDoubleArray();
                for (int k = 0; k < d; k++) {
                    double mean = quadratic.M()[k * d + k] * variances[k] / 2;
                    for (int i = 0; i < values.length; i++) {
                        values[i] -= mean;
                    }
                }
                double error = 1 - RSquared.of(values, target);
                if (gradients != null) {
                    gradients.tempAttach(pass);
                    var misses = half.muli(2).addi(g).subi(gradients);
                    double squares = misses.square().sum().getDouble() / values.length;
                    error += gradientWeight * squares / totalVariance(gradients);
                }
                return error;
            }
        }
    }

    private Held held(LogPartitionContexts validation, NDArray rotation, double gradientWeight, NDManager manager) {
        var target = new float[validation.logPartition().length];
        for (int i = 0; i < target.length; i++) {
            target[i] = (float) ((validation.logPartition()[i] - mean) / deviation);
        }
        var points = scaling.standardized(validation.f(), manager).matMul(rotation);
        return new Held(
                points, target, gradientWeight == 0 ? null : gradients(validation, rotation, manager), gradientWeight);
    }

    /** {@code Φp_f} per deviation of the features, on the axes: {@code n×d}. */
    private NDArray gradients(LogPartitionContexts contexts, NDArray rotation, NDManager manager) {
        return Float64.rows(manager, contexts.conditionalMean(), 0, contexts.f().length)
                .muli(manager.create(scaling.deviation()))
                .divi(deviation)
                .matMul(rotation);
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

    /** The quadratic in the features' own coordinates, its constant by the mean of the training part. */
    private LogPartitionFit inFeatures(
            Quadratic quadratic, double ridge, LogPartitionContexts training, LogPartitionContexts validation) {
        int d = variances.length;
        var A = new double[d][d];
        var b = new double[d];
        try (var manager = Engine.newManager()) {
            var rotation = Float64.array(manager, axes, d, d);
            var semidefinite = SemidefiniteMatrices.exactlyNearest(quadratic.M(), d);
            var m = rotation.matMul(Float64.array(manager, semidefinite, d, d))
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
