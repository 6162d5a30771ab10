package org.whylm.theory;

import org.ejml.simple.SimpleMatrix;
import org.whylm.run.Matrices;
import org.whylm.train.ObservedRun;

/**
 * A model of a known language after some updates of a run: all that the statements ask of a model, as its weights give it.
 *
 * @param recipe how it is trained
 * @param size the language's and the model's
 * @param seed of the run: initial parameters and text
 * @param updates done
 * @param phi {@code Φ}
 * @param f {@code S×d}
 */
public record ExactModel(
        Recipe recipe, ExactLanguageSettings.Size size, long seed, int updates, Embeddings phi, double[][] f) {

    /** What a run is trained by, and on which {@code Φ}. */
    public enum Recipe {
        CROSS_ENTROPY("cross-entropy"),
        QUAD_LEARNED("Quad, Φ learned"),
        /** With the {@code Φ} that {@link #CROSS_ENTROPY} of the same seed learned. */
        QUAD_FIXED("Quad, Φ of cross-entropy"),
        /** With {@link Embeddings#principal} of the true language. */
        QUAD_LEADING("Quad, leading Φ"),
        /** The same with as many more updates as cost what cross-entropy's softmax and its gradients cost. */
        QUAD_LEADING_LONGER("Quad, leading Φ, equal arithmetic");

        private final String label;

        Recipe(String label) {
            this.label = label;
        }

        /** How it is written in a table. */
        public String label() {
            return label;
        }
    }

    static ExactModel of(Recipe recipe, ExactLanguageSettings.Size size, long seed, ObservedRun.Observation observed) {
        var phi = new SimpleMatrix(Matrices.doubles(observed.phi())).transpose().toArray2();
        var f = Matrices.doubles(observed.f());
        return new ExactModel(recipe, size, seed, observed.updates(), new Embeddings(phi), f);
    }
}
