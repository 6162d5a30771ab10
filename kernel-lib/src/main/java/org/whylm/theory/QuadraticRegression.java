package org.whylm.theory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Locale;
import org.whylm.run.Progress;

/**
 * Ridge regression of a value on the quadratics {@code ½xᵀMx + g·x + c} with {@code M} symmetric positive semidefinite, for
 * points {@code x} in the coordinates of their principal axes; optionally of the value's gradient on {@code Mx + g} as well:
 *
 * <pre>{@code
 * 1/2n Σ (½xᵀMx + g·x + c - y)² + w/2n Σ ‖Mx + g - t‖² + ridge/2 (‖M‖²_F + ‖g‖²)
 * }</pre>
 *
 * <p>The {@code d(d+1)/2 + d + 1} unknowns only ever stand in {@code d×d} matrices: {@code c} is eliminated by centring, and each
 * step multiplies the {@code n×d} points, in float32, with {@code d×d} matrices. Points in the coordinates of their principal axes have the
 * covariance {@code diag(λ)}, so that the error of the gradients is a sum over the entries of {@code M}. Solved by the accelerated
 * proximal gradient method (FISTA: Beck and Teboulle, 2009) with adaptive restart (O'Donoghue and Candès, 2015); the proximal map is
 * the projection on the semidefinite matrices. It works on {@code SMS} and {@code Sg} with {@code S⁴ = diag(λ + 1)}: a congruence
 * keeps {@code M} semidefinite. Of the Hessian's diagonal, {@code λᵢλⱼ + w(λᵢ+λⱼ)/2 + ridge}, this evens out a part; {@code
 * S² = diag(λ + …)}, which would even out all of {@code λᵢλⱼ}, leaves the directions that few points tell of too flat.
 */
final class QuadraticRegression {

    private static final int STEPS_BETWEEN_CHECKS = 10;

    /**
     * A quadratic up to its constant.
     *
     * @param M {@code d×d}, row-major
     * @param g {@code d}
     */
    record Quadratic(double[] M, double[] g) {

        static Quadratic zero(int d) {
            return new Quadratic(new double[d * d], new double[d]);
        }

        private Quadratic scaled(double[] byRow) {
            int d = g.length;
            var scaledM = new double[d * d];
            var scaledG = new double[d];
            for (int i = 0; i < d; i++) {
                scaledG[i] = g[i] * byRow[i];
                for (int j = 0; j < d; j++) {
                    scaledM[i * d + j] = M[i * d + j] * byRow[i] * byRow[j];
                }
            }
            return new Quadratic(scaledM, scaledG);
        }

        /** {@code a·this + b·other}. */
        private Quadratic combined(double a, double b, Quadratic other) {
            return new Quadratic(
                    QuadraticRegression.combined(a, M, b, other.M), QuadraticRegression.combined(a, g, b, other.g));
        }

        private double dot(Quadratic other) {
            return QuadraticRegression.dot(M, other.M) + QuadraticRegression.dot(g, other.g);
        }
    }

    /**
     * What the mean squared error of the gradients depends on.
     *
     * @param moments {@code d×d}, row-major: the symmetric part of {@code E[x tᵀ]}
     * @param mean {@code d}, of {@code t}
     * @param squares {@code E‖t‖²}
     */
    private record Gradients(double[] moments, double[] mean, double squares) {

        static Gradients of(NDArray points, NDArray targets) {
            long n = points.getShape().get(0), d = points.getShape().get(1);
            try (var pass = points.getManager().newSubManager()) {
                points.tempAttach(pass);
                targets.tempAttach(pass);
                var moments = points.transpose().matMul(targets).divi(n);
                var symmetric = moments.add(moments.transpose()).divi(2);
                return new Gradients(
                        symmetric.toDoubleArray(),
                        targets.mean(new int[] {0}).toDoubleArray(),
                        targets.square().sum().getDouble() / n);
            }
        }
    }

    private final NDManager manager;
    private final NDArray points;
    private final double[] target;
    private final Gradients gradients;
    private final double gradientWeight;
    private final double[] variances;
    private final double[] scale;
    private final double[] inverse;
    private final int n;
    private final int d;
    private double lipschitz;

    /**
     * @param points {@code n×d}, float64, centred, uncorrelated coordinates
     * @param variances {@code d}, of the coordinates
     * @param target {@code n}, centred
     * @param targetGradients {@code n×d}, or null to fit the values alone
     * @param gradientWeight {@code w}; not used without gradients
     */
    QuadraticRegression(
            NDManager manager,
            NDArray points,
            double[] variances,
            double[] target,
            NDArray targetGradients,
            double gradientWeight) {
        this.manager = manager;
        this.points = points.toType(DataType.FLOAT32, true);
        this.variances = variances;
        this.target = target;
        this.gradients = targetGradients == null ? null : Gradients.of(points, targetGradients);
        this.gradientWeight = targetGradients == null ? 0 : gradientWeight;
        n = target.length;
        d = variances.length;
        scale = Arrays.stream(variances).map(v -> Math.pow(v + 1, 0.25)).toArray();
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
     * The minimiser.
     *
     * @param start where to begin
     * @throws Progress.Interrupted if the thread was interrupted
     */
    Quadratic solve(double ridge, Quadratic start, Effort effort) {
        var what = String.format(Locale.ROOT, "quadratic fit at ridge %.0e", ridge);
        try (var progress = Progress.start(what, effort.steps(), "steps")) {
            var x = start.scaled(scale);
            var valuesOfX = values(start);
            var y = x;
            var valuesOfY = valuesOfX;
            double checked = objective(start, valuesOfX, ridge);
            double momentum = 1;
            for (int step = 1; step <= effort.steps(); step++) {
                var slope = slope(y.scaled(inverse), valuesOfY, ridge).scaled(inverse);
                lipschitz = lipschitz == 0 ? curvature(slope, ridge) : 0.98 * lipschitz;
                var descent = descend(y, slope, ridge);
                var next = descent.next();
                var valuesOfNext = combined(1, valuesOfY, 1, descent.valuesOfMove());
                boolean uphill = descent.move().dot(next.combined(1, -1, x)) < 0;
                double following = uphill ? 1 : (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
                double beta = uphill ? 0 : (momentum - 1) / following;
                momentum = following;
                y = next.combined(1 + beta, -beta, x);
                valuesOfY = combined(1 + beta, valuesOfNext, -beta, valuesOfX);
                x = next;
                valuesOfX = valuesOfNext;
                progress.advance(1);
                if (step % STEPS_BETWEEN_CHECKS == 0) {
                    double now = objective(x.scaled(inverse), valuesOfX, ridge);
                    if (Math.abs(checked - now) <= effort.tolerance() * now) {
                        break;
                    }
                    checked = now;
                }
            }
            return x.scaled(inverse);
        }
    }

    /**
     * One proximal step.
     *
     * @param move {@code next - y}
     * @param valuesOfMove {@code n}, centred
     */
    private record Descent(Quadratic next, Quadratic move, double[] valuesOfMove) {}

    /** Shortens the step until its length fits the curvature along it, which a quadratic objective tells exactly. */
    private Descent descend(Quadratic y, Quadratic slope, double ridge) {
        while (true) {
            var ahead = y.combined(1, -1 / lipschitz, slope);
            var next = new Quadratic(SemidefiniteMatrices.nearest(ahead.M, d), ahead.g);
            var move = next.combined(1, -1, y);
            var unscaled = move.scaled(inverse);
            var valuesOfMove = values(unscaled);
            double length = move.dot(move), bend = bend(unscaled, valuesOfMove, ridge);
            if (bend <= lipschitz * length * (1 + 1e-9)) {
                return new Descent(next, move, valuesOfMove);
            }
            lipschitz = Math.max(1.1 * lipschitz, bend / length);
        }
    }

    private double objective(Quadratic q, double[] values, double ridge) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double r = values[i] - target[i];
            sum += r * r;
        }
        double value = sum / (2 * n) + ridge / 2 * q.dot(q);
        if (gradients != null) {
            double cross = dot(q.M, gradients.moments) + dot(q.g, gradients.mean);
            value += gradientWeight / 2 * (squaredGradients(q) - 2 * cross + gradients.squares);
        }
        return value;
    }

    /** {@code E‖Mx + g‖²}. */
    private double squaredGradients(Quadratic q) {
        double sum = dot(q.g, q.g);
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                sum += variances[j] * q.M[i * d + j] * q.M[i * d + j];
            }
        }
        return sum;
    }

    /** Second derivative along the steepest descent: a first guess of the Lipschitz constant. */
    private double curvature(Quadratic slope, double ridge) {
        double length = slope.dot(slope);
        if (length == 0) {
            return 1;
        }
        var direction = slope.scaled(inverse);
        return bend(direction, values(direction), ridge) / length;
    }

    private double bend(Quadratic move, double[] values, double ridge) {
        return dot(values, values) / n + gradientWeight * squaredGradients(move) + ridge * move.dot(move);
    }

    /** {@code ½xᵀMx + g·x} at the points, centred. */
    private double[] values(Quadratic q) {
        try (var pass = manager.newSubManager()) {
            points.tempAttach(pass);
            var m = Float64.array(pass, q.M, d, d).toType(DataType.FLOAT32, false);
            var g = Float64.array(pass, q.g, 1, d).toType(DataType.FLOAT32, false);
            var values = points.matMul(m)
                    .divi(2)
                    .addi(g)
                    .muli(points)
                    .sum(new int[] {1})
                    .toType(DataType.FLOAT64, false)
                    .toDoubleArray();
            centre(values);
            return values;
        }
    }

    private Quadratic slope(Quadratic at, double[] values, double ridge) {
        double[] m, g;
        try (var pass = manager.newSubManager()) {
            points.tempAttach(pass);
            var residual = Float64.array(pass, combined(1.0 / n, values, -1.0 / n, target), n, 1);
            var weighted = points.mul(residual.toType(DataType.FLOAT32, false));
            m = points.transpose()
                    .matMul(weighted)
                    .divi(2)
                    .toType(DataType.FLOAT64, false)
                    .toDoubleArray();
            g = weighted.sum(new int[] {0}).toType(DataType.FLOAT64, false).toDoubleArray();
        }
        if (gradients != null) {
            for (int i = 0; i < d; i++) {
                g[i] += gradientWeight * (at.g[i] - gradients.mean[i]);
                for (int j = 0; j < d; j++) {
                    int ij = i * d + j;
                    m[ij] += gradientWeight * ((variances[i] + variances[j]) / 2 * at.M[ij] - gradients.moments[ij]);
                }
            }
        }
        return new Quadratic(combined(1, m, ridge, at.M), combined(1, g, ridge, at.g));
    }

    private static void centre(double[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        for (int i = 0; i < values.length; i++) {
            values[i] -= mean;
        }
    }

    private static double[] combined(double a, double[] x, double b, double[] y) {
        var sum = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            sum[i] = a * x[i] + b * y[i];
        }
        return sum;
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }
}
