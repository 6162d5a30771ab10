package org.whylm.train;

import org.whylm.objective.CrossEntropy;
import org.whylm.objective.Objective;
import org.whylm.objective.Quad;

/** What a model is trained by. */
public enum PretrainingLoss {
    CROSS_ENTROPY(new CrossEntropy(), "cross-entropy (nats a token)", 3),
    /** Of the order of {@code 1/V}. */
    QUAD(new Quad(), "Quad", 6);

    private final Objective objective;
    private final String label;
    private final int decimals;

    PretrainingLoss(Objective objective, String label, int decimals) {
        this.objective = objective;
        this.label = label;
        this.decimals = decimals;
    }

    public Objective objective() {
        return objective;
    }

    /** How it is written in a figure, with its unit. */
    public String label() {
        return label;
    }

    /** In a table. */
    public double rounded(double loss) {
        double parts = Math.pow(10, decimals);
        return Math.rint(parts * loss) / parts;
    }
}
