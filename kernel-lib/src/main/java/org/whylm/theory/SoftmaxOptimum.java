package org.whylm.theory;

import java.util.Arrays;
import org.ejml.simple.SimpleMatrix;

/**
 * The optimum of cross-entropy over all features for fixed {@code Φ} (P2).
 *
 * @param f {@code S×d}: {@code f*(s)}, unique up to directions {@code δ} with {@code Φᵀδ} constant. Where no minimiser exists,
 *     the parameters of the limit distribution on the minimal face
 * @param p {@code S×V}: {@code p_{f*}(.|s)}, unique; where no minimiser exists, the limit distribution, which is 0 off the
 *     minimal face
 * @param attained {@code S}: whether a minimiser exists, which is whether {@code Φp*(.|s)} lies in the relative interior of
 *     the convex hull of the {@code φ_w}
 * @param gradient {@code S}: {@code ‖Φp_{f*}(s) - Φp*(.|s)‖₂}
 */
public record SoftmaxOptimum(double[][] f, double[][] p, boolean[] attained, double[] gradient) {

    private static final double REQUIRED_GRADIENT = 1e-8;
    private static final double AIM = 1e-13;
    private static final int MAX_STEPS = 200;
    private static final double LEAST_DAMPING = 1e-10;
    private static final double MOST_DAMPING = 1e3;

    /**
     * Solves every context by damped Newton steps, to a gradient of 1e-8 or less relative to the size of {@code Φ}.
     *
     * @throws ArithmeticException if a context does not get there (its mean is too close to the hull's boundary)
     */
    public static SoftmaxOptimum of(FiniteLanguage language, Embeddings phi) {
        if (phi.vocabulary() != language.vocabulary()) {
            throw new IllegalArgumentException(
                    "phi has " + phi.vocabulary() + " words, the language " + language.vocabulary());
        }
        var contexts = language.contexts();
        var optimum = new SoftmaxOptimum(
                new double[contexts][], new double[contexts][], new boolean[contexts], new double[contexts]);
        for (var s = 0; s < contexts; s++) {
            optimum.solve(s, phi, language.pStar()[s]);
        }
        return optimum;
    }

    private void solve(int s, Embeddings phi, double[] pStar) {
        var face = MinimalFace.words(phi, pStar);
        attained[s] = face.length == phi.vocabulary();
        var mean = phi.conditionalMean(pStar);
        var centered = phi.centred(mean, face);
        // In the coordinates η = S Uᵀθ of the singular value decomposition directions without effect are gone, and the
        // others have one scale.
        var svd = centered.svd(true);
        var rank = Embeddings.rank(svd.getSingularValues());
        var coordinates = svd.getV().cols(0, rank);
        var scales = SimpleMatrix.diag(Arrays.copyOf(svd.getSingularValues(), rank));
        var directions = svd.getU().cols(0, rank);
        var eta = rank == 0 ? new SimpleMatrix(0, 1) : newton(coordinates);
        p[s] = new double[phi.vocabulary()];
        var onFace = probabilities(coordinates, eta);
        for (var j = 0; j < face.length; j++) {
            p[s][face[j]] = onFace[j];
        }
        f[s] = rank == 0
                ? new double[phi.dimension()]
                : Vectors.elements(directions.mult(scales.invert().mult(eta)));
        gradient[s] = Vectors.norm2(Vectors.minus(phi.conditionalMean(p[s]), mean));
        if (!(gradient[s] <= REQUIRED_GRADIENT * Math.max(1, centered.normF()))) {
            throw new ArithmeticException("The cross-entropy of context " + s + " is still at a gradient of "
                    + gradient[s]
                    + " after " + MAX_STEPS + " Newton steps: Φp* is too close to the boundary of the convex hull"
                    + " of the word embeddings");
        }
    }

    /**
     * Minimises {@code log Σ_j exp(c_j·η)}, {@code c_j} being the rows of {@code coordinates}. A Newton step that does not lower it
     * enough is damped as Levenberg and Marquardt do: far from the optimum {@code p} may be all but certain of one word, and the
     * curvature too small to tell a direction.
     */
    private static SimpleMatrix newton(SimpleMatrix coordinates) {
        var eta = new SimpleMatrix(coordinates.getNumCols(), 1);
        for (var step = 0; step < MAX_STEPS; step++) {
            var p = probabilities(coordinates, eta);
            var gradient = coordinates.transpose().mult(Vectors.column(p));
            if (gradient.normF() <= AIM) {
                break;
            }
            var hessian = covariance(coordinates, p, gradient);
            var value = logPartition(coordinates, eta);
            var direction = Embeddings.pseudoInverse(hessian).mult(gradient).negative();
            for (var damping = LEAST_DAMPING;
                    damping < MOST_DAMPING && !lowers(coordinates, eta, direction, gradient, value);
                    damping *= 10) {
                direction = hessian.plus(
                                SimpleMatrix.identity(hessian.getNumRows()).scale(damping))
                        .solve(gradient)
                        .negative();
            }
            eta = eta.plus(direction);
        }
        return eta;
    }

    private static boolean lowers(
            SimpleMatrix coordinates, SimpleMatrix eta, SimpleMatrix direction, SimpleMatrix gradient, double value) {
        return logPartition(coordinates, eta.plus(direction)) <= value + 1e-4 * gradient.dot(direction) + 1e-15;
    }

    private static SimpleMatrix covariance(SimpleMatrix coordinates, double[] p, SimpleMatrix mean) {
        var weighted = coordinates.copy();
        for (var j = 0; j < p.length; j++) {
            var root = Math.sqrt(p[j]);
            for (var i = 0; i < weighted.getNumCols(); i++) {
                weighted.set(j, i, root * (coordinates.get(j, i) - mean.get(i)));
            }
        }
        return weighted.transpose().mult(weighted);
    }

    private static double logPartition(SimpleMatrix coordinates, SimpleMatrix eta) {
        return Embeddings.logSumExp(Vectors.elements(coordinates.mult(eta)));
    }

    private static double[] probabilities(SimpleMatrix coordinates, SimpleMatrix eta) {
        if (eta.getNumRows() == 0) {
            return Distributions.uniform(coordinates.getNumRows());
        }
        return Embeddings.normalized(Vectors.elements(coordinates.mult(eta)));
    }
}
