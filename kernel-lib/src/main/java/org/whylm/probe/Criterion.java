package org.whylm.probe;

/** What cross-validation chooses {@code C} by. */
public enum Criterion {
    /** The way of the authors' script. */
    ACCURACY,
    /**
     * The logistic loss. A classifier chosen by accuracy may be far too sure of itself: where the loss is what is measured, it has to
     * be what is chosen by.
     */
    LOG_LOSS
}
