package org.whylm.theory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
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
 * step multiplies the {@code n×d} points with {@code d×d} matrices. Solved by the accelerated proximal gradient method (FISTA:
 * Beck and Teboulle, 2009) with adaptive restart (O'Donoghue and Candès, 2015); the proximal map sets negative eigenvalues to
 * zero. It works on {@code SMS} and {@code Sg} with {@code S² = diag(λ + ρ)}, {@code λ} the variances of the coordinates: on the
 * axes of the points this makes the Hessian nearly a multiple of the identity, and a congruence keeps {@code M} semidefinite.
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
     * What a quadratic gives at the points; linear in it.
     *
     * @param values {@code n}, centred
     * @param gradients {@code n×d}; null where gradients are not fitted
     */
    private record Image(double[] values, NDArray gradients) {

        Image combined(double a, double b, Image other, NDManager manager) {
            var mixed = QuadraticRegression.combined(a, values, b, other.values);
            if (gradients == null) {
                return new Image(mixed, null);
            }
            var sum = gradients.mul(a);
            try (var second = other.gradients.mul(b)) {
                sum.addi(second);
            }
            sum.attach(manager);
            return new Image(mixed, sum);
        }

        void close() {
            if (gradients != null) {
                gradients.close();
            }
        }
    }

    private final NDManager manager;
    private final NDArray points;
    private final double[] target;
    private final NDArray targetGradients;
    private final double gradientWeight;
    private final double[] variances;
    private final int n;
    private final int d;

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
        this.points = points;
        this.variances = variances;
        this.target = target;
        this.targetGradients = targetGradients;
        this.gradientWeight = targetGradients == null ? 0 : gradientWeight;
        n = target.length;
        d = variances.length;
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
        double rho = Math.max(gradientWeight / 2, Math.sqrt(ridge));
        var scale = new double[d];
        var inverse = new double[d];
        for (int i = 0; i < d; i++) {
            scale[i] = Math.sqrt(variances[i] + rho);
            inverse[i] = 1 / scale[i];
        }
        var what = String.format(Locale.ROOT, "quadratic fit at ridge %.0e", ridge);
        try (var scope = manager.newSubManager();
                var progress = Progress.start(what, effort.steps(), "steps")) {
            var x = start.scaled(scale);
            var imageOfX = image(start, scope);
            var y = x;
            var imageOfY = imageOfX.combined(1, 0, imageOfX, scope);
            double checked = objective(start, imageOfX, ridge);
            double momentum = 1, lipschitz = 0;
            for (int step = 1; step <= effort.steps(); step++) {
                var slope = gradient(y.scaled(inverse), imageOfY, ridge).scaled(inverse);
                lipschitz = lipschitz == 0 ? curvature(slope, inverse, ridge, scope) : 0.98 * lipschitz;
                var descent = descend(y, slope, lipschitz, inverse, ridge, scope);
                lipschitz = descent.lipschitz();
                var next = descent.next();
                var imageOfNext = imageOfY.combined(1, 1, descent.imageOfMove(), scope);
                descent.imageOfMove().close();
                boolean uphill = descent.move().dot(next.combined(1, -1, x)) < 0;
                double following = uphill ? 1 : (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
                double beta = uphill ? 0 : (momentum - 1) / following;
                momentum = following;
                imageOfY.close();
                y = next.combined(1 + beta, -beta, x);
                imageOfY = imageOfNext.combined(1 + beta, -beta, imageOfX, scope);
                imageOfX.close();
                x = next;
                imageOfX = imageOfNext;
                progress.advance(1);
                if (step % STEPS_BETWEEN_CHECKS == 0) {
                    double now = objective(x.scaled(inverse), imageOfX, ridge);
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
     * @param lipschitz no less than the curvature along the move
     */
    private record Descent(Quadratic next, Quadratic move, Image imageOfMove, double lipschitz) {}

    /** Shortens the step until its length fits the curvature along it, which a quadratic objective tells exactly. */
    private Descent descend(
            Quadratic y, Quadratic slope, double lipschitz, double[] inverse, double ridge, NDManager scope) {
        while (true) {
            var next = semidefinite(y.combined(1, -1 / lipschitz, slope));
            var move = next.combined(1, -1, y);
            var unscaled = move.scaled(inverse);
            var imageOfMove = image(unscaled, scope);
            double length = move.dot(move), bend = bend(unscaled, imageOfMove, ridge);
            if (bend <= lipschitz * length * (1 + 1e-9)) {
                return new Descent(next, move, imageOfMove, lipschitz);
            }
            imageOfMove.close();
            lipschitz = Math.max(1.1 * lipschitz, bend / length);
        }
    }

    private double objective(Quadratic q, Image image, double ridge) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double r = image.values[i] - target[i];
            sum += r * r;
        }
        double value = sum / (2 * n) + ridge / 2 * q.dot(q);
        if (targetGradients != null) {
            try (var e = image.gradients.sub(targetGradients)) {
                value += gradientWeight / (2 * n) * squared(e);
            }
        }
        return value;
    }

    /** Second derivative along the steepest descent: a first guess of the Lipschitz constant. */
    private double curvature(Quadratic slope, double[] inverse, double ridge, NDManager scope) {
        double length = slope.dot(slope);
        if (length == 0) {
            return 1;
        }
        var direction = slope.scaled(inverse);
        var image = image(direction, scope);
        double bend = bend(direction, image, ridge);
        image.close();
        return bend / length;
    }

    private double bend(Quadratic move, Image image, double ridge) {
        double sum = dot(image.values, image.values) / n + ridge * move.dot(move);
        return image.gradients == null ? sum : sum + gradientWeight / n * squared(image.gradients);
    }

    private static double squared(NDArray array) {
        try (var squares = array.square();
                var sum = squares.sum()) {
            return sum.getDouble();
        }
    }

    private Image image(Quadratic quadratic, NDManager scope) {
        try (var pass = scope.newSubManager()) {
            var m = Float64.array(pass, quadratic.M, d, d);
            var g = Float64.array(pass, quadratic.g, 1, d);
            var gradients = points.matMul(m);
            gradients.attach(pass);
            gradients.addi(g);
            // ½xᵀMx + g·x = ½(Mx + g + g)·x
            var doubled = gradients.add(g);
            var values = doubled.muli(points).sum(new int[] {1}).toDoubleArray();
            for (int i = 0; i < n; i++) {
                values[i] /= 2;
            }
            centre(values);
            if (targetGradients == null) {
                return new Image(values, null);
            }
            gradients.attach(scope);
            return new Image(values, gradients);
        }
    }

    private Quadratic gradient(Quadratic at, Image image, double ridge) {
        var residual = combined(1.0 / n, image.values, -1.0 / n, target);
        try (var pass = manager.newSubManager()) {
            var r = Float64.array(pass, residual, n, 1);
            var weighted = points.mul(r);
            weighted.attach(pass);
            var transposed = points.transpose();
            transposed.attach(pass);
            var bySquare = transposed.matMul(weighted);
            double[] m = bySquare.toDoubleArray(),
                    g = weighted.sum(new int[] {0}).toDoubleArray();
            for (int i = 0; i < d * d; i++) {
                m[i] /= 2;
            }
            if (image.gradients != null) {
                var error = image.gradients.sub(targetGradients);
                error.attach(pass);
                error.muli(gradientWeight / n);
                double[] outer = transposed.matMul(error).toDoubleArray(),
                        sums = error.sum(new int[] {0}).toDoubleArray();
                for (int i = 0; i < d; i++) {
                    g[i] += sums[i];
                    for (int j = 0; j < d; j++) {
                        m[i * d + j] += (outer[i * d + j] + outer[j * d + i]) / 2;
                    }
                }
            }
            return new Quadratic(combined(1, m, ridge, at.M), combined(1, g, ridge, at.g));
        }
    }

    /** The closest quadratic (Frobenius) whose matrix has no negative eigenvalue. */
    private Quadratic semidefinite(Quadratic quadratic) {
        var symmetric = new double[d * d];
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                symmetric[i * d + j] = (quadratic.M[i * d + j] + quadratic.M[j * d + i]) / 2;
            }
        }
        var eigen = eigen(symmetric, d);
        int negative = 0;
        var factor = new DMatrixRMaj(d, d);
        for (int k = 0; k < d; k++) {
            double value = eigen.getEigenvalue(k).getReal();
            if (value < 0) {
                var vector = eigen.getEigenVector(k);
                for (int i = 0; i < d; i++) {
                    factor.set(negative, i, Math.sqrt(-value) * vector.get(i));
                }
                negative++;
            }
        }
        if (negative > 0) {
            factor.reshape(negative, d, true);
            var removed = new DMatrixRMaj(d, d);
            CommonOps_DDRM.multInner(factor, removed);
            for (int i = 0; i < d * d; i++) {
                symmetric[i] += removed.data[i];
            }
        }
        return new Quadratic(symmetric, quadratic.g);
    }

    static EigenDecomposition_F64<DMatrixRMaj> eigen(double[] symmetric, int d) {
        var eigen = DecompositionFactory_DDRM.eig(d, true, true);
        if (!eigen.decompose(new DMatrixRMaj(d, d, true, symmetric.clone()))) {
            throw new ArithmeticException(
                    "The eigenvalues of a " + d + "×" + d + " matrix were not found: not finite?");
        }
        return eigen;
    }

    private static void centre(double[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        for (int i = 0; i < values.length; i++) {
            values[i] -= mean;
        }
    }

    private static double norm(Quadratic quadratic) {
        return Math.sqrt(quadratic.dot(quadratic));
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
