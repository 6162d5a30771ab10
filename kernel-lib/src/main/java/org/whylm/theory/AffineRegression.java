package org.whylm.theory;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.whylm.run.Engine;

/**
 * {@code θ ↦ Wθ + b}, fitted without regard to any potential: what L1's {@code Af + b}, the gradient of a fitted quadratic, is
 * compared with, and how the states behind a lower block are carried over to {@code f}.
 *
 * @param W {@code d×d}
 * @param b {@code d}
 */
public record AffineRegression(double[][] W, double[] b) {

    private static final int BLOCK = 4096;
    private static final double RELATIVE_RIDGE = 1e-8;

    /**
     * Least squares of {@code Φp_f} on {@code f} with an intercept. The features are standardised and a ridge of 10⁻⁸ keeps
     * directions without variance at zero.
     *
     * @throws ArithmeticException if the normal equations have no solution in float64
     */
    public static AffineRegression of(LogPartitionContexts contexts) {
        return NormalEquations.of(contexts.f(), contexts.conditionalMean()).solve(RELATIVE_RIDGE);
    }

    /**
     * Least squares of vectors on vectors with an intercept, where there are not examples to spare: on standardised inputs, with
     * the ridge that predicts the last fifth of the examples best when fitted to the others; it is then fitted to all.
     *
     * @param inputs {@code n×d}
     * @param targets {@code n×d}
     * @param ridges candidates, positive, in units of an input's variance
     * @throws ArithmeticException if the normal equations have no solution in float64
     * @throws IllegalArgumentException if there is no candidate, or there are fewer than five examples
     */
    public static AffineRegression validated(float[][] inputs, float[][] targets, double... ridges) {
        int n = inputs.length, fitted = n * 4 / 5;
        if (ridges.length == 0 || n < 5 || targets.length != n) {
            throw new IllegalArgumentException(ridges.length + " ridges for " + n + " inputs and " + targets.length
                    + " targets: give a ridge or more, and at least five pairs");
        }
        var equations = NormalEquations.of(Arrays.copyOf(inputs, fitted), Arrays.copyOf(targets, fitted));
        var left = Arrays.copyOfRange(inputs, fitted, n);
        var leftTargets = Arrays.copyOfRange(targets, fitted, n);
        double best = ridges[0], bestR2 = Double.NEGATIVE_INFINITY;
        for (double ridge : ridges) {
            double r2 =
                    RSquared.of(equations.solve(ridge).apply(left), leftTargets).overall();
            if (r2 > bestR2) {
                best = ridge;
                bestR2 = r2;
            }
        }
        return NormalEquations.of(inputs, targets).solve(best);
    }

    /**
     * Second moments of standardised inputs, and of them with the centred targets.
     *
     * @param gram {@code d×d}
     * @param moments {@code d×d}, a column a target
     */
    private record NormalEquations(Standardizing inputs, Standardizing targets, DMatrixRMaj gram, DMatrixRMaj moments) {

        static NormalEquations of(float[][] inputs, float[][] targets) {
            int n = inputs.length, d = inputs[0].length;
            var scaling = Standardizing.of(inputs);
            var target = Standardizing.of(targets);
            try (var manager = Engine.newManager()) {
                var x = scaling.standardized(inputs, manager);
                var y = Float64.rows(manager, targets, 0, n).subi(manager.create(target.mean()));
                var transposed = x.transpose();
                return new NormalEquations(
                        scaling,
                        target,
                        new DMatrixRMaj(d, d, true, transposed.matMul(x).divi(n).toDoubleArray()),
                        new DMatrixRMaj(d, d, true, transposed.matMul(y).divi(n).toDoubleArray()));
            }
        }

        AffineRegression solve(double ridge) {
            int d = gram.numRows;
            var shifted = gram.copy();
            for (int i = 0; i < d; i++) {
                shifted.add(i, i, ridge);
            }
            var solver = LinearSolverFactory_DDRM.chol(d);
            if (!solver.setA(shifted)) {
                throw new ArithmeticException(
                        "The covariance of the " + d + " features is not positive definite with a ridge of " + ridge);
            }
            var coefficients = new DMatrixRMaj(d, d);
            solver.solve(moments, coefficients);
            var w = new double[d][d];
            var b = targets.mean().clone();
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    w[i][j] = coefficients.get(j, i) / inputs.deviation()[j];
                    b[i] -= w[i][j] * inputs.mean()[j];
                }
            }
            return new AffineRegression(w, b);
        }
    }

    /**
     * {@code Wθ + b} of many features.
     *
     * @param f {@code n×d}
     * @return {@code n×d}
     */
    public double[][] apply(float[][] f) {
        int d = b.length;
        var images = new double[f.length][];
        try (var manager = Engine.newManager()) {
            var transposed = Float64.array(manager, flat(W), d, d).transpose();
            var intercept = manager.create(b);
            for (int from = 0; from < f.length; from += BLOCK) {
                int rows = Math.min(BLOCK, f.length - from);
                try (var scope = manager.newSubManager()) {
                    var values = Float64.rows(scope, f, from, rows)
                            .matMul(transposed)
                            .addi(intercept)
                            .toDoubleArray();
                    for (int row = 0; row < rows; row++) {
                        images[from + row] = Arrays.copyOfRange(values, row * d, (row + 1) * d);
                    }
                }
            }
        }
        return images;
    }

    /** How well it gives {@code Φp_f} at contexts. */
    public RSquared r2(LogPartitionContexts contexts) {
        return RSquared.of(apply(contexts.f()), contexts.conditionalMean());
    }

    private static double[] flat(double[][] matrix) {
        return Arrays.stream(matrix).flatMapToDouble(Arrays::stream).toArray();
    }
}
