package org.whylm.probe;

/** What cross-validation chooses {@code C} by. */
public enum Criterion {
    /** The way of the authors' script. */
    ACCURACY,
    /**
     * Balanced accuracy, of regressions that weight the classes alike, each example by {@code n/(k·n_class)}: scikit-learn's
     * {@code class_weight="balanced"}. Where one class is rare, a regression that does not is most often right by never answering it.
     */
    BALANCED,
    /**
     * The logistic loss. A classifier chosen by accuracy may be far too sure of itself: where the loss is what is measured, it has to
     * be what is chosen by.
     */
    LOG_LOSS
}
