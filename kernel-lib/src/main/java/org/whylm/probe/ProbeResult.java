package org.whylm.probe;

import org.whylm.features.FeatureKind;

/**
 * How well one kind of features solves a task: one cell of Table 1.
 *
 * @param task name of the task
 * @param features the kind of features
 * @param prompted whether they were read behind the prompt
 * @param dimension of the features
 * @param classification the classifier, its choice of {@code C} and its accuracies
 * @param correct which test examples it gets right, in the data set's order
 */
public record ProbeResult(
        String task,
        FeatureKind features,
        boolean prompted,
        int dimension,
        LinearClassification classification,
        boolean[] correct) {}
