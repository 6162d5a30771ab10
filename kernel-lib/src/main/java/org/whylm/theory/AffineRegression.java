package org.whylm.theory;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.whylm.run.Engine;

/**
 * {@code θ ↦ Wθ + b}, fitted without regard to any potential: what L1's {@code Af + b}, the gradient of a fitted quadratic, is
 * compared with.
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
        int d = contexts.dimension(), n = contexts.f().length;
        var scaling = Standardizing.of(contexts.f());
        try (var manager = Engine.newManager()) {
            var x = scaling.standardized(contexts.f(), manager);
            var target = Standardizing.of(contexts.conditionalMean());
            var y = Float64.rows(manager, contexts.conditionalMean(), 0, n).subi(manager.create(target.mean()));
            var transposed = x.transpose();
            var gram = new DMatrixRMaj(d, d, true, transposed.matMul(x).divi(n).toDoubleArray());
            var moments =
                    new DMatrixRMaj(d, d, true, transposed.matMul(y).divi(n).toDoubleArray());
            for (int i = 0; i < d; i++) {
                gram.add(i, i, RELATIVE_RIDGE);
            }
            var solver = LinearSolverFactory_DDRM.chol(d);
            if (!solver.setA(gram)) {
                throw new ArithmeticException("The covariance of the " + n + " features is not positive definite");
            }
            var coefficients = new DMatrixRMaj(d, d);
            solver.solve(moments, coefficients);
            var w = new double[d][d];
            var b = target.mean().clone();
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    w[i][j] = coefficients.get(j, i) / scaling.deviation()[j];
                    b[i] -= w[i][j] * scaling.mean()[j];
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
