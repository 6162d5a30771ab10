package org.whylm.theory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import org.whylm.objective.AffineMap;
import org.whylm.run.Engine;
import org.whylm.theory.LogPartitionFit.Form;
import org.whylm.theory.QuadraticRegression.Effort;

/** The fits behind {@link LogPartitionFit}: from contexts to regressions in the coordinates of their principal axes, and back. */
final class LogPartitionRegression {

    private static final double[] RIDGES = {1e3, 1e2, 1e1, 1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6};
    private static final Effort SEARCH = new Effort(1e-2, 80);
    private static final Effort FINAL = new Effort(1e-3, 60);
    private static final double WORTH_GOING_ON = 0.01;
    private static final int TEXTS_A_VALIDATION_TEXT = 5;

    /** A standard deviation below this part of the mean size of {@code log Z} is that of rounding in float32. */
    private static final double ROUNDING = 1e-5;

    private final LogPartitionContexts training;
    private final PrincipalAxes axes;
    private final double mean;
    private final double deviation;
    private final NDArray points;
    private final double[] target;
    private final NDArray held;
    private final double[] heldTarget;
    private double linearRidge;

    private LogPartitionRegression(LogPartitionContexts training, LogPartitionContexts validation, NDManager manager) {
        this.training = training;
        target = training.centredLogPartition();
        mean = Vectors.sum(target) / target.length;
        double spread = 0, size = 0;
        for (int i = 0; i < target.length; i++) {
            spread += (target[i] - mean) * (target[i] - mean);
            size += Math.abs(training.logPartition()[i]);
        }
        double measured = Math.sqrt(spread / target.length);
        deviation = measured <= ROUNDING * size / target.length ? 0 : measured;
        heldTarget = validation.centredLogPartition();
        Arrays.setAll(target, i -> standardized(target[i]));
        Arrays.setAll(heldTarget, i -> standardized(heldTarget[i]));
        axes = PrincipalAxes.of(training.f());
        points = axes.coordinates(training.f(), manager);
        held = axes.coordinates(validation.f(), manager);
    }

    private double standardized(double value) {
        return deviation == 0 ? 0 : (value - mean) / deviation;
    }

    static Map<Form, LogPartitionFit> all(LogPartitionContexts contexts, double[][] covariance, long seed) {
        var heldOut = heldOutTexts(contexts.text(), seed);
        return all(
                contexts.ofTexts(text -> !heldOut.contains(text)),
                contexts.ofTexts(heldOut::contains),
                covariance,
                Form.AXES,
                SEARCH,
                FINAL,
                RIDGES);
    }

    /**
     * @param rank the most that the low rank may be
     * @param search for each ridge
     * @param last for the chosen ridge, from the solution of the search on
     * @param ridges from the largest on
     */
    static Map<Form, LogPartitionFit> all(
            LogPartitionContexts training,
            LogPartitionContexts validation,
            double[][] covariance,
            int rank,
            Effort search,
            Effort last,
            double... ridges) {
        try (var manager = Engine.newManager()) {
            var regression = new LogPartitionRegression(training, validation, manager);
            var fits = new EnumMap<Form, LogPartitionFit>(Form.class);
            int d = covariance.length;
            for (var form : Form.values()) {
                fits.put(
                        form,
                        switch (form) {
                            case CONSTANT -> regression.withoutSlope(form, new double[d][d]);
                            case COVARIANCE -> regression.withoutSlope(form, covariance);
                            case LINEAR -> regression.linear(ridges);
                            case ISOTROPIC, DIAGONAL -> regression.diagonal(form, ridges);
                            case LOW_RANK -> regression.semidefinite(form, Math.min(rank, d), search, last, ridges);
                            case FULL -> regression.semidefinite(form, d, search, last, ridges);
                        });
            }
            return fits;
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

    private LogPartitionFit withoutSlope(Form form, double[][] A) {
        return withConstant(form, new AffineMap(A, training.mu()), 0);
    }

    private LogPartitionFit linear(double[] ridges) {
        int d = axes.dimension();
        double least = Double.POSITIVE_INFINITY;
        for (double ridge : ridges) {
            double error = error(new double[d * d], slope(new double[d * d], ridge));
            if (error < least) {
                least = error;
                linearRidge = ridge;
            }
        }
        return inFeatures(Form.LINEAR, new double[d * d], linearRidge);
    }

    private LogPartitionFit diagonal(Form form, double[] ridges) {
        var columns = SquaredComponents.of(this);
        var M = alongRidges(ridges, (ridge, start) -> axes.ofDiagonal(columns.solve(form, ridge)));
        return inFeatures(form, M.matrix(), M.ridge());
    }

    private LogPartitionFit semidefinite(Form form, int rank, Effort search, Effort last, double[] ridges) {
        try (var manager = points.getManager().newSubManager()) {
            var regression = new QuadraticRegression(manager, points, axes.variances(), linearRidge, target, rank);
            var M = alongRidges(ridges, (ridge, start) -> regression.solve(ridge, start, search));
            var solved =
                    M.ridge() == Double.POSITIVE_INFINITY ? M.matrix() : regression.solve(M.ridge(), M.matrix(), last);
            return inFeatures(form, SemidefiniteMatrices.exactlyNearest(solved, axes.dimension()), M.ridge());
        }
    }

    /**
     * @param matrix {@code d×d} on the axes, row-major
     * @param ridge that it was found with
     */
    private record Chosen(double[] matrix, double ridge) {}

    /** The matrix that does best on the validation part; 0 if none does better than the linear function by a hundredth. */
    private Chosen alongRidges(double[] ridges, BiFunction<Double, double[], double[]> solver) {
        int d = axes.dimension();
        var M = new double[d * d];
        var best = new Chosen(M, Double.POSITIVE_INFINITY);
        double linear = error(M, slope(M, linearRidge)), least = linear;
        int stalled = 0;
        for (double ridge : ridges) {
            M = solver.apply(ridge, M);
            double error = error(M, slope(M, linearRidge));
            if (error > (1 + WORTH_GOING_ON) * least) {
                break;
            }
            stalled = error < (1 - WORTH_GOING_ON) * least ? 0 : stalled + 1;
            least = Math.min(error, least);
            boolean quadratic = least < (1 - WORTH_GOING_ON) * linear;
            if (quadratic && error == least) {
                best = new Chosen(M, ridge);
            }
            if (quadratic && stalled == 2) {
                break;
            }
        }
        return best;
    }

    /** {@code ½xᵀMx} at points, {@code n}, less its mean at the training points. */
    private double[] quadraticValues(double[] M, NDArray at) {
        int d = axes.dimension();
        var values = QuadraticRegression.halfSquares(at, M, d);
        double meanThere = 0;
        for (int k = 0; k < d; k++) {
            meanThere += M[k * d + k] * axes.variances()[k] / 2;
        }
        for (int i = 0; i < values.length; i++) {
            values[i] -= meanThere;
        }
        return values;
    }

    /** The linear function that goes best with {@code ½xᵀMx}: {@code d} slopes on the axes. */
    private double[] slope(double[] M, double ridge) {
        return QuadraticRegression.slope(
                points, axes.variances(), ridge, Vectors.minus(target, quadraticValues(M, points)));
    }

    /** Mean squared error on the validation part. */
    private double error(double[] M, double[] slope) {
        var left = Vectors.minus(heldTarget, quadraticValues(M, held));
        left = Vectors.minus(left, QuadraticRegression.linearValues(held, slope));
        return Vectors.dot(left, left) / left.length;
    }

    /** The quadratic in the features' own coordinates. */
    private LogPartitionFit inFeatures(Form form, double[] M, double ridge) {
        var standardized = axes.inFeatures(M, slope(M, linearRidge), deviation);
        var b = standardized.b();
        for (int i = 0; i < b.length; i++) {
            b[i] += training.mu()[i];
        }
        return withConstant(form, new AffineMap(standardized.A(), b), ridge);
    }

    /** With the constant that makes the mean of the training part right. */
    private LogPartitionFit withConstant(Form form, AffineMap gradient, double ridge) {
        var without = new LogPartitionFit(form, gradient, 0, ridge).predict(training.f());
        double missing = 0;
        for (int i = 0; i < without.length; i++) {
            missing += training.logPartition()[i] - without[i];
        }
        return new LogPartitionFit(form, gradient, missing / without.length, ridge);
    }

    /**
     * The normal equations of {@code log Z} on {@code ½zᵢ²}, the squares of the standardised features, with the linear functions
     * minimised out.
     *
     * @param gram {@code d×d}, row-major
     * @param moments {@code d}
     * @param variances {@code d}, of the features, of mean 1
     */
    private record SquaredComponents(double[] gram, double[] moments, double[] variances) {

        private static final int SWEEPS = 10_000;
        private static final double CONVERGED = 1e-9;

        static SquaredComponents of(LogPartitionRegression it) {
            int d = it.axes.dimension(), n = it.target.length;
            try (var scope = it.points.getManager().newSubManager()) {
                it.points.tempAttach(scope);
                var x = it.points.toType(DataType.FLOAT64, true);
                var rotation = Engine.array(scope, it.axes.rotation(), d, d);
                var squares = x.matMul(rotation.transpose()).square().divi(2);
                squares.subi(squares.mean(new int[] {0}));
                var y = Engine.array(scope, it.target, n, 1);
                var cross = x.transpose().matMul(squares).divi(n);
                var shrunk = cross.div(
                        scope.create(it.axes.variances()).add(it.linearRidge).reshape(d, 1));
                var gram = squares.transpose()
                        .matMul(squares)
                        .divi(n)
                        .subi(cross.transpose().matMul(shrunk));
                var linear = x.transpose().matMul(y).divi(n);
                var moments = squares.transpose()
                        .matMul(y)
                        .divi(n)
                        .subi(shrunk.transpose().matMul(linear));
                var deviation = it.axes.scaling().scale();
                double mean = Vectors.dot(deviation, deviation) / d;
                var variances = Arrays.stream(deviation).map(s -> s * s / mean).toArray();
                return new SquaredComponents(gram.toDoubleArray(), moments.toDoubleArray(), variances);
            }
        }

        /** The diagonal of {@code A} in standardised features, {@code d}. */
        double[] solve(Form form, double ridge) {
            return form == Form.ISOTROPIC ? isotropic(ridge) : diagonal(ridge);
        }

        private double[] isotropic(double ridge) {
            double bend = ridge * Vectors.dot(variances, variances);
            for (int i = 0; i < variances.length; i++) {
                bend += variances[i] * Vectors.dot(row(i), variances);
            }
            return Vectors.scaled(variances, Math.max(0, Vectors.dot(moments, variances) / bend));
        }

        /** Least squares without negative coefficients, one coordinate after the other until none moves. */
        private double[] diagonal(double ridge) {
            int d = moments.length;
            var a = new double[d];
            var slope = Vectors.scaled(moments, -1);
            for (int sweep = 0; sweep < SWEEPS; sweep++) {
                double largest = 0;
                for (int i = 0; i < d; i++) {
                    double moved = Math.max(0, a[i] - (slope[i] + ridge * a[i]) / (gram[i * d + i] + ridge)) - a[i];
                    if (moved != 0) {
                        a[i] += moved;
                        for (int j = 0; j < d; j++) {
                            slope[j] += moved * gram[i * d + j];
                        }
                        largest = Math.max(largest, Math.abs(moved));
                    }
                }
                if (largest <= CONVERGED * Vectors.normInfinity(a)) {
                    break;
                }
            }
            return a;
        }

        private double[] row(int i) {
            int d = moments.length;
            return Arrays.copyOfRange(gram, i * d, (i + 1) * d);
        }
    }
}
