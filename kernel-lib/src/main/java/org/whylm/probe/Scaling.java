package org.whylm.probe;

/** What a classifier does to the features before it weighs them. */
public enum Scaling {
    /** Features as they come: the way of the authors' script. */
    RAW,
    /**
     * Each column shifted and scaled to mean 0 and (population) variance 1 on the training split. Columns that are constant there
     * are only shifted, as in scikit-learn's {@code StandardScaler}.
     */
    STANDARDIZED
}
