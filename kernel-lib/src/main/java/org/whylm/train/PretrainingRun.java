package org.whylm.train;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The runs that Table 2 compares: the objective, and where {@code Φ} comes from. */
public enum PretrainingRun {
    CROSS_ENTROPY("cross-entropy", PretrainingLoss.CROSS_ENTROPY),
    /** With the {@code Φ} that {@link #CROSS_ENTROPY} learned. */
    QUAD_FIXED("quad-fixed", PretrainingLoss.QUAD),
    /** With the leading dimensions of the pretrained model's {@code Φ}. */
    QUAD_PRETRAINED("quad-pretrained", PretrainingLoss.QUAD),
    QUAD_LEARNED("quad-learned", PretrainingLoss.QUAD);

    private final String id;
    private final PretrainingLoss loss;

    PretrainingRun(String id, PretrainingLoss loss) {
        this.id = id;
        this.loss = loss;
    }

    /** Its name in profiles and the name of its folder. */
    public String id() {
        return id;
    }

    public PretrainingLoss loss() {
        return loss;
    }

    /**
     * The run of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static PretrainingRun of(String id) {
        return Arrays.stream(values())
                .filter(run -> run.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No run \"" + id + "\": there are "
                        + Arrays.stream(values()).map(PretrainingRun::id).collect(Collectors.joining(", "))));
    }
}
