package org.whylm.theory;

import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.hipparchus.optim.InitialGuess;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.SimpleBounds;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunction;
import org.hipparchus.optim.nonlinear.scalar.noderiv.CMAESOptimizer;
import org.hipparchus.random.Well19937c;

/**
 * Looks for instances on which a bound is tight: the best of many random ones, from which CMA-ES goes on.
 *
 * @param contexts {@code S}
 * @param vocabulary {@code V}
 * @param dimension {@code d}; 0 for T1's unconstrained models, which are softmax models with {@code Φ = I}
 */
public record TightnessSearch(int contexts, int vocabulary, int dimension, Loss loss) {

    /** Parameters are logits, features and weights; beyond this size they change nothing that matters. */
    private static final double LARGEST_PARAMETER = 20;

    /**
     * What a search found.
     *
     * @param random the best ratio of the random instances
     * @param ratio the best ratio after the local search
     * @param instance the instance that has it
     */
    public record Found(double random, double ratio, Instance instance) {}

    /**
     * Maximises a ratio, such as that of {@link Theorem#of} or {@link Theorem#ofBest}.
     *
     * @param ratio the ratio of an instance's two sides
     * @param samples random instances
     * @param evaluations further instances that the local search may look at
     * @param seed of the random draws
     */
    public Found maximize(ToDoubleFunction<Instance> ratio, int samples, int evaluations, long seed) {
        var sampler = new Sampler(seed);
        var search = new Search(ratio);
        for (var i = 0; i < samples; i++) {
            search.evaluate(sampler.gaussian(1, search.best.length, sampler.logUniform(0.1, 3))[0]);
        }
        var random = search.reached;
        // Each stretch of CMA-ES ends where it converges; the next starts from there with its step size anew.
        for (var left = evaluations; left > 0; ) {
            var before = search.evaluations;
            search.climb(Math.min(left, Math.max(evaluations / 4, 1)), seed + left);
            left -= Math.max(search.evaluations - before, 1);
        }
        return new Found(random, search.reached, instance(search.best));
    }

    /** Remembers the best point that it saw. */
    private final class Search {
        private final ToDoubleFunction<Instance> ratio;
        private double[] best = new double[parameters()];
        private double reached = Double.NEGATIVE_INFINITY;
        private int evaluations;

        Search(ToDoubleFunction<Instance> ratio) {
            this.ratio = ratio;
        }

        private double evaluate(double[] parameters) {
            evaluations++;
            var value = ratio.applyAsDouble(instance(parameters));
            var found = Double.isFinite(value) ? value : -1;
            if (found > reached) {
                reached = found;
                best = parameters.clone();
            }
            return found;
        }

        /** One stretch of the local search. */
        void climb(int evaluations, long seed) {
            var start = new double[best.length];
            var lower = new double[best.length];
            var upper = new double[best.length];
            var sigma = new double[best.length];
            Arrays.fill(lower, -LARGEST_PARAMETER);
            Arrays.fill(upper, LARGEST_PARAMETER);
            Arrays.fill(sigma, 0.3);
            Arrays.setAll(start, i -> Math.max(lower[i], Math.min(upper[i], best[i])));
            var population = 4 + (int) (3 * Math.log(best.length));
            new CMAESOptimizer(
                            Math.max(1, evaluations / population),
                            Double.POSITIVE_INFINITY,
                            true,
                            0,
                            0,
                            new Well19937c(seed),
                            false,
                            null)
                    .optimize(
                            new MaxEval(evaluations + 2 * population),
                            new ObjectiveFunction(this::evaluate),
                            GoalType.MAXIMIZE,
                            new SimpleBounds(lower, upper),
                            new InitialGuess(start),
                            new CMAESOptimizer.Sigma(sigma),
                            new CMAESOptimizer.PopulationSize(population));
        }
    }

    private int features() {
        return dimension == 0 ? vocabulary : dimension;
    }

    private int parameters() {
        return 2 * contexts + contexts * vocabulary + contexts * features() + features() + dimension * vocabulary;
    }

    /** The instance of a parameter vector: logits of {@code p_L}, {@code p_T}, {@code p*}; {@code f}, {@code λ}, {@code Φ}. */
    private Instance instance(double[] parameters) {
        var rest = DoubleBuffer.wrap(parameters);
        var pL = Embeddings.normalized(next(rest, contexts));
        var pT = Embeddings.normalized(next(rest, contexts));
        var pStar = new double[contexts][];
        var f = new double[contexts][];
        var labels = new int[contexts];
        for (var s = 0; s < contexts; s++) {
            pStar[s] = Embeddings.normalized(next(rest, vocabulary));
            f[s] = next(rest, features());
            labels[s] = s % 2 == 0 ? 1 : -1;
        }
        var lambda = next(rest, features());
        var phi = new double[features()][vocabulary];
        for (var i = 0; i < phi.length; i++) {
            if (dimension == 0) {
                phi[i][i] = 1;
            } else {
                phi[i] = next(rest, vocabulary);
            }
        }
        return new Instance(new FiniteLanguage(pL, pStar), new Task(pT, labels, loss), new Embeddings(phi), f, lambda);
    }

    private static double[] next(DoubleBuffer rest, int count) {
        var values = new double[count];
        rest.get(values);
        return values;
    }
}
