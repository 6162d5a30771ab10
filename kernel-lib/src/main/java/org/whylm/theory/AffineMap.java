package org.whylm.theory;

import org.ejml.simple.SimpleMatrix;

/**
 * {@code θ ↦ Aθ + b}: a candidate for the gradient of the log-partition function (L1, T3).
 *
 * @param A {@code d×d}; symmetric if it is to be the gradient of {@code ½θᵀAθ + b·θ}
 * @param b {@code d}
 */
public record AffineMap(double[][] A, double[] b) {

    /** @throws IllegalArgumentException if the shapes disagree */
    public AffineMap {
        Vectors.requireShape("A", A, b.length, b.length);
        A = Vectors.copy(A);
        b = b.clone();
    }

    /** {@code Aθ + b}. */
    public double[] apply(double[] theta) {
        var image = b.clone();
        for (var i = 0; i < image.length; i++) {
            image[i] += Vectors.dot(A[i], theta);
        }
        return image;
    }

    /** {@code Aᵀλ}: with the {@link #intercept} the classifier on {@code θ} that equals {@code λ} on {@code Aθ + b}. */
    public double[] pullback(double[] lambda) {
        return Vectors.elements(Vectors.matrix(A).transpose().mult(Vectors.column(lambda)));
    }

    /** {@code λ·b}. */
    public double intercept(double[] lambda) {
        return Vectors.dot(lambda, b);
    }

    /**
     * {@code E |λ·(target - Af - b)|}, T3's last term.
     *
     * @param weights {@code S}: the weight of each pair
     * @param f {@code S×d}
     * @param targets {@code S×d}: the conditional means {@code Φp_f}
     * @param lambda {@code d}
     */
    public double residual(double[] weights, double[][] f, double[][] targets, double[] lambda) {
        Vectors.requireShape("f", f, weights.length, b.length);
        Vectors.requireShape("targets", targets, weights.length, b.length);
        var sum = 0.0;
        for (var s = 0; s < f.length; s++) {
            sum += weights[s] * Math.abs(Vectors.dot(lambda, Vectors.minus(targets[s], apply(f[s]))));
        }
        return sum;
    }

    /**
     * The affine map closest to {@code f ↦ targets} in least squares, of least norm where that leaves a choice.
     *
     * @param weights {@code S}: the weight of each pair
     * @param f {@code S×d}
     * @param targets {@code S×d}: for T3 the conditional means {@code Φp_f}
     */
    public static AffineMap leastSquares(double[] weights, double[][] f, double[][] targets) {
        var d = f[0].length;
        Vectors.requireShape("f", f, weights.length, d);
        Vectors.requireShape("targets", targets, weights.length, d);
        var inputs = new SimpleMatrix(f.length, d + 1);
        var outputs = new SimpleMatrix(f.length, d);
        for (var s = 0; s < f.length; s++) {
            var root = Math.sqrt(weights[s]);
            for (var i = 0; i < d; i++) {
                inputs.set(s, i, root * f[s][i]);
                outputs.set(s, i, root * targets[s][i]);
            }
            inputs.set(s, d, root);
        }
        var solution = Embeddings.pseudoInverse(inputs).mult(outputs);
        return new AffineMap(
                Vectors.rows(solution.extractMatrix(0, d, 0, d).transpose()),
                Vectors.elements(solution.extractMatrix(d, d + 1, 0, d)));
    }

    /**
     * The affine map that minimises {@code E ‖target - Af - b‖² + ridge·m·‖A‖²}, {@code m} being the mean variance of a
     * component of {@code f}: for real features, more of which there are than examples to spare.
     *
     * @param f {@code n×d}
     * @param targets {@code n×d}
     * @param ridge positive
     * @throws IllegalArgumentException if {@code ridge} is not positive
     */
    public static AffineMap ridge(float[][] f, float[][] targets, double ridge) {
        if (!(ridge > 0)) {
            throw new IllegalArgumentException("ridge = " + ridge + " is not positive");
        }
        var inputs = matrix(f);
        var outputs = matrix(targets);
        var inputMean = center(inputs);
        var outputMean = center(outputs);
        var n = f.length;
        var covariance = inputs.transpose().mult(inputs).divide(n);
        var d = covariance.getNumRows();
        var shrunk = covariance.plus(SimpleMatrix.identity(d).scale(ridge * covariance.trace() / d));
        var slope = shrunk.solve(inputs.transpose().mult(outputs).divide(n)).transpose();
        var b = outputMean.minus(slope.mult(inputMean));
        return new AffineMap(Vectors.rows(slope), Vectors.elements(b));
    }

    private static SimpleMatrix matrix(float[][] rows) {
        var matrix = new SimpleMatrix(rows.length, rows[0].length);
        for (var i = 0; i < rows.length; i++) {
            for (var j = 0; j < rows[i].length; j++) {
                matrix.set(i, j, rows[i][j]);
            }
        }
        return matrix;
    }

    /** Subtracts the mean row, and returns it as a column. */
    private static SimpleMatrix center(SimpleMatrix rows) {
        var mean = new SimpleMatrix(rows.getNumCols(), 1);
        for (var j = 0; j < rows.getNumCols(); j++) {
            mean.set(j, rows.getColumn(j).elementSum() / rows.getNumRows());
            for (var i = 0; i < rows.getNumRows(); i++) {
                rows.set(i, j, rows.get(i, j) - mean.get(j));
            }
        }
        return mean;
    }

    /** {@code |λ·(target - Af - b)|} of each example, {@code n}: T3's last term before its mean. */
    public double[] residuals(float[][] f, float[][] targets, double[] lambda) {
        var slope = pullback(lambda);
        var intercept = intercept(lambda);
        var residuals = new double[f.length];
        for (var s = 0; s < f.length; s++) {
            var residual = -intercept;
            for (var i = 0; i < lambda.length; i++) {
                residual += lambda[i] * targets[s][i] - slope[i] * f[s][i];
            }
            residuals[s] = Math.abs(residual);
        }
        return residuals;
    }
}
