package org.whylm.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;

/**
 * Quad for a fixed {@code Φ} as least squares (paper, T4). With {@code φ̃_w = (ΦΦᵀ)^{-1/2}φ_w} and {@code f̃ = (ΦΦᵀ)^{1/2}f}, Quad is
 * {@code E[½‖f̃ - φ̃_w‖²] - E[½‖φ̃_w‖²]}: its Hessian is the identity in place of {@code ΦΦᵀ}. A network {@code g} learns the targets
 * {@code t_w = (φ̃_w - μ)/σ}, with mean 0 and mean square 1 a component, and {@code f̃ = μ + σg}. One {@code σ} for all components
 * keeps the objective the same up to scale and a constant, so its minimiser is Quad's over any class of functions that is closed
 * under {@code f ↦ (ΦΦᵀ)^{-1/2}(μ + σf)}.
 */
public final class WhitenedQuad {

    private final float[][] targets;
    private final DMatrixRMaj root;
    private final DMatrixRMaj inverseRoot;
    private final DMatrixRMaj mean;
    private final double deviation;

    private WhitenedQuad(
            float[][] targets, DMatrixRMaj root, DMatrixRMaj inverseRoot, DMatrixRMaj mean, double deviation) {
        this.targets = targets;
        this.root = root;
        this.inverseRoot = inverseRoot;
        this.mean = mean;
        this.deviation = deviation;
    }

    /**
     * Whitens {@code Φ} and standardises its columns under the distribution of next words. Of a {@code Φ} of lower rank than
     * {@code d}, the part in its row span is kept (pseudo-inverse).
     *
     * @param phi {@code Φᵀ}, {@code V×d}
     * @param frequencies how often each word is the next word; {@code V}, of any positive sum
     * @throws IllegalArgumentException if shapes do not match, or the words that occur all have the same embedding
     */
    public static WhitenedQuad of(float[][] phi, long[] frequencies) {
        if (phi.length != frequencies.length || phi.length == 0) {
            throw new IllegalArgumentException(
                    phi.length + " output embeddings and " + frequencies.length + " word frequencies: give one a word");
        }
        var spectrum = Spectrum.of(Moments.sum(phi.length, w -> phi[w], w -> phi[w]));
        var inverseRoot = spectrum.power(-0.5);
        var targets = Moments.products(phi, inverseRoot);
        int d = inverseRoot.numRows;
        double total = Arrays.stream(frequencies).sum();
        var mean = new DMatrixRMaj(d, 1);
        double meanSquare = 0;
        for (int w = 0; w < phi.length; w++) {
            double probability = frequencies[w] / total;
            for (int i = 0; i < d; i++) {
                mean.data[i] += probability * targets[w][i];
                meanSquare += probability * targets[w][i] * targets[w][i];
            }
        }
        double deviation = Math.sqrt((meanSquare - CommonOps_DDRM.dot(mean, mean)) / d);
        if (!(deviation > 0)) {
            throw new IllegalArgumentException(
                    "The words that occur all have the same embedding: there is nothing to learn");
        }
        for (var target : targets) {
            for (int i = 0; i < d; i++) {
                target[i] = (float) ((target[i] - mean.data[i]) / deviation);
            }
        }
        return new WhitenedQuad(targets, spectrum.power(0.5), inverseRoot, mean, deviation);
    }

    /** {@code t_w} of each word, {@code V×d}. */
    public float[][] targets() {
        return targets;
    }

    /** {@code f} from what the network learned: {@code g ↦ (ΦΦᵀ)^{-1/2}(μ + σg)}. */
    public AffineMap toF() {
        var weight = inverseRoot.copy();
        CommonOps_DDRM.scale(deviation, weight);
        return new AffineMap(Matrices.rows(weight), CommonOps_DDRM.mult(inverseRoot, mean, null).data);
    }

    /** What the network would have to learn for an {@code f}: {@code f ↦ ((ΦΦᵀ)^{1/2}f - μ)/σ}. */
    public AffineMap fromF() {
        var weight = root.copy();
        CommonOps_DDRM.divide(weight, deviation);
        var bias = mean.copy();
        CommonOps_DDRM.divide(bias, -deviation);
        return new AffineMap(Matrices.rows(weight), bias.data);
    }

    /**
     * Quad of {@code f} from the mean of {@code ½‖g - t_w‖²} on the same sample.
     *
     * @param leastSquares mean over the sample
     * @param words the next words of the sample
     */
    public double quad(double leastSquares, int[] words) {
        double meanSquare = 0;
        for (int word : words) {
            for (int i = 0; i < mean.numRows; i++) {
                double component = mean.data[i] + deviation * targets[word][i];
                meanSquare += component * component / words.length;
            }
        }
        return deviation * deviation * leastSquares - meanSquare / 2;
    }

    /**
     * {@code E[½‖g - t_w‖²]} and its gradient in {@code g}, for the trainer.
     *
     * @param g {@code n×d}; taken as a constant
     * @param words ids of the next words, {@code n}
     * @return the gradient in {@code Φ} is null: {@code Φ} is fixed, since the least-squares form alone would shrink it to 0
     */
    public Objective.Gradients leastSquares(NDArray g, int[] words) {
        int n = words.length, d = mean.numRows;
        var next = Matrices.floats("the targets", i -> targets[words[i]], 0, n, d);
        var gradient = g.stopGradient().sub(Engine.array(g.getManager(), next, n, d));
        double sum = gradient.square().toType(DataType.FLOAT64, false).sum().getDouble();
        return new Objective.Gradients(sum / 2 / n, gradient.divi(n), null);
    }
}
