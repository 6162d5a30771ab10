package org.whylm.probe;

import java.util.function.Function;
import org.whylm.run.Matrices;

/** What training texts alone say of features: each is predicted by a classifier that was trained without it. */
public final class OutOfFold {

    private OutOfFold() {}

    /**
     * Predictions for each example by the logistic regression that is trained on the other folds; its {@code C} is chosen there too.
     *
     * @param features the features of all examples, {@code n×d}, given which of them may be learned from: features that are
     *     themselves chosen by labels, such as a word list, must look at those only
     * @param labels {@code n} labels in {@code 0..classes-1}, each class at least three times
     * @param validation how {@code C} is chosen, and into how many folds the examples are divided
     * @return {@code n}
     */
    public static int[] predictions(
            Function<int[], float[][]> features,
            int[] labels,
            int classes,
            Scaling scaling,
            CrossValidation validation) {
        int folds = validation.within(labels).folds();
        var assignment = StratifiedFolds.assign(labels, classes, folds);
        var predictions = new int[labels.length];
        for (int f = 0; f < folds; f++) {
            int fold = f;
            var train = Matrices.where(assignment, of -> of != fold);
            var heldOut = Matrices.where(assignment, of -> of == fold);
            var all = features.apply(train);
            var trainLabels = Matrices.select(labels, train);
            var classification = LinearClassification.evaluate(
                    Matrices.select(all, train),
                    trainLabels,
                    Matrices.select(all, heldOut),
                    Matrices.select(labels, heldOut),
                    classes,
                    scaling,
                    validation.within(trainLabels));
            for (int i = 0; i < heldOut.length; i++) {
                predictions[heldOut[i]] = classification.predictions()[i];
            }
        }
        return predictions;
    }
}
