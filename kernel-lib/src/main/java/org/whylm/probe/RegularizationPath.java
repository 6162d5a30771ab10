package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Minimises {@code C·Σ_i loss(scores_i, y_i) + ½‖W‖²} over weights {@code W} and unpenalised intercepts, for one {@code C} after
 * another, each fit starting from the last: scikit-learn's objective, one score for two classes and one a class for more
 * (where the optimum has scores that sum to 0). Several regressions on samples of the same examples go side by side.
 *
 * <p>Damped Newton steps. Each step's linear system is solved by conjugate gradients with exact products with the Hessian, taken for all
 * classes of all regressions in two matrix products, which cost hardly more than those for one. They are preconditioned by one matrix for
 * all: the Hessian at earlier parameters with one number for the curvature of all classes, its mean over the regressions. It is renewed
 * once the iterations have cost as much as that does.
 */
final class RegularizationPath implements AutoCloseable {

    private static final double EXACT = 1e-6;
    private static final double ROUGH = 1e-4;

    private static final int MAX_STEPS = 500;
    private static final int MAX_ITERATIONS = 200;
    private static final int LEAST_ITERATIONS = 8;

    private final Design design;
    private final List<NewtonFit> fits = new ArrayList<>();
    private Preconditioner preconditioner;
    private int iterations;
    private double tolerance = EXACT;

    /**
     * @param rows {@code n×d}
     * @param labels {@code n} labels in {@code 0..classes-1}
     * @param samples for each regression what each example weighs, {@code n}; 0 of those that it does not take
     */
    RegularizationPath(double[] rows, int d, int[] labels, int classes, List<double[]> samples) {
        design = new Design(rows, d);
        for (var weights : samples) {
            fits.add(new NewtonFit(labels, classes, d + 1, weights));
        }
    }

    /** Lets weights be within a ten-thousandth, relative to their norm, of the minimum, in place of a millionth. */
    void roughly() {
        tolerance = ROUGH;
    }

    /** Lets all regressions start from one. */
    void start(LogisticRegression model) {
        fits.forEach(fit -> fit.start(model, design));
    }

    /** The regressions at the last {@code C}. */
    List<LogisticRegression> models() {
        return fits.stream().map(fit -> fit.model(design)).toList();
    }

    /** Mean accuracy, balanced where that is the criterion, and loss of the first regressions on the examples that they do not take. */
    LinearClassification.Candidate heldOut(double C, int folds, Criterion criterion) {
        ToDoubleFunction<NewtonFit> accuracy =
                criterion == Criterion.BALANCED ? NewtonFit::heldOutBalancedAccuracy : NewtonFit::heldOutAccuracy;
        return new LinearClassification.Candidate(
                C,
                fits.stream().limit(folds).collect(Collectors.averagingDouble(accuracy)),
                fits.stream().limit(folds).collect(Collectors.averagingDouble(NewtonFit::heldOutLogLoss)));
    }

    /**
     * Goes to the minimum at {@code C}.
     *
     * @throws IllegalStateException if it is not reached
     * @throws CancellationException if the thread is interrupted
     */
    void minimise(double C) {
        var scores = together(fits, NewtonFit::parameters, design::scores);
        fits.parallelStream().forEach(fit -> fit.begin(C, scores.get(fit), tolerance));
        if (preconditioner == null || isSpent(fits)) {
            renew(fits, C);
        } else {
            preconditioner.factor(C);
        }
        var active = fits;
        for (int step = 0; step < MAX_STEPS; step++) {
            if (isSpent(active)) {
                renew(active, C);
            }
            var products = together(active, NewtonFit::residuals, design::transposed);
            var preconditioned = together(active, fit -> fit.gradient(products.get(fit)), preconditioner::apply);
            active.parallelStream().forEach(fit -> fit.beginDirection(preconditioned.get(fit)));
            solve(active);
            var directionScores = together(active, NewtonFit::direction, design::scores);
            active = select(active, fit -> !fit.move(directionScores.get(fit)));
            if (active.isEmpty()) {
                return;
            }
        }
        throw new IllegalStateException("Logistic regression did not converge at C = " + C + " in " + MAX_STEPS
                + " Newton steps: scale the features (Scaling.STANDARDIZED)");
    }

    /**
     * Whether the iterations since the last Gram matrix have cost about as much as that, of {@code n·(d+1)²} operations: a score takes {@code 2n·(d+1)}
     * of each.
     */
    private boolean isSpent(List<NewtonFit> active) {
        int scores = active.stream().mapToInt(NewtonFit::scores).sum();
        return iterations > LEAST_ITERATIONS + design.width() / (2 * scores);
    }

    private void renew(List<NewtonFit> active, double C) {
        var curvatures = new double[design.rows()];
        for (var fit : active) {
            var own = fit.curvatures();
            Arrays.setAll(curvatures, i -> curvatures[i] + own[i] / active.size());
        }
        close(preconditioner);
        preconditioner = new Preconditioner(design.gram(curvatures), design.width());
        preconditioner.factor(C);
        iterations = 0;
    }

    /** Conjugate gradients for the Newton directions. */
    private void solve(List<NewtonFit> active) {
        var open = active;
        for (int iteration = 0; iteration < MAX_ITERATIONS && !open.isEmpty(); iteration++) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("Logistic regression interrupted");
            }
            iterations++;
            var scores = together(open, NewtonFit::search, design::scores);
            var products = together(open, fit -> fit.curved(scores.get(fit)), design::transposed);
            open = select(open, fit -> fit.advance(products.get(fit)));
            var preconditioned = together(open, NewtonFit::rest, preconditioner::apply);
            open = select(open, fit -> fit.turn(preconditioned.get(fit)));
        }
    }

    /** The product of the fits' parts stacked on one another, taken apart again. */
    private static Map<NewtonFit, double[]> together(
            List<NewtonFit> fits, Function<NewtonFit, double[]> part, UnaryOperator<double[]> product) {
        var parts = fits.parallelStream().map(part).toList();
        int size = parts.isEmpty() ? 0 : parts.get(0).length;
        var stacked = new double[parts.size() * size];
        for (int f = 0; f < parts.size(); f++) {
            System.arraycopy(parts.get(f), 0, stacked, f * size, size);
        }
        var products = parts.isEmpty() ? stacked : product.apply(stacked);
        var result = new LinkedHashMap<NewtonFit, double[]>();
        int length = parts.isEmpty() ? 0 : products.length / parts.size();
        for (int f = 0; f < parts.size(); f++) {
            result.put(fits.get(f), Arrays.copyOfRange(products, f * length, (f + 1) * length));
        }
        return result;
    }

    private static List<NewtonFit> select(List<NewtonFit> fits, Predicate<NewtonFit> condition) {
        return fits.parallelStream().filter(condition).toList();
    }

    @Override
    public void close() {
        close(preconditioner);
        design.close();
    }

    private static void close(Preconditioner preconditioner) {
        if (preconditioner != null) {
            preconditioner.close();
        }
    }
}
