package org.whylm;

import java.util.List;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Reading;

/** States at every position, for tests. */
public final class States {

    private States() {}

    /** The states that a block reads: of each sequence, {@code L×d}. */
    public static List<float[][]> before(LanguageModel model, int block, List<int[]> sequences) {
        var readings = sequences.stream().map(Reading::everywhere).toList();
        return model.statesAfter(List.of(block), readings).get(0);
    }
}
