package org.whylm.theory;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.simple.SimpleMatrix;
import org.hipparchus.optim.linear.LinearConstraint;
import org.hipparchus.optim.linear.LinearConstraintSet;
import org.hipparchus.optim.linear.LinearObjectiveFunction;
import org.hipparchus.optim.linear.NonNegativeConstraint;
import org.hipparchus.optim.linear.Relationship;
import org.hipparchus.optim.linear.SimplexSolver;
import org.hipparchus.optim.nonlinear.scalar.GoalType;

/**
 * The words on the minimal face of a conditional mean: the face of the convex hull of the {@code φ_w} whose relative interior
 * holds {@code Φp*(.|s)} (P2). All words where {@code p*(.|s) > 0}.
 */
final class MinimalFace {

    private MinimalFace() {}

    static int[] words(Embeddings phi, double[] pStar) {
        var vocabulary = phi.vocabulary();
        var support = IntStream.range(0, vocabulary).filter(w -> pStar[w] > 0).toArray();
        if (support.length == vocabulary) {
            return support;
        }
        var all = IntStream.range(0, vocabulary).toArray();
        var mean = phi.conditionalMean(pStar);
        var outside = outsideSpan(phi.centred(mean, all), phi.centred(mean, support));
        var candidates =
                IntStream.of(all).filter(w -> outside[w] != null).boxed().toList();
        if (candidates.isEmpty()) {
            return all;
        }
        var separated = separated(outside, candidates);
        return IntStream.of(all).filter(w -> !separated.contains(w)).toArray();
    }

    /**
     * For each word the direction of its part orthogonal to the affine hull of the support, or null for a word of that hull,
     * which lies on the face: the mean is a relative interior point of the support's hull.
     */
    private static double[][] outsideSpan(SimpleMatrix centered, SimpleMatrix support) {
        var svd = support.svd(true);
        var scale = centered.normF();
        var rank = Embeddings.rank(svd.getSingularValues(), scale);
        var basis = svd.getU().cols(0, rank);
        var orthogonal = centered.minus(basis.mult(basis.transpose().mult(centered)));
        var directions = new double[centered.getNumCols()][];
        for (var w = 0; w < directions.length; w++) {
            var part = Vectors.elements(orthogonal.getColumn(w));
            var length = Vectors.norm2(part);
            if (length > Math.sqrt(Embeddings.RANK_TOLERANCE) * scale) {
                directions[w] = Vectors.scaled(part, 1 / length);
            }
        }
        return directions;
    }

    /**
     * The words off the face: those that some {@code δ} with {@code δ·ψ_w ≤ 0} for every word puts strictly below 0. Sums of
     * such {@code δ} are such {@code δ}, so one linear programme, {@code max Σ t_w} with {@code δ·ψ_w ≤ -t_w},
     * {@code 0 ≤ t_w ≤ 1}, finds them all at {@code t_w = 1}.
     */
    private static List<Integer> separated(double[][] directions, List<Integer> candidates) {
        var dimension = directions[candidates.get(0)].length;
        var variables = dimension + candidates.size();
        var objective = new double[variables];
        var constraints = new ArrayList<LinearConstraint>();
        for (var j = 0; j < candidates.size(); j++) {
            objective[dimension + j] = 1;
            var separation = new double[variables];
            System.arraycopy(directions[candidates.get(j)], 0, separation, 0, dimension);
            separation[dimension + j] = 1;
            constraints.add(new LinearConstraint(separation, Relationship.LEQ, 0));
            var indicator = new double[variables];
            indicator[dimension + j] = 1;
            constraints.add(new LinearConstraint(indicator, Relationship.LEQ, 1));
            constraints.add(new LinearConstraint(indicator, Relationship.GEQ, 0));
        }
        var optimum = new SimplexSolver()
                .optimize(
                        new LinearObjectiveFunction(objective, 0),
                        new LinearConstraintSet(constraints),
                        GoalType.MAXIMIZE,
                        new NonNegativeConstraint(false));
        return IntStream.range(0, candidates.size())
                .filter(j -> optimum.getPoint()[dimension + j] > 0.5)
                .mapToObj(candidates::get)
                .toList();
    }
}
