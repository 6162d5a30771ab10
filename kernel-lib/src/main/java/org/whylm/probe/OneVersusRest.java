package org.whylm.probe;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.whylm.run.Progress;

/**
 * Linear classification the way of the authors' script: a binary logistic regression for each class against the rest (for two
 * classes one), the intercept a weight on a constant 1 and penalised like the others, features as they come, each class with a
 * {@code C} of its own. It is what scikit-learn's {@code LogisticRegressionCV} does with the solver LIBLINEAR.
 *
 * @param C the chosen inverse strength of regularisation of each binary regression
 * @param scores the binary regressions, a score each; that of the greatest score is the class
 */
public record OneVersusRest(double[] C, LogisticRegression scores) {

    /**
     * Chooses each {@code C} by the accuracy of its binary regression on the folds held out, and refits.
     *
     * @param features {@code n×d}, finite
     * @param labels {@code n} labels in {@code 0..classes-1}, each class at least as often as there are folds
     * @param validation grid and folds; the folds have the classes in the proportions of the whole
     * @throws IllegalArgumentException if an argument is not so; it names the row and column
     * @throws IllegalStateException if a minimum cannot be reached, which the message explains
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public static OneVersusRest fit(float[][] features, int[] labels, int classes, CrossValidation validation) {
        Checks.split("training", features, labels, classes);
        Checks.everyClass(labels, classes, validation.folds());
        int n = features.length;
        var coordinates = Coordinates.of(mirrored(features), new float[0][], Scaling.RAW);
        var samples = StratifiedFolds.samples(labels, classes, validation.folds()).stream()
                .map(it -> DoubleStream.concat(DoubleStream.of(it), DoubleStream.of(it))
                        .toArray())
                .toList();
        int k = classes == 2 ? 1 : classes;
        var C = new double[k];
        var weights = new double[k][];
        var intercepts = new double[k];
        try (var progress = Progress.start("one versus rest", k * validation.grid().length, "values of C")) {
            for (int m = 0; m < k; m++) {
                var binary = mirrored(labels, k == 1 ? 1 : m);
                CrossValidation.Choice choice;
                try (var path = coordinates.path(binary, 2, samples)) {
                    choice = validation.by(Criterion.ACCURACY).choose(path, 0.5, progress);
                }
                C[m] = choice.C();
                var costs = new double[2 * n];
                Arrays.fill(costs, C[m] / 2);
                var restored = coordinates.restoration().restore(choice.model(), binary, costs);
                int d = features[0].length;
                weights[m] = Arrays.copyOf(restored.weights()[0], d);
                intercepts[m] = restored.weights()[0][d];
            }
        }
        return new OneVersusRest(C, new LogisticRegression(weights, intercepts));
    }

    /** The class with the greatest score; of two classes the second if the score is positive. */
    public int predict(float[] features) {
        return scores.predict(features);
    }

    /**
     * Every example {@code (x,1)} and its mirror image {@code (-x,-1)}. Where the image has the other class, a regression on all of them
     * at {@code C/2}, with an intercept that is not penalised, is the one on the examples at {@code C} whose intercept is the weight
     * of the 1: both of a pair lose alike, and what is convex and unchanged when the free intercept changes its sign has its minimum
     * at 0.
     */
    private static float[][] mirrored(float[][] features) {
        int n = features.length;
        int d = features[0].length;
        var mirrored = new float[2 * n][d + 1];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                mirrored[i][j] = features[i][j];
                mirrored[n + i][j] = -features[i][j];
            }
            mirrored[i][d] = 1;
            mirrored[n + i][d] = -1;
        }
        return mirrored;
    }

    /** 1 for examples of a class and the images of all others. */
    private static int[] mirrored(int[] labels, int ofClass) {
        return IntStream.range(0, 2 * labels.length)
                .map(i -> (labels[i % labels.length] == ofClass) == (i < labels.length) ? 1 : 0)
                .toArray();
    }
}
