package org.whylm.theory;

import java.util.Arrays;

/**
 * The log-partition function as a convex quadratic, {@code log Z_θ ≈ ½θᵀAθ + b·θ + c} at the features that occur: the assumption
 * of L1, and the paper's log-partition figure.
 *
 * @param A {@code d×d}, symmetric positive semidefinite
 * @param b {@code d}
 * @param c in nats
 * @param ridge the penalty that did best on the validation part
 * @param trainingR2 R² of {@code log Z} on the contexts that it was fitted to
 * @param validationR2 R² of {@code log Z} on the contexts that the ridge was chosen by
 */
public record LogPartitionFit(
        double[][] A, double[] b, double c, double ridge, double trainingR2, double validationR2) {

    /**
     * How far fitted values are from true ones.
     *
     * @param r2 {@code 1 - Σ residual² / Σ (true - mean)²}; negative if the mean would do better
     * @param relativeError mean of {@code |residual| / |true|}
     * @param mean of the residuals, fitted minus true, in nats
     * @param standardDeviation of the residuals, in nats
     * @param quantiles of the residuals at 0, 5, 25, 50, 75, 95 and 100 per cent, in nats
     */
    public record Residuals(
            double r2, double relativeError, double mean, double standardDeviation, double[] quantiles) {

        private static final double[] LEVELS = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};

        static Residuals of(double[] fitted, float[] actual) {
            int n = fitted.length;
            var residuals = new double[n];
            double sum = 0, relative = 0;
            for (int i = 0; i < n; i++) {
                residuals[i] = fitted[i] - actual[i];
                sum += residuals[i];
                relative += Math.abs(residuals[i] / actual[i]);
            }
            double mean = sum / n, spread = 0;
            for (double residual : residuals) {
                spread += (residual - mean) * (residual - mean);
            }
            double r2 = RSquared.of(fitted, actual);
            Arrays.sort(residuals);
            var quantiles = Arrays.stream(LEVELS)
                    .map(level -> residuals[(int) Math.round(level * (n - 1))])
                    .toArray();
            return new Residuals(r2, relative / n, mean, Math.sqrt(spread / n), quantiles);
        }
    }

    /**
     * Fits {@code log Z} alone, on a part of the contexts: a fifth of the texts, drawn with the seed, is the validation part.
     *
     * <p>Features are standardised by the training part, {@code log Z} is brought to mean 0 and variance 1; in these units the
     * mean squared error plus {@code ridge·(‖A‖²_F + ‖b‖²)} is minimised over semidefinite {@code A}. The solver is the
     * accelerated proximal gradient method in the coordinates of the principal axes; products with the points are in float32, all
     * else is in float64; no matrix is larger than {@code n×d}. The ridges 1, 10⁻¹, … 10⁻⁶ are tried from the largest on, each
     * from the solution before, until the validation error rises by a hundredth, or two in a row lower it by less than that; the
     * one of the least error is then solved to the end.
     *
     * @throws IllegalArgumentException if there are fewer than five texts, or {@code log Z} is constant
     * @throws org.whylm.run.Progress.Interrupted if the thread was interrupted
     */
    public static LogPartitionFit of(LogPartitionContexts contexts, long seed) {
        return LogPartitionRegression.fit(contexts, 0, seed);
    }

    /**
     * Fits {@code log Z} and its gradient together: to the error of {@link #of}, {@code weight} times the squared distance of
     * {@code Aθ + b} from {@code Φp_f} is added, per standard deviation of the features and relative to the variance of
     * {@code Φp_f}. The ridge is chosen by the same sum on the validation part; it matters little once it is small, as the error of
     * the gradients alone leaves no direction flat.
     *
     * @param weight of the gradient's error, positive; 1 counts both relative errors alike
     * @throws IllegalArgumentException as {@link #of}, or if the weight is not positive
     * @throws org.whylm.run.Progress.Interrupted if the thread was interrupted
     */
    public static LogPartitionFit withGradient(LogPartitionContexts contexts, double weight, long seed) {
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("weight is " + weight + ", expected a positive number");
        }
        return LogPartitionRegression.fit(contexts, weight, seed);
    }

    /** {@code d}. */
    public int dimension() {
        return b.length;
    }

    /** {@code ½θᵀAθ + b·θ + c}, in nats. */
    public double predict(float[] theta) {
        return predict(new float[][] {theta})[0];
    }

    /**
     * {@code ½θᵀAθ + b·θ + c} of many features.
     *
     * @param f {@code n×d}
     * @return {@code n}, in nats
     */
    public double[] predict(float[][] f) {
        // Aθ + b + b, times θ, halved
        var doubled =
                new AffineRegression(A, Arrays.stream(b).map(value -> 2 * value).toArray()).apply(f);
        var values = new double[f.length];
        for (int row = 0; row < f.length; row++) {
            double sum = 0;
            for (int i = 0; i < b.length; i++) {
                sum += doubled[row][i] * f[row][i];
            }
            values[row] = sum / 2 + c;
        }
        return values;
    }

    /** {@code Aθ + b}: by L1 the conditional mean {@code Φp_θ}. */
    public double[] gradient(float[] theta) {
        return gradient(new float[][] {theta})[0];
    }

    /**
     * {@code Aθ + b} of many features.
     *
     * @param f {@code n×d}
     * @return {@code n×d}
     */
    public double[][] gradient(float[][] f) {
        return new AffineRegression(A, b).apply(f);
    }

    /** The residuals at contexts, such as those of a data set that it was not fitted to. */
    public Residuals residuals(LogPartitionContexts contexts) {
        return Residuals.of(predict(contexts.f()), contexts.logPartition());
    }

    /** How well {@code Φp_f ≈ Af + b} holds at contexts: the consequence L1 of the quadratic form. */
    public RSquared gradientR2(LogPartitionContexts contexts) {
        return RSquared.of(gradient(contexts.f()), contexts.conditionalMean());
    }
}
