package org.whylm.train;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import org.whylm.lm.TrainableModel;
import org.whylm.objective.AffineMap;
import org.whylm.objective.Objective;
import org.whylm.objective.WhitenedQuad;
import org.whylm.run.Matrices;

/**
 * The output word embeddings {@code Φ} under an objective of the next words. Quad with a fixed {@code Φ} is trained in its whitened,
 * standardised form (see {@link WhitenedQuad}), and its losses are those of that form. A learned {@code Φ} is the transformer's.
 */
final class NextWordHead implements Head {

    static final String PROJECTION_WEIGHT = "output_projection.weight";

    private static final String PROJECTION_BIAS = "output_projection.bias";
    private static final String PHI = TrainableModel.OUTPUT_EMBEDDINGS;

    private final Objective objective;
    private final Map<String, Parameter> fixed;
    private final double scale;
    private final WhitenedQuad whitened;

    /**
     * @param d dimension of {@code f}
     * @throws IllegalArgumentException if {@code Φ} has another
     */
    NextWordHead(OutputLayer output, PretrainingLoss loss, int d, TrainingData data) {
        objective = loss.objective();
        if (output instanceof OutputLayer.Fixed given) {
            fixed = Map.of(PHI, new Parameter(rowMajor(given.phi(), d), given.phi().length, d));
            scale = 1;
            whitened = loss == PretrainingLoss.QUAD ? given.whitening(data) : null;
        } else {
            fixed = Map.of();
            scale = ((OutputLayer.Learned) output).scale();
            whitened = null;
        }
    }

    /** {@code Φᵀ}, row-major. */
    static float[] rowMajor(float[][] phi, int d) {
        return Matrices.floats("Φᵀ", w -> phi[w], 0, phi.length, d);
    }

    @Override
    public Map<String, Parameter> parameters() {
        return fixed;
    }

    @Override
    public OptionalDouble learningRate() {
        return OptionalDouble.empty();
    }

    /** The gradient in {@code f} is known: its product with {@code f} hands it to the graph. */
    @Override
    public Loss loss(NDArray f, Map<String, NDArray> parameters, int[] words) {
        var loss = gradients(f, parameters, words);
        return new Loss(loss.value(), f.mul(loss.f()).sum(), loss.phi() == null ? Map.of() : Map.of(PHI, loss.phi()));
    }

    /** Quad itself also where the whitened form of it is trained. */
    @Override
    public double objective(NDArray f, Map<String, NDArray> parameters, int[] words) {
        double value = gradients(f, parameters, words).value();
        return whitened == null ? value : whitened.quad(value, words);
    }

    private Objective.Gradients gradients(NDArray f, Map<String, NDArray> parameters, int[] words) {
        if (whitened != null) {
            return whitened.leastSquares(f, words);
        }
        var gradients = objective.gradients(f.stopGradient().mul(scale), parameters.get(PHI), words, fixed.isEmpty());
        return new Objective.Gradients(gradients.value(), gradients.f().mul(scale), gradients.phi());
    }

    /** The way back from the whitened form, or the scale of a learned {@code Φ}, in the linear layer behind the transformer. */
    @Override
    public void complete(Map<String, float[]> parameters) {
        if (whitened != null) {
            replaceProjection(parameters, whitened.toF()::after);
        } else if (scale != 1) {
            replaceProjection(parameters, layer -> layer.scaled(scale));
        }
    }

    private static void replaceProjection(Map<String, float[]> parameters, UnaryOperator<AffineMap> replacement) {
        var bias = parameters.get(PROJECTION_BIAS);
        var layer = replacement.apply(new AffineMap(
                Matrices.doubles(Matrices.rows(parameters.get(PROJECTION_WEIGHT), bias.length)),
                Matrices.doubles(new float[][] {bias})[0]));
        parameters.put(PROJECTION_WEIGHT, Matrices.floats(layer.A()));
        parameters.put(PROJECTION_BIAS, Matrices.floats(new double[][] {layer.b()}));
    }
}
