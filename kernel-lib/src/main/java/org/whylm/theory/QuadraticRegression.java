package org.whylm.theory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.BinaryOperator;
import org.whylm.lm.Products;
import org.whylm.run.Engine;
import org.whylm.run.Progress;

/**
 * Ridge regression of a value on the quadratics {@code ½xᵀMx + g·x + c} with {@code M} symmetric positive semidefinite, for
 * points {@code x} in the coordinates of their principal axes, on the leading {@code k} of which {@code M} lives:
 *
 * <pre>{@code
 * 1/2n Σ (½xᵀMx + g·x + c - y)² + ridge/2 ‖M‖²_F + ρ/2 ‖g‖²
 * }</pre>
 *
 * <p>The unknowns only ever stand in {@code k×k} matrices. {@code c} is eliminated by centring and {@code g} by its closed form, as
 * the coordinates are uncorrelated; each step multiplies the {@code n×k} points, in float32, with {@code k×k} matrices. Solved by the
 * accelerated proximal gradient method (FISTA: Beck and Teboulle, 2009) with adaptive restart (O'Donoghue and Candès, 2015); the
 * proximal map is the projection on the semidefinite matrices. It works on {@code SMS} with {@code S⁴ = diag(λ + 1)}, {@code λ} the
 * variances of the coordinates: a congruence keeps {@code M} semidefinite. Of the Hessian's diagonal, {@code λᵢλⱼ + ridge}, this
 * evens out a part; {@code S² = diag(λ + …)}, which would even out all of {@code λᵢλⱼ}, leaves the directions that few points tell of
 * too flat.
 */
final class QuadraticRegression {

    private static final int STEPS_COMPARED = 10;

    private final NDArray points;
    private final NDArray leading;
    private final double[] target;
    private final double[] variances;
    private final double linearRidge;
    private final double[] scale;
    private final double[] inverse;
    private final int n;
    private final int k;
    private double lipschitz;

    /**
     * @param manager for the leading coordinates
     * @param points {@code n×d}, float32, centred, uncorrelated coordinates
     * @param variances {@code d}, of the coordinates
     * @param linearRidge {@code ρ}
     * @param target {@code n}, centred
     * @param k the leading coordinates that {@code M} lives on
     */
    QuadraticRegression(
            NDManager manager, NDArray points, double[] variances, double linearRidge, double[] target, int k) {
        this.points = points;
        this.variances = variances;
        this.linearRidge = linearRidge;
        this.target = target;
        this.k = k;
        n = target.length;
        if (k == variances.length) {
            leading = points;
        } else {
            leading = points.get(new NDIndex(":, :{}", k)).duplicate();
            leading.attach(manager);
        }
        scale = Arrays.stream(variances, 0, k).map(v -> Math.pow(v + 1, 0.25)).toArray();
        inverse = Arrays.stream(scale).map(s -> 1 / s).toArray();
    }

    /**
     * When to end.
     *
     * @param tolerance ends when ten steps change the objective by less than this part of it
     * @param steps the most
     */
    record Effort(double tolerance, int steps) {}

    /**
     * The minimising {@code M}: {@code d×d}, row-major, 0 outside of the leading coordinates.
     *
     * @param start where to begin, {@code d×d}
     * @throws Progress.Interrupted if the thread was interrupted
     */
    double[] solve(double ridge, double[] start, Effort effort) {
        var what = String.format(Locale.ROOT, "quadratic fit on %d axes at ridge %.0e", k, ridge);
        try (var progress = Progress.start(what, effort.steps(), "steps")) {
            var M = resized(start, variances.length, k);
            var x = scaled(M, scale);
            var valuesOfX = values(M);
            var y = x;
            var valuesOfY = valuesOfX;
            var objectives = new double[effort.steps() + 1];
            objectives[0] = objective(M, valuesOfX, ridge);
            double momentum = 1;
            for (int step = 1; step <= effort.steps(); step++) {
                var slope = scaled(slope(scaled(y, inverse), valuesOfY, ridge), inverse);
                lipschitz = lipschitz == 0 ? curvature(slope, ridge) : 0.98 * lipschitz;
                var descent = descend(y, slope, ridge);
                var next = descent.next();
                var valuesOfNext = combined(1, valuesOfY, 1, descent.valuesOfMove());
                boolean uphill = Vectors.dot(descent.move(), combined(1, next, -1, x)) < 0;
                double following = uphill ? 1 : (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
                double beta = uphill ? 0 : (momentum - 1) / following;
                momentum = following;
                y = combined(1 + beta, next, -beta, x);
                valuesOfY = combined(1 + beta, valuesOfNext, -beta, valuesOfX);
                x = next;
                valuesOfX = valuesOfNext;
                progress.advance(1);
                objectives[step] = objective(scaled(x, inverse), valuesOfX, ridge);
                if (step >= STEPS_COMPARED
                        && Math.abs(objectives[step - STEPS_COMPARED] - objectives[step])
                                <= effort.tolerance() * objectives[step]) {
                    break;
                }
            }
            return resized(scaled(x, inverse), k, variances.length);
        }
    }

    /**
     * One proximal step.
     *
     * @param move {@code next - y}
     * @param valuesOfMove {@code n}, centred
     */
    private record Descent(double[] next, double[] move, double[] valuesOfMove) {}

    /** Shortens the step until its length fits the curvature along it, which a quadratic objective tells exactly. */
    private Descent descend(double[] y, double[] slope, double ridge) {
        while (true) {
            var next = SemidefiniteMatrices.nearest(combined(1, y, -1 / lipschitz, slope), k);
            var move = combined(1, next, -1, y);
            var unscaled = scaled(move, inverse);
            var valuesOfMove = values(unscaled);
            double length = Vectors.dot(move, move), bend = bend(unscaled, valuesOfMove, ridge);
            if (bend <= lipschitz * length * (1 + 1e-9)) {
                return new Descent(next, move, valuesOfMove);
            }
            lipschitz = Math.max(1.1 * lipschitz, bend / length);
        }
    }

    private double objective(double[] M, double[] values, double ridge) {
        var residual = Vectors.minus(values, target);
        return Vectors.dot(residual, withoutLinear(residual)) / (2 * n) + ridge / 2 * Vectors.dot(M, M);
    }

    /** Second derivative along the steepest descent: a first guess of the Lipschitz constant. */
    private double curvature(double[] slope, double ridge) {
        double length = Vectors.dot(slope, slope);
        if (length == 0) {
            return 1;
        }
        var direction = scaled(slope, inverse);
        return bend(direction, values(direction), ridge) / length;
    }

    private double bend(double[] move, double[] values, double ridge) {
        return Vectors.dot(values, withoutLinear(values)) / n + ridge * Vectors.dot(move, move);
    }

    /** {@code ½xᵀMx} at the points, centred. */
    private double[] values(double[] M) {
        var values = halfSquares(leading, M, k);
        double mean = Vectors.sum(values) / n;
        return Arrays.stream(values).map(value -> value - mean).toArray();
    }

    private double[] slope(double[] M, double[] values, double ridge) {
        var residual = withoutLinear(Vectors.minus(values, target));
        var slope = onPoints(
                leading, residual, 1, (x, r) -> x.transpose().matMul(x.mul(r)).divi(2 * n));
        return combined(1, slope, ridge, M);
    }

    /** Values less the linear function that is closest to them: the objective sees no more of a linear function than its ridge. */
    private double[] withoutLinear(double[] values) {
        return Vectors.minus(values, linearValues(points, slope(points, variances, linearRidge, values)));
    }

    /** The {@code g} that minimises {@code 1/2n Σ (g·x - v)² + ρ/2 ‖g‖²}, {@code d}. */
    static double[] slope(NDArray points, double[] variances, double ridge, double[] values) {
        var g = onPoints(points, values, 1, (x, v) -> x.transpose().matMul(v));
        Arrays.setAll(g, i -> g[i] / values.length / (variances[i] + ridge));
        return g;
    }

    /** {@code g·x} at the points, {@code n}. */
    static double[] linearValues(NDArray points, double[] g) {
        return onPoints(points, g, 1, NDArray::matMul);
    }

    /** {@code ½xᵀMx} at points of {@code d} coordinates, {@code n}. */
    static double[] halfSquares(NDArray points, double[] M, int d) {
        return onPoints(points, M, d, (x, m) -> Products.of(x, m)
                .muli(x)
                .sum(new int[] {1})
                .divi(2));
    }

    /** What is made in float32 of points and a row-major matrix of so many columns. */
    private static double[] onPoints(NDArray points, double[] matrix, int columns, BinaryOperator<NDArray> operation) {
        try (var pass = points.getManager().newSubManager()) {
            points.tempAttach(pass);
            var given =
                    Engine.array(pass, matrix, matrix.length / columns, columns).toType(DataType.FLOAT32, false);
            return operation
                    .apply(points, given)
                    .toType(DataType.FLOAT64, false)
                    .toDoubleArray();
        }
    }

    /** {@code SMS}, {@code S} diagonal. */
    private static double[] scaled(double[] M, double[] byRow) {
        int k = byRow.length;
        var scaled = new double[M.length];
        for (int i = 0; i < k; i++) {
            for (int j = 0; j < k; j++) {
                scaled[i * k + j] = M[i * k + j] * byRow[i] * byRow[j];
            }
        }
        return scaled;
    }

    /** The leading block of a matrix, or the matrix with zeros behind it. */
    private static double[] resized(double[] M, int from, int to) {
        if (from == to) {
            return M;
        }
        var resized = new double[to * to];
        for (int i = 0; i < Math.min(from, to); i++) {
            System.arraycopy(M, i * from, resized, i * to, Math.min(from, to));
        }
        return resized;
    }

    private static double[] combined(double a, double[] x, double b, double[] y) {
        var sum = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            sum[i] = a * x[i] + b * y[i];
        }
        return sum;
    }
}
