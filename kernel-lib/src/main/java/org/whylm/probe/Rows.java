package org.whylm.probe;

import java.util.ArrayList;
import java.util.List;

/**
 * The training rows in the coordinates in which regressions are fitted, {@code n×d} row-major, and the way back.
 *
 * @param standardization turns the features as given into the coordinates
 */
record Rows(double[] coordinates, int n, int d, Standardization standardization) {

    static Rows of(float[][] features, Scaling scaling) {
        int n = features.length;
        int d = features[0].length;
        var standardization = Standardization.learn(features, scaling);
        var coordinates = new double[n * d];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                coordinates[i * d + j] = standardization.apply(features[i][j], j);
            }
        }
        return new Rows(coordinates, n, d, standardization);
    }

    /** The regressions on all rows for rising values of {@code C}, for features as given. */
    List<LogisticRegression> path(int[] labels, int classes, double... rising) {
        var path = new RegularizationPath(new Design(coordinates.clone(), d), labels, classes);
        var models = new ArrayList<LogisticRegression>();
        for (double C : rising) {
            models.add(standardization.undo(path.fit(C)));
        }
        return models;
    }

    /** For rising values of {@code C}, the accuracy on one fold of the regression on the others. */
    double[] heldOutAccuracies(int[] labels, int classes, double[] rising, int[] assignment, int fold) {
        int kept = 0;
        for (int f : assignment) {
            kept += f == fold ? 0 : 1;
        }
        var keptRows = new double[kept * d];
        var keptLabels = new int[kept];
        int at = 0;
        for (int i = 0; i < n; i++) {
            if (assignment[i] != fold) {
                System.arraycopy(coordinates, i * d, keptRows, at * d, d);
                keptLabels[at++] = labels[i];
            }
        }
        var path = new RegularizationPath(new Design(keptRows, d), keptLabels, classes);
        var accuracies = new double[rising.length];
        for (int c = 0; c < rising.length; c++) {
            var model = path.fit(rising[c]);
            int correct = 0;
            for (int i = 0; i < n; i++) {
                correct += assignment[i] == fold && model.label(model.scores(coordinates, i * d)) == labels[i] ? 1 : 0;
            }
            accuracies[c] = (double) correct / (n - kept);
        }
        return accuracies;
    }
}
