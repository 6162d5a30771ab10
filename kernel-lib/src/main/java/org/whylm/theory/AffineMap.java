package org.whylm.theory;

import org.ejml.simple.SimpleMatrix;
import org.whylm.probe.Standardization;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;

/**
 * {@code θ ↦ Aθ + b}: what L1 and T3 take for the conditional mean {@code Φp_θ}, the gradient of the log-partition function.
 *
 * @param A {@code d×d}; symmetric if it is to be the gradient of {@code ½θᵀAθ + b·θ}
 * @param b {@code d}
 */
public record AffineMap(double[][] A, double[] b) {

    private static final int BLOCK = 4096;

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

    /**
     * {@code Aθ + b} of many features.
     *
     * @param f {@code n×d}
     * @return {@code n×d}
     */
    public double[][] apply(float[][] f) {
        var images = new double[f.length][];
        try (var manager = Engine.newManager()) {
            var transposed = Engine.array(manager, Matrices.matrix("A", A)).transpose();
            var intercept = manager.create(b);
            for (var from = 0; from < f.length; from += BLOCK) {
                var rows = Math.min(BLOCK, f.length - from);
                try (var scope = manager.newSubManager()) {
                    var values = Engine.doubles(scope, i -> f[i], from, rows)
                            .matMul(transposed)
                            .addi(intercept);
                    System.arraycopy(Engine.rows(values), 0, images, from, rows);
                }
            }
        }
        return images;
    }

    /** {@code Aᵀλ}: with the {@link #intercept} the classifier on {@code θ} that equals {@code λ} on {@code Aθ + b}. */
    public double[] pullback(double[] lambda) {
        return Vectors.elements(new SimpleMatrix(A).transpose().mult(Vectors.column(lambda)));
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
        return Distributions.mean(weights, s -> Math.abs(Vectors.dot(lambda, Vectors.minus(targets[s], apply(f[s])))));
    }

    /** {@code |λ·(target - Af - b)|} of each example, {@code n}: T3's last term before its mean. */
    public double[] residuals(float[][] f, float[][] targets, double[] lambda) {
        var images = apply(f);
        var residuals = new double[f.length];
        for (var s = 0; s < f.length; s++) {
            for (var i = 0; i < lambda.length; i++) {
                residuals[s] += lambda[i] * (targets[s][i] - images[s][i]);
            }
            residuals[s] = Math.abs(residuals[s]);
        }
        return residuals;
    }

    /** How well it gives {@code Φp_f} at contexts: squared distances, all components together. */
    public TextErrors errors(LogPartitionContexts contexts) {
        var images = apply(contexts.f());
        var means = contexts.conditionalMean();
        var centre = Standardization.of(means).mean();
        var error = new double[images.length];
        var spread = new double[images.length];
        for (var s = 0; s < images.length; s++) {
            for (var i = 0; i < centre.length; i++) {
                error[s] += (images[s][i] - means[s][i]) * (images[s][i] - means[s][i]);
                spread[s] += (means[s][i] - centre[i]) * (means[s][i] - centre[i]);
            }
        }
        return TextErrors.of(error, spread, contexts.text());
    }

    /** The same {@code A}, with the {@code b} that gives these contexts' mean {@code Φp_f} from their mean {@code f}. */
    public AffineMap centredOn(LogPartitionContexts contexts) {
        var slope = new AffineMap(A, new double[b.length]);
        var mean = Standardization.of(contexts.conditionalMean()).mean();
        return new AffineMap(
                A,
                Vectors.minus(mean, slope.apply(Standardization.of(contexts.f()).mean())));
    }

    /**
     * The affine map closest to {@code f ↦ targets} in least squares, of least norm where that leaves a choice: for the few
     * contexts of a finite language. {@link AffineRegression} fits real features.
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
                solution.extractMatrix(0, d, 0, d).transpose().toArray2(),
                Vectors.elements(solution.extractMatrix(d, d + 1, 0, d)));
    }
}
