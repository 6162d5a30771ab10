package org.whylm.train;

import java.util.Arrays;
import org.whylm.run.Matrices;
import org.whylm.run.Sha256;

/**
 * Texts with their classes, of which each is read at its last token only.
 *
 * @param sequences what the first trained block reads; what one has behind its length is not seen
 * @param lengths tokens of each, {@code n}
 * @param labels class of each, {@code n}
 */
record LabelledTexts(Sequences sequences, int[] lengths, int[] labels) implements TrainingData {

    LabelledTexts only(int[] indices) {
        return new LabelledTexts(
                (examples, length) -> sequences.input(Matrices.select(indices, examples), length),
                Matrices.select(lengths, indices),
                Matrices.select(labels, indices));
    }

    @Override
    public int size() {
        return lengths.length;
    }

    @Override
    public int length(int example) {
        return lengths[example];
    }

    @Override
    public int first(int example) {
        return lengths[example] - 1;
    }

    @Override
    public int[] targets(int example) {
        return new int[] {labels[example]};
    }

    /** Of lengths and classes: which texts they are stands in the name of a run's folder. */
    @Override
    public String sha256() {
        return Sha256.of(Arrays.toString(lengths) + Arrays.toString(labels));
    }
}
