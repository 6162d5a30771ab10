package org.whylm.probe;

import java.util.Arrays;
import java.util.function.ToDoubleBiFunction;
import org.hipparchus.util.MathArrays;

/**
 * One regression on a sample of the examples, in the state of damped Newton steps by conjugate gradients: all of them but the products with the
 * {@link Design}, which {@link RegularizationPath} takes for several regressions at once. Arrays are {@code k×(d+1)} like parameters
 * or {@code k×n} like scores.
 */
final class NewtonFit {

    private final int[] labels;
    private final int n;
    private final int k;
    private final int width;
    private final double[] weights;

    private double[] parameters;
    private double[] scores;
    private final double[] residuals;
    private final double[] probabilities;
    private double logLoss;

    private double C;
    private double tolerance;
    private double objective;
    private double target;
    private double[] gradient;

    private double[] direction;
    private double[] search;
    private double[] residual;
    private double rho;
    private double goal;
    private double lastNorm;

    /**
     * @param labels {@code n} labels in {@code 0..classes-1}
     * @param weights what each example weighs, {@code n}; 0 of those that are not taken
     */
    NewtonFit(int[] labels, int classes, int width, double[] weights) {
        this.labels = labels;
        this.n = labels.length;
        this.k = classes == 2 ? 1 : classes;
        this.width = width;
        this.weights = weights;
        parameters = new double[k * width];
        residuals = new double[n * k];
        probabilities = new double[n * k];
    }

    /** Starts from the parameters of a regression. */
    void start(LogisticRegression model, Design design) {
        for (int m = 0; m < k; m++) {
            parameters[m * width + width - 1] = model.intercepts()[m];
            for (int j = 0; j + 1 < width; j++) {
                parameters[m * width + j] = model.weights()[m][j];
                parameters[m * width + width - 1] += model.weights()[m][j] * design.mean(j);
            }
        }
    }

    double[] parameters() {
        return parameters;
    }

    /** {@code p - y}, weighted. */
    double[] residuals() {
        var out = new double[residuals.length];
        Arrays.setAll(out, at -> weights[at % n] * residuals[at]);
        return out;
    }

    /** How many scores it has: one for two classes, else one a class. */
    int scores() {
        return k;
    }

    LogisticRegression model(Design design) {
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

    double heldOutAccuracy() {
        return heldOut((own, label) -> LogisticRegression.label(own) == label ? 1 : 0);
    }

    /** The mean over the classes that have an example that is not taken. */
    double heldOutBalancedAccuracy() {
        var of = new double[n];
        for (int i = 0; i < n; i++) {
            of[labels[i]] += weights[i] == 0 ? 1 : 0;
        }
        long classes = Arrays.stream(of).filter(count -> count > 0).count();
        double all = Arrays.stream(of).sum();
        return heldOut((own, label) -> LogisticRegression.label(own) == label ? all / of[label] / classes : 0);
    }

    double heldOutLogLoss() {
        return heldOut(LogisticRegression::loss);
    }

    /** The mean over the examples that are not taken. */
    private double heldOut(ToDoubleBiFunction<double[], Integer> of) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < n; i++) {
            if (weights[i] == 0) {
                var own = new double[k];
                for (int m = 0; m < k; m++) {
                    own[m] = scores[m * n + i];
                }
                sum += of.applyAsDouble(own, labels[i]);
                count++;
            }
        }
        return sum / count;
    }

    /**
     * Begins the minimisation at {@code C}, from the parameters as they are and the scores that belong to them.
     *
     * @param tolerance bound on the distance to the optimum, relative to the norm of the weights: the Hessian is at least {@code I}
     */
    void begin(double C, double[] scores, double tolerance) {
        this.C = C;
        this.tolerance = tolerance;
        this.scores = scores;
        logLoss = evaluate(scores);
        lastNorm = Double.NaN;
    }

    /** Sets the residuals {@code p - y} and the probabilities of the examples taken that belong to the scores, and returns their loss. */
    private double evaluate(double[] s) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            if (weights[i] > 0) {
                sum += weights[i] * (k == 1 ? evaluateBinary(s[i], i) : evaluateSoftmax(s, i));
            }
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
        double max = Double.NEGATIVE_INFINITY;
        for (int at = i; at < s.length; at += n) {
            max = Math.max(max, s[at]);
        }
        int own = labels[i] * n + i;
        double total = 0;
        double wrong = 0;
        for (int at = i; at < s.length; at += n) {
            probabilities[at] = Math.exp(s[at] - max);
            total += probabilities[at];
            wrong += at == own ? 0 : probabilities[at];
        }
        double others = 0;
        for (int at = i; at < s.length; at += n) {
            probabilities[at] /= total;
            residuals[at] = probabilities[at];
            others += at == own ? 0 : probabilities[at];
        }
        residuals[own] = -others;
        double margin = s[own] - max;
        return margin == 0 ? Math.log1p(wrong) : Math.log(total) - margin;
    }

    /**
     * The loss's second derivative at each example, weighted, one number for all classes: {@code p(1-p)} for two, for {@code K} classes the mean of its
     * {@code K-1} eigenvalues other than 0, which are equal where all classes are equally probable.
     */
    double[] curvatures() {
        var curvatures = new double[n];
        for (int at = 0; at < residuals.length; at++) {
            curvatures[at % n] += weights[at % n] * variance(at) / Math.max(1, k - 1);
        }
        return curvatures;
    }

    /** {@code p(1-p)}, from the residual, which has {@code 1-p} to full precision if the class is the true one. */
    private double variance(int at) {
        double r = Math.abs(residuals[at]);
        return r * (1 - r);
    }

    /** The gradient, given {@code residuals·[X 1]}. */
    double[] gradient(double[] products) {
        gradient = penalised(products, parameters);
        double squaredWeights = product(parameters, parameters);
        objective = C * logLoss + squaredWeights / 2;
        target = Math.max(tolerance * tolerance * squaredWeights, 1e-20 * objective);
        return gradient;
    }

    /** Begins to solve {@code H·direction = -gradient} to a precision that grows as the gradient falls (Eisenstat and Walker, 1996, choice 2). */
    void beginDirection(double[] preconditioned) {
        direction = new double[k * width];
        residual = MathArrays.scale(-1, gradient);
        search = MathArrays.scale(-1, preconditioned);
        rho = dot(residual, search);
        double norm = Math.sqrt(rho);
        double forcing = Double.isNaN(lastNorm) ? 0.1 : Math.min(0.1, 0.9 * (norm / lastNorm) * (norm / lastNorm));
        goal = Math.max(forcing * forcing * rho, 0.01 * target);
        lastNorm = norm;
    }

    double[] search() {
        return search;
    }

    double[] direction() {
        return direction;
    }

    /** Scores of the search direction times the loss's second derivative, {@code diag(p) - ppᵀ} at each example, weighted. */
    double[] curved(double[] s) {
        var out = new double[s.length];
        if (k == 1) {
            for (int i = 0; i < n; i++) {
                out[i] = weights[i] * variance(i) * s[i];
            }
            return out;
        }
        var mean = new double[n];
        for (int m = 0; m < k; m++) {
            for (int i = 0; i < n; i++) {
                mean[i] += probabilities[m * n + i] * s[m * n + i];
            }
        }
        for (int m = 0; m < k; m++) {
            for (int i = 0; i < n; i++) {
                out[m * n + i] = weights[i] * probabilities[m * n + i] * (s[m * n + i] - mean[i]);
            }
        }
        return out;
    }

    /** Goes as far along the search direction as is best, given {@code curved·[X 1]}; false if there is nothing left to go for. */
    boolean advance(double[] products) {
        var hessian = penalised(products, search);
        double curvature = dot(search, hessian);
        if (!(curvature > 0)) {
            return false;
        }
        double step = rho / curvature;
        for (int i = 0; i < direction.length; i++) {
            direction[i] += step * search[i];
            residual[i] -= step * hessian[i];
        }
        return true;
    }

    /** What the direction leaves of the equation. */
    double[] rest() {
        return residual;
    }

    /** Turns the search direction; false if the direction is precise enough. */
    boolean turn(double[] preconditioned) {
        double next = dot(residual, preconditioned);
        if (next <= goal) {
            return false;
        }
        for (int i = 0; i < search.length; i++) {
            search[i] = preconditioned[i] + next / rho * search[i];
        }
        rho = next;
        return true;
    }

    /**
     * Backtracks from the full step until the objective falls enough, and goes there; whether that was the last step to the minimum.
     *
     * @throws IllegalStateException if the objective does not fall
     */
    boolean move(double[] directionScores) {
        double slope = dot(gradient, direction);
        for (double t = 1; t > 1e-12; t /= 2) {
            var to = sum(parameters, t, direction);
            var trial = sum(scores, t, directionScores);
            double trialLoss = evaluate(trial);
            double value = C * trialLoss + product(to, to) / 2;
            boolean belowRounding = -slope < 1e-11 * objective;
            if (value <= objective + 1e-4 * t * slope || belowRounding) {
                parameters = to;
                scores = trial;
                logLoss = trialLoss;
                return -slope <= target;
            }
        }
        throw new IllegalStateException("Logistic regression stalled at C = " + C + ", with a decrement of " + -slope
                + " at the objective " + objective + ": scale the features (Scaling.STANDARDIZED)");
    }

    /** {@code C·products + v}, without {@code v} at the intercepts. */
    private double[] penalised(double[] products, double[] v) {
        var out = new double[v.length];
        for (int at = 0; at < v.length; at++) {
            out[at] = C * products[at] + ((at + 1) % width == 0 ? 0 : v[at]);
        }
        return out;
    }

    /** Inner product without the intercepts. */
    private double product(double[] a, double[] b) {
        double sum = 0;
        for (int at = 0; at < a.length; at++) {
            sum += (at + 1) % width == 0 ? 0 : a[at] * b[at];
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

    private static double[] sum(double[] a, double t, double[] b) {
        var out = new double[a.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = a[i] + t * b[i];
        }
        return out;
    }
}
