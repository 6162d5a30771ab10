package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
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
        var folds = StratifiedFolds.assign(labels, classes, validation.folds());
        int k = classes == 2 ? 1 : classes;
        var grid = validation.grid();
        var accuracies = new double[k][validation.folds()][];
        var refits = new ArrayList<List<LogisticRegression>>();
        var tasks = new ArrayList<Callable<Void>>();
        for (int m = 0; m < k; m++) {
            int score = m;
            var binary = Arrays.stream(labels)
                    .map(label -> label == (k == 1 ? 1 : score) ? 1 : 0)
                    .toArray();
            refits.add(new ArrayList<>());
            tasks.add(() -> {
                refits.get(score).addAll(path(features, binary, grid));
                return null;
            });
            for (int f = 0; f < validation.folds(); f++) {
                int fold = f;
                tasks.add(() -> {
                    accuracies[score][fold] = heldOut(features, binary, grid, folds, fold);
                    return null;
                });
            }
        }
        LinearClassification.runAll(tasks);
        var C = new double[k];
        var weights = new double[k][];
        var intercepts = new double[k];
        for (int m = 0; m < k; m++) {
            int best = best(accuracies[m]);
            C[m] = grid[best];
            weights[m] = refits.get(m).get(best).weights()[0];
            intercepts[m] = refits.get(m).get(best).intercepts()[0];
        }
        return new OneVersusRest(C, new LogisticRegression(weights, intercepts));
    }

    /** The class with the greatest score; of two classes the second if the score is positive. */
    public int predict(float[] features) {
        return scores.predict(features);
    }

    private static double[] heldOut(float[][] features, int[] labels, double[] rising, int[] folds, int fold) {
        var kept = rows(folds, fold, false);
        var out = rows(folds, fold, true);
        var outRows = rowsOf(features, out);
        var outLabels = labelsOf(labels, out);
        return path(rowsOf(features, kept), labelsOf(labels, kept), rising).stream()
                .mapToDouble(model -> model.accuracy(outRows, outLabels).value())
                .toArray();
    }

    /** The first index with the greatest mean over the folds. */
    private static int best(double[][] accuracies) {
        int best = 0;
        for (int c = 1; c < accuracies[0].length; c++) {
            best = mean(accuracies, c) > mean(accuracies, best) + LinearClassification.ROUNDING ? c : best;
        }
        return best;
    }

    private static double mean(double[][] accuracies, int c) {
        return Arrays.stream(accuracies)
                .flatMapToDouble(fold -> DoubleStream.of(fold[c]))
                .average()
                .orElseThrow();
    }

    /**
     * Regressions whose intercept is penalised, at rising values of {@code C}: regressions with an intercept that is not, on
     * every example {@code (x,1)} of class {@code y} and its mirror image {@code (-x,-1)} of the other class, at {@code C/2}. Of a
     * mirrored pair both lose alike, and what is convex and unchanged when the free intercept changes its sign has its minimum at 0.
     */
    private static List<LogisticRegression> path(float[][] features, int[] labels, double... rising) {
        int n = features.length;
        int d = features[0].length;
        var mirrored = new float[2 * n][d + 1];
        var mirroredLabels = new int[2 * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                mirrored[i][j] = features[i][j];
                mirrored[n + i][j] = -features[i][j];
            }
            mirrored[i][d] = 1;
            mirrored[n + i][d] = -1;
            mirroredLabels[i] = labels[i];
            mirroredLabels[n + i] = 1 - labels[i];
        }
        var halves = Arrays.stream(rising).map(C -> C / 2).toArray();
        return LogisticRegression.path(mirrored, mirroredLabels, 2, halves).stream()
                .map(model -> new LogisticRegression(
                        new double[][] {Arrays.copyOf(model.weights()[0], d)}, new double[] {model.weights()[0][d]}))
                .toList();
    }

    private static int[] rows(int[] folds, int fold, boolean in) {
        return IntStream.range(0, folds.length)
                .filter(i -> (folds[i] == fold) == in)
                .toArray();
    }

    private static float[][] rowsOf(float[][] features, int[] rows) {
        return IntStream.of(rows).mapToObj(row -> features[row]).toArray(float[][]::new);
    }

    private static int[] labelsOf(int[] labels, int[] rows) {
        return IntStream.of(rows).map(row -> labels[row]).toArray();
    }
}
