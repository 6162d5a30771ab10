package org.whylm.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import java.util.Arrays;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;

/**
 * A pre-training objective {@code ℓ(f,Φ) = E_s E_w [-φ_w·f(s) + potential(f(s))]} on a sample of contexts and their next words
 * (paper, section 1). The potential is {@code log Z_f} for cross-entropy and {@code ½‖Φᵀf‖²} for Quad; both depend on {@code f}
 * through {@code Φᵀf} alone.
 */
public interface Objective {

    /** Tokens times words whose logits are held at a time. */
    int BLOCK_ELEMENTS = 1 << 23;

    /**
     * Value and gradients in double precision.
     *
     * @param value mean over the sample; cross-entropy in nats
     * @param gradientF {@code n×d}
     * @param gradientPhi in the layout of {@code Φᵀ}, {@code V×d}
     */
    record Evaluation(double value, double[][] gradientF, double[][] gradientPhi) {}

    /**
     * Value and gradients as arrays in the manager of {@code f}.
     *
     * @param value of an objective the mean over the sample, in nats for cross-entropy; of a potential the sum
     * @param f gradient in {@code f}, {@code n×d}
     * @param phi gradient in {@code Φᵀ}, {@code V×d}; null unless it was asked for
     */
    record Gradients(double value, NDArray f, NDArray phi) {}

    /**
     * The potential of some states, summed, as a function of their products with the embeddings.
     *
     * @param gradient in the products, {@code n×V}
     */
    record OfProducts(double sum, NDArray gradient) {}

    /**
     * All that one objective has of its own.
     *
     * @param products {@code Φᵀf} of each state, {@code n×V}; their memory may be spent on the gradient
     */
    OfProducts potential(NDArray products);

    /**
     * The potential of each state, summed. Products are made and spent a block of states at a time, so that memory does not grow with
     * {@code n·V}: the gradient {@code g} in the products of a state is {@code Φg} in {@code f} and {@code f gᵀ} in {@code Φ}. No graph is
     * recorded.
     *
     * @param f {@code n×d}
     * @param phi {@code Φᵀ}, {@code V×d}
     * @param learned whether the gradient in {@code Φ} is wanted
     */
    default Gradients potential(NDArray f, NDArray phi, boolean learned) {
        long n = f.getShape().get(0),
                rows = Math.max(1, BLOCK_ELEMENTS / phi.getShape().get(0));
        var gradientF = f.zerosLike();
        NDArray gradientPhi = null;
        double sum = 0;
        for (long from = 0; from < n; from += rows) {
            var block = new NDIndex(from + ":" + Math.min(n, from + rows));
            try (var scope = f.getManager().newSubManager()) {
                var states = f.get(block);
                states.attach(scope);
                var potential = potential(states.matMul(phi.transpose()));
                sum += potential.sum();
                gradientF.set(block, potential.gradient().matMul(phi));
                if (learned) {
                    var ofBlock = potential.gradient().transpose().matMul(states);
                    gradientPhi = gradientPhi == null ? ofBlock : gradientPhi.addi(ofBlock);
                    gradientPhi.attach(f.getManager());
                }
            }
        }
        return new Gradients(sum, gradientF, gradientPhi);
    }

    /**
     * Value and gradients for the trainer.
     *
     * @param f {@code n×d}; taken as a constant
     * @param phi {@code Φᵀ}, {@code V×d}, of the same type as {@code f}; taken as a constant
     * @param words the next word of each state, {@code n}
     * @param learned whether the gradient in {@code Φ} is wanted
     */
    default Gradients gradients(NDArray f, NDArray phi, int[] words, boolean learned) {
        int n = words.length;
        var manager = f.getManager();
        try (var scope = manager.newSubManager()) {
            var states = f.stopGradient();
            states.attach(scope);
            var embeddings = phi.stopGradient();
            embeddings.attach(scope);

            var potential = potential(states, embeddings, learned);
            var index = scope.create(Arrays.stream(words).asLongStream().toArray(), new Shape(n));
            var next =
                    Embedding.embedding(index, embeddings, SparseFormat.DENSE).singletonOrThrow();
            double linear =
                    next.mul(states).toType(DataType.FLOAT64, false).sum().getDouble();
            var gradientF = potential.f().subi(next).divi(n);
            gradientF.attach(manager);
            NDArray gradientPhi = null;
            if (learned) {
                gradientPhi = potential.phi();
                subtractNextWords(gradientPhi, states, words);
                gradientPhi.divi(n).attach(manager);
            }
            return new Gradients((potential.value() - linear) / n, gradientF, gradientPhi);
        }
    }

    /**
     * Subtracts from the rows of a gradient, {@code V×d}, for each word that occurs the sum of the states that it follows: the gradient
     * of {@code Σ φ_w·f} in {@code Φ}.
     */
    private static void subtractNextWords(NDArray gradient, NDArray f, int[] words) {
        int d = Math.toIntExact(f.getShape().get(1));
        var manager = f.getManager();
        var distinct = Arrays.stream(words).sorted().distinct().toArray();
        var states = f.toType(DataType.FLOAT64, false).toDoubleArray();
        var sums = new double[distinct.length * d];
        for (int row = 0; row < words.length; row++) {
            int to = Arrays.binarySearch(distinct, words[row]) * d;
            for (int at = row * d; at < (row + 1) * d; at++, to++) {
                sums[to] += states[at];
            }
        }
        var rows = new NDIndex(
                "{}", manager.create(Arrays.stream(distinct).asLongStream().toArray()));
        var sum = manager.create(sums, new Shape(distinct.length, d)).toType(f.getDataType(), false);
        gradient.set(rows, gradient.get(manager, rows).subi(sum));
    }

    /**
     * Value and gradients in {@code f} and {@code Φ}.
     *
     * @param f {@code n×d}
     * @param phi {@code Φᵀ}, {@code V×d}: row {@code w} is {@code φ_w}
     * @param words the next word of each context, {@code n}
     * @throws IllegalArgumentException if shapes do not match, or a word is outside the vocabulary
     */
    default Evaluation evaluate(double[][] f, double[][] phi, int[] words) {
        Moments.requireSample(f.length, words, phi.length);
        var states = Matrices.matrix("f", f);
        var embeddings = Matrices.matrix("Φᵀ", phi);
        if (states.numCols != embeddings.numCols) {
            throw new IllegalArgumentException(
                    "f has " + states.numCols + " components, the embeddings have " + embeddings.numCols);
        }
        try (var scope = Engine.newManager()) {
            var gradients = gradients(Engine.array(scope, states), Engine.array(scope, embeddings), words, true);
            return new Evaluation(gradients.value(), Engine.rows(gradients.f()), Engine.rows(gradients.phi()));
        }
    }
}
