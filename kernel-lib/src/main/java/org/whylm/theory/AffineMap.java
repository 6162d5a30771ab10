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

    /** {@code Aᵀλ}: with the intercept {@code λ·b} the classifier on {@code θ} that equals {@code λ} on {@code Aθ + b}. */
    public double[] pullback(double[] lambda) {
        return Vectors.elements(Vectors.matrix(A).transpose().mult(Vectors.column(lambda)));
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
}
