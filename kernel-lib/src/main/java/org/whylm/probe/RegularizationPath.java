package org.whylm.probe;

import java.util.Arrays;
import java.util.concurrent.CancellationException;

/**
 * Minimises {@code C·Σ_i loss(scores_i, y_i) + ½‖W‖²} over weights {@code W} and unpenalised intercepts, for one {@code C} after
 * another, each fit starting from the last: scikit-learn's objective, one score for two classes and one a class for more
 * (where the optimum has scores that sum to 0).
 *
 * <p>Damped Newton steps. Each step's linear system is solved by conjugate gradients with exact products with the Hessian, preconditioned
 * by the Cholesky factor of a Hessian (for several classes its diagonal blocks) at earlier parameters, which is renewed once it has
 * cost as many iterations as a new one would.
 */
final class RegularizationPath {

    /** Bound on the distance to the optimum, relative to the norm of the weights: the Hessian is at least {@code I}. */
    private static final double TOLERANCE = 1e-6;

    private static final int MAX_STEPS = 500;
    private static final int MAX_ITERATIONS = 100;
    private static final int ITERATIONS_WORTH_A_FACTOR = 80;

    private final Design design;
    private final int[] labels;
    private final int n;
    private final int k;
    private final int width;
    private final double[] parameters;
    private final double[] scores;
    private final double[] residuals;
    private final double[] probabilities;

    private double[][] grams;
    private Preconditioner[] preconditioners;
    private int iterationsSinceGram;
    private double logLoss;

    RegularizationPath(Design design, int[] labels, int classes) {
        this.design = design;
        this.labels = labels;
        this.n = design.rows();
        this.k = classes == 2 ? 1 : classes;
        this.width = design.columns() + 1;
        this.parameters = new double[k * width];
        this.scores = new double[n * k];
        this.residuals = new double[n * k];
        this.probabilities = new double[n * k];
    }

    /**
     * The regression at {@code C}.
     *
     * @throws IllegalStateException if the minimum is not reached
     */
    LogisticRegression fit(double C) {
        minimise(C);
        int d = width - 1;
        var weights = new double[k][];
        var intercepts = new double[k];
        for (int m = 0; m < k; m++) {
            weights[m] = Arrays.copyOfRange(parameters, m * width, m * width + d);
            intercepts[m] = parameters[m * width + d];
            for (int j = 0; j < d; j++) {
                intercepts[m] -= weights[m][j] * design.mean(j);
            }
        }
        return new LogisticRegression(weights, intercepts);
    }

    private void minimise(double C) {
        design.scores(parameters, k, scores);
        logLoss = evaluate(scores);
        if (grams == null) {
            renewGrams();
        }
        factor(C);
        var gradient = new double[k * width];
        var direction = new double[k * width];
        var directionScores = new double[n * k];
        double lastNorm = Double.NaN;
        for (int step = 0; step < MAX_STEPS; step++) {
            if (iterationsSinceGram > ITERATIONS_WORTH_A_FACTOR) {
                renewGrams();
                factor(C);
            }
            gradient(C, gradient);
            double squaredWeights = penalised(parameters, parameters);
            double objective = C * logLoss + squaredWeights / 2;
            double target = Math.max(TOLERANCE * TOLERANCE * squaredWeights, 1e-20 * objective);
            lastNorm = newtonDirection(C, gradient, lastNorm, target, direction, directionScores);
            double slope = dot(gradient, direction);
            boolean converged = -slope <= target;
            if (!move(C, objective, slope, squaredWeights, direction, directionScores)) {
                throw new IllegalStateException("Logistic regression stalled at C = " + C + " after " + step
                        + " Newton steps, with a decrement of " + -slope + " at the objective " + objective
                        + ": scale the features (Scaling.STANDARDIZED)");
            }
            if (converged) {
                return;
            }
        }
        throw new IllegalStateException("Logistic regression did not converge at C = " + C + " in " + MAX_STEPS
                + " Newton steps: scale the features (Scaling.STANDARDIZED)");
    }

    /** Backtracks from the full step until the objective falls enough, and goes there. */
    private boolean move(
            double C,
            double objective,
            double slope,
            double squaredWeights,
            double[] direction,
            double[] directionScores) {
        double cross = penalised(parameters, direction);
        double squaredDirection = penalised(direction, direction);
        var trial = new double[n * k];
        for (double t = 1; t > 1e-12; t /= 2) {
            for (int i = 0; i < trial.length; i++) {
                trial[i] = scores[i] + t * directionScores[i];
            }
            double trialLoss = evaluate(trial);
            double value = C * trialLoss + (squaredWeights + 2 * t * cross + t * t * squaredDirection) / 2;
            boolean belowRounding = -slope < 1e-11 * objective;
            if (value <= objective + 1e-4 * t * slope || belowRounding) {
                for (int i = 0; i < parameters.length; i++) {
                    parameters[i] += t * direction[i];
                }
                System.arraycopy(trial, 0, scores, 0, trial.length);
                logLoss = trialLoss;
                return true;
            }
        }
        return false;
    }

    /** Sets the residuals {@code p - y} and the probabilities that belong to the scores, and returns the summed loss. */
    private double evaluate(double[] s) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += k == 1 ? evaluateBinary(s[i], i) : evaluateSoftmax(s, i);
        }
        return sum;
    }

    private double evaluateBinary(double score, int i) {
        double e = Math.exp(-Math.abs(score));
        double smaller = e / (1 + e);
        double larger = 1 / (1 + e);
        boolean positive = labels[i] == 1;
        probabilities[i] = score > 0 ? larger : smaller;
        residuals[i] = positive ? -(score > 0 ? smaller : larger) : probabilities[i];
        double margin = positive ? score : -score;
        return Math.log1p(e) + Math.max(-margin, 0);
    }

    /** The true class's residual and loss are summed from the others, which keeps their digits when its probability is near 1. */
    private double evaluateSoftmax(double[] s, int i) {
        int at = i * k;
        double max = Double.NEGATIVE_INFINITY;
        for (int m = 0; m < k; m++) {
            max = Math.max(max, s[at + m]);
        }
        double total = 0;
        double wrong = 0;
        for (int m = 0; m < k; m++) {
            probabilities[at + m] = Math.exp(s[at + m] - max);
            total += probabilities[at + m];
            wrong += m == labels[i] ? 0 : probabilities[at + m];
        }
        double others = 0;
        for (int m = 0; m < k; m++) {
            probabilities[at + m] /= total;
            residuals[at + m] = probabilities[at + m];
            others += m == labels[i] ? 0 : probabilities[at + m];
        }
        residuals[at + labels[i]] = -others;
        double margin = s[at + labels[i]] - max;
        return margin == 0 ? Math.log1p(wrong) : Math.log(total) - margin;
    }

    private void gradient(double C, double[] gradient) {
        design.transposed(residuals, k, gradient);
        penalise(C, gradient, parameters);
    }

    /** {@code out = C·out + v}, without {@code v} at the intercepts. */
    private void penalise(double C, double[] out, double[] v) {
        for (int m = 0; m < k; m++) {
            for (int j = 0; j < width; j++) {
                int at = m * width + j;
                out[at] = C * out[at] + (j + 1 < width ? v[at] : 0);
            }
        }
    }

    /** Overwrites a direction's scores by those scores times the loss's second derivative, {@code diag(p) - ppᵀ} at each example. */
    private void curve(double[] s) {
        for (int i = 0; i < n; i++) {
            if (k == 1) {
                s[i] *= variance(i, 0);
                continue;
            }
            double mean = 0;
            for (int m = 0; m < k; m++) {
                mean += probabilities[i * k + m] * s[i * k + m];
            }
            for (int m = 0; m < k; m++) {
                s[i * k + m] = probabilities[i * k + m] * (s[i * k + m] - mean);
            }
        }
    }

    /** {@code p(1-p)}, from the residual, which has {@code 1-p} to full precision if the class is the true one. */
    private double variance(int i, int m) {
        double r = Math.abs(residuals[i * k + m]);
        return r * (1 - r);
    }

    /**
     * Solves {@code H·direction = -gradient} to a precision that grows as the gradient falls (Eisenstat and Walker, 1996, choice 2).
     *
     * @return the gradient's norm in the preconditioner's inverse
     */
    private double newtonDirection(
            double C, double[] gradient, double lastNorm, double target, double[] direction, double[] directionScores) {
        int size = k * width;
        var residual = new double[size];
        for (int i = 0; i < size; i++) {
            residual[i] = -gradient[i];
        }
        var preconditioned = new double[size];
        precondition(residual, preconditioned);
        double rho = dot(residual, preconditioned);
        double norm = Math.sqrt(rho);
        double forcing = Double.isNaN(lastNorm) ? 0.1 : Math.min(0.1, 0.9 * (norm / lastNorm) * (norm / lastNorm));
        double goal = Math.max(forcing * forcing * rho, 0.01 * target);
        Arrays.fill(direction, 0);
        Arrays.fill(directionScores, 0);
        var search = preconditioned.clone();
        var searchScores = new double[n * k];
        var product = new double[size];
        for (int iteration = 0; iteration < MAX_ITERATIONS && rho > 0; iteration++) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("Logistic regression interrupted at C = " + C);
            }
            iterationsSinceGram++;
            design.scores(search, k, searchScores);
            var curved = searchScores.clone();
            curve(curved);
            design.transposed(curved, k, product);
            penalise(C, product, search);
            double curvature = dot(search, product);
            if (!(curvature > 0)) {
                break;
            }
            double step = rho / curvature;
            for (int i = 0; i < size; i++) {
                direction[i] += step * search[i];
                residual[i] -= step * product[i];
            }
            for (int i = 0; i < searchScores.length; i++) {
                directionScores[i] += step * searchScores[i];
            }
            precondition(residual, preconditioned);
            double next = dot(residual, preconditioned);
            if (next <= goal) {
                break;
            }
            double ratio = next / rho;
            rho = next;
            for (int i = 0; i < size; i++) {
                search[i] = preconditioned[i] + ratio * search[i];
            }
        }
        return norm;
    }

    /** Applies the factored blocks, kept to parameters that sum to 0 over the classes. */
    private void precondition(double[] in, double[] out) {
        if (k == 1) {
            preconditioners[0].solve(in, out, 0);
            return;
        }
        var centred = in.clone();
        centre(centred);
        for (int m = 0; m < k; m++) {
            preconditioners[m].solve(centred, out, m * width);
        }
        centre(out);
    }

    private void centre(double[] v) {
        for (int j = 0; j < width; j++) {
            double mean = 0;
            for (int m = 0; m < k; m++) {
                mean += v[m * width + j] / k;
            }
            for (int m = 0; m < k; m++) {
                v[m * width + j] -= mean;
            }
        }
    }

    /**
     * Weighted Gram matrices at the current probabilities. For several classes the weights are {@code p(1-p)·k/(k-1)}: exact, on parameters
     * that sum to 0, where all classes are equally probable.
     */
    private void renewGrams() {
        boolean uniform = k > 1 && Arrays.stream(parameters).allMatch(v -> v == 0);
        grams = new double[k][];
        var weights = new double[n];
        for (int m = 0; m < k; m++) {
            if (uniform && m > 0) {
                grams[m] = grams[0];
                continue;
            }
            for (int i = 0; i < n; i++) {
                weights[i] = k == 1 ? variance(i, 0) : variance(i, m) * k / (k - 1);
            }
            grams[m] = design.gram(weights);
        }
        iterationsSinceGram = 0;
    }

    private void factor(double C) {
        preconditioners = new Preconditioner[k];
        for (int m = 0; m < k; m++) {
            preconditioners[m] =
                    m > 0 && grams[m] == grams[0] ? preconditioners[0] : new Preconditioner(grams[m], width, C);
        }
    }

    /** Inner product without the intercepts. */
    private double penalised(double[] a, double[] b) {
        double sum = 0;
        for (int m = 0; m < k; m++) {
            for (int j = 0; j + 1 < width; j++) {
                sum += a[m * width + j] * b[m * width + j];
            }
        }
        return sum;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
