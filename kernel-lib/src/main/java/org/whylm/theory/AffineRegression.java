package org.whylm.theory;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.simple.SimpleMatrix;
import org.whylm.objective.AffineMap;
import org.whylm.probe.Standardization;
import org.whylm.run.Engine;

/**
 * Fits an {@link AffineMap} by least squares of vectors on vectors: how much of {@code Φp_f} any affine image of {@code f}
 * explains, with no potential behind it; and how the states behind a lower block are carried over to {@code f}.
 */
public final class AffineRegression {

    private static final double RELATIVE_RIDGE = 1e-8;

    private AffineRegression() {}

    /**
     * Least squares of {@code Φp_f} on {@code f} with an intercept. The features are standardised and a ridge of 10⁻⁸ keeps
     * directions without variance at zero.
     *
     * @throws ArithmeticException if the normal equations have no solution in float64
     */
    public static AffineMap of(LogPartitionContexts contexts) {
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
    public static AffineMap validated(float[][] inputs, float[][] targets, double... ridges) {
        int n = inputs.length, fitted = n * 4 / 5;
        if (ridges.length == 0 || n < 5 || targets.length != n) {
            throw new IllegalArgumentException(ridges.length + " ridges for " + n + " inputs and " + targets.length
                    + " targets: give a ridge or more, and at least five pairs");
        }
        var equations = NormalEquations.of(Arrays.copyOf(inputs, fitted), Arrays.copyOf(targets, fitted));
        var left = Arrays.copyOfRange(inputs, fitted, n);
        var leftTargets = Arrays.copyOfRange(targets, fitted, n);
        double best = ridges[0], least = Double.POSITIVE_INFINITY;
        for (double ridge : ridges) {
            double error = squaredDistance(equations.solve(ridge).apply(left), leftTargets);
            if (error < least) {
                best = ridge;
                least = error;
            }
        }
        return NormalEquations.of(inputs, targets).solve(best);
    }

    /**
     * The affine map closest to {@code f ↦ targets} under a distribution of contexts, of least norm where that leaves a choice: for
     * the few contexts of a finite language.
     *
     * @param weights {@code S}: the weight of each pair
     * @param f {@code S×d}
     * @param targets {@code S×d}: for T3 the conditional means {@code Φp_f}
     */
    public static AffineMap leastSquares(double[] weights, double[][] f, double[][] targets) {
        var d = f[0].length;
        Vectors.requireShape("f", f, weights.length, d);
        Vectors.requireShape("targets", targets, weights.length, d);
        var inputs = Vectors.rows(f.length, s -> {
            var withOne = Arrays.copyOf(f[s], d + 1);
            withOne[d] = 1;
            return Vectors.scaled(withOne, Math.sqrt(weights[s]));
        });
        var outputs = Vectors.rows(f.length, s -> Vectors.scaled(targets[s], Math.sqrt(weights[s])));
        var solution = Embeddings.pseudoInverse(new SimpleMatrix(inputs)).mult(new SimpleMatrix(outputs));
        return new AffineMap(
                solution.extractMatrix(0, d, 0, d).transpose().toArray2(),
                Vectors.elements(solution.extractMatrix(d, d + 1, 0, d)));
    }

    private static double squaredDistance(double[][] predicted, float[][] actual) {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            for (int j = 0; j < actual[i].length; j++) {
                sum += (predicted[i][j] - actual[i][j]) * (predicted[i][j] - actual[i][j]);
            }
        }
        return sum;
    }

    /**
     * Second moments of standardised inputs, and of them with the centred targets.
     *
     * @param gram {@code d×d}
     * @param moments {@code d×d}, a column a target
     */
    private record NormalEquations(
            Standardization inputs, Standardization targets, DMatrixRMaj gram, DMatrixRMaj moments) {

        static NormalEquations of(float[][] inputs, float[][] targets) {
            int n = inputs.length, d = inputs[0].length;
            var scaling = Standardization.of(inputs);
            var target = Standardization.of(targets);
            try (var manager = Engine.newManager()) {
                var x = Engine.array(manager, scaling.rows(inputs, 0, n), n, d);
                var y = Engine.doubles(manager, i -> targets[i], 0, n).subi(manager.create(target.mean()));
                var transposed = x.transpose();
                return new NormalEquations(
                        scaling,
                        target,
                        Engine.matrix(transposed.matMul(x).divi(n)),
                        Engine.matrix(transposed.matMul(y).divi(n)));
            }
        }

        AffineMap solve(double ridge) {
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
            var A = new double[d][d];
            var b = targets.mean().clone();
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    A[i][j] = coefficients.get(j, i) / inputs.scale()[j];
                    b[i] -= A[i][j] * inputs.mean()[j];
                }
            }
            return new AffineMap(A, b);
        }
    }
}
