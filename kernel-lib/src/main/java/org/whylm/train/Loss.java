package org.whylm.train;

import org.whylm.objective.CrossEntropy;
import org.whylm.objective.Objective;
import org.whylm.objective.Quad;

/** What a model is trained by. */
public enum Loss {
    CROSS_ENTROPY(new CrossEntropy()),
    QUAD(new Quad());

    private final Objective objective;

    Loss(Objective objective) {
        this.objective = objective;
    }

    public Objective objective() {
        return objective;
    }
}
