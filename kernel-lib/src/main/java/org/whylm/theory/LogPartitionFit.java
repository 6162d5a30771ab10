package org.whylm.theory;

import java.util.Arrays;
import java.util.Map;
import org.whylm.objective.AffineMap;

/**
 * The log-partition function as a quadratic at the features that occur, {@code log Z_θ ≈ ½θᵀAθ + b·θ + c} with {@code A}
 * semidefinite: the assumption of L1, and the paper's log-partition figure.
 *
 * @param form what {@code A} and {@code b} may be
 * @param gradient {@code θ ↦ Aθ + b}: by L1 the affine image of {@code f} that gives {@code Φp_f}. {@code b} contains {@code μ}
 * @param c in nats
 * @param ridge the penalty that did best on the validation part; infinite if no {@code A} but 0 did better than the linear function
 */
public record LogPartitionFit(Form form, AffineMap gradient, double c, double ridge) {

    /**
     * What is fitted to {@code log Z_θ - μ·θ}, from the constant up. Each form from {@link #ISOTROPIC} on contains the linear
     * functions, the last contains all.
     */
    public enum Form {
        /** {@code c}: what there is to explain is measured from here. */
        CONSTANT("constant"),
        /** {@code b·θ + c}: what a quadratic has to beat. */
        LINEAR("linear"),
        /** {@code ½θᵀΣθ + c}, {@code Σ} the covariance of the embeddings: the authors' comparison, nothing fitted but {@code c}. */
        COVARIANCE("½θᵀΣθ"),
        /** {@code ½a‖θ‖² + b·θ + c}, {@code a ≥ 0}. */
        ISOTROPIC("isotropic"),
        /** {@code ½Σ aᵢθᵢ² + b·θ + c}, {@code aᵢ ≥ 0}. */
        DIAGONAL("diagonal"),
        /** {@code A} semidefinite of rank {@value #AXES} at most: on the leading principal axes of the features. */
        LOW_RANK("low rank"),
        /** Any semidefinite {@code A}. */
        FULL("full");

        /** Principal axes of {@link #LOW_RANK}. */
        static final int AXES = 64;

        private final String label;

        Form(String label) {
            this.label = label;
        }

        /** As tables and figures name it. */
        public String label() {
            return label;
        }

        /** How many numbers are fitted in {@code d} dimensions. */
        public int parameters(int d) {
            return switch (this) {
                case CONSTANT, COVARIANCE -> 1;
                case LINEAR -> d + 1;
                case ISOTROPIC -> d + 2;
                case DIAGONAL -> 2 * d + 1;
                case LOW_RANK -> Math.min(AXES, d) * (Math.min(AXES, d) + 1) / 2 + d + 1;
                case FULL -> d * (d + 1) / 2 + d + 1;
            };
        }
    }

    /**
     * Every form, fitted to the same contexts: four fifths of the texts; by the others, drawn with the seed, ridges are chosen.
     *
     * <p>Features are standardised, {@code log Z_θ - μ·θ} is brought to mean 0 and variance 1; in these units the mean squared error
     * plus {@code ridge·‖A‖²_F} is minimised over the {@code A} of the form, and over all linear functions with the ridge
     * that the linear form chose, so that a form is better than the linear one by its {@code A} alone. The ridges
     * 10³, 10², … 10⁻⁶ are tried from the largest on, each from the solution before, until the validation error rises by a
     * hundredth, or two in a row lower it by less than that.
     *
     * @param covariance {@code d×d}: {@code Σ}, that of the embeddings
     * @throws IllegalArgumentException if there are fewer than five texts
     * @throws org.whylm.run.Progress.Interrupted if the thread was interrupted
     */
    public static Map<Form, LogPartitionFit> all(LogPartitionContexts contexts, double[][] covariance, long seed) {
        return LogPartitionRegression.all(contexts, covariance, seed);
    }

    /** How many numbers were fitted. */
    public int parameters() {
        return form.parameters(gradient.b().length);
    }

    /**
     * {@code ½θᵀAθ + b·θ + c} of many features.
     *
     * @param f {@code n×d}
     * @return {@code n}, in nats
     */
    public double[] predict(float[][] f) {
        // Aθ + b + b, times θ, halved
        var doubled = new AffineMap(gradient.A(), Vectors.scaled(gradient.b(), 2)).apply(f);
        var values = new double[f.length];
        for (int row = 0; row < f.length; row++) {
            double sum = 0;
            for (int i = 0; i < f[row].length; i++) {
                sum += doubled[row][i] * f[row][i];
            }
            values[row] = sum / 2 + c;
        }
        return values;
    }

    /** How well it gives {@code log Z} at contexts, of the variance of {@code log Z_θ - μ·θ}. */
    public TextErrors errors(LogPartitionContexts contexts) {
        var error = predict(contexts.f());
        Arrays.setAll(error, i -> Math.pow(error[i] - contexts.logPartition()[i], 2));
        var spread = contexts.centredLogPartition();
        double mean = Vectors.sum(spread) / spread.length;
        Arrays.setAll(spread, i -> Math.pow(spread[i] - mean, 2));
        return TextErrors.of(error, spread, contexts.text());
    }
}
