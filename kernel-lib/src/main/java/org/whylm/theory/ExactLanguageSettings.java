package org.whylm.theory;

import java.util.List;
import org.whylm.theory.ExactModel.Recipe;

/**
 * GPT-2s trained on samples of a {@link HiddenMarkov}, and looked at in a finite set of contexts.
 *
 * @param states {@code K}
 * @param stay probability that a state is kept
 * @param concentration of the Dirichlet distribution of a state's words
 * @param length the longest context, in words
 * @param contexts {@code S}
 * @param B the bound on {@code ‖v‖_∞} of every classifier
 * @param batch texts an update
 * @param firstLook after how many updates a run of the first size is first looked at
 * @param seeds runs of each recipe and size
 * @param sizes the first is looked at along training, the others at the end
 */
public record ExactLanguageSettings(
        int states,
        double stay,
        double concentration,
        int length,
        int contexts,
        double B,
        int batch,
        int firstLook,
        int seeds,
        List<Size> sizes) {

    /**
     * @param vocabulary {@code V}
     * @param dimension {@code d}
     * @param blocks transformer blocks
     * @param heads attention heads
     * @param updates of a run; {@link Recipe#QUAD_LEADING_LONGER} takes more
     * @param learningRate the highest rate, of every recipe
     * @param recipes what models of this size are trained by; cross-entropy first, where it is among them
     */
    public record Size(
            int vocabulary,
            int dimension,
            int blocks,
            int heads,
            int updates,
            double learningRate,
            List<Recipe> recipes) {

        /** {@code V = 64, d = 16}, and the blocks where there are several. */
        @Override
        public String toString() {
            return "V = " + vocabulary + ", d = " + dimension + (blocks == 1 ? "" : ", " + blocks + " blocks");
        }
    }
}
