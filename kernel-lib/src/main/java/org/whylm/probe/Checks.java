package org.whylm.probe;

import org.whylm.run.Matrices;

/** What features and labels must be before a regression is fitted. */
final class Checks {

    private Checks() {}

    /** Rows of one length, finite; as many labels, each a class. */
    static void split(String name, float[][] features, int[] labels, int classes) {
        if (features.length == 0 || features[0].length == 0) {
            throw new IllegalArgumentException("The " + name + " split has no examples or no features");
        }
        int d = features[0].length;
        for (int i = 0; i < features.length; i++) {
            if (features[i].length != d) {
                throw new IllegalArgumentException("Row " + i + " of the " + name + " features has "
                        + features[i].length + " columns; row 0 has " + d);
            }
            for (int j = 0; j < d; j++) {
                if (!Float.isFinite(features[i][j])) {
                    throw new IllegalArgumentException(
                            "The " + name + " features have " + features[i][j] + " at row " + i + ", column " + j);
                }
            }
        }
        labels(name, features.length, labels, classes);
    }

    /** Inner products: {@code n×n} finite ones of the training rows, {@code m×n} of the test rows with them. */
    static void gram(double[][] gram, int[] trainLabels, double[][] cross, int[] testLabels, int classes) {
        int n = gram.length;
        if (n == 0 || cross.length == 0) {
            throw new IllegalArgumentException("There are inner products of " + n + " training and " + cross.length
                    + " test examples; both splits need some");
        }
        products("training", gram, n);
        products("test", cross, n);
        labels("training", n, trainLabels, classes);
        labels("test", cross.length, testLabels, classes);
    }

    private static void products(String name, double[][] products, int n) {
        for (int i = 0; i < products.length; i++) {
            if (products[i].length != n) {
                throw new IllegalArgumentException("Row " + i + " of the " + name + " inner products has "
                        + products[i].length + " columns; there are " + n + " training examples");
            }
            for (int j = 0; j < n; j++) {
                if (!Double.isFinite(products[i][j])) {
                    throw new IllegalArgumentException("The " + name + " inner products have " + products[i][j]
                            + " at row " + i + ", column " + j);
                }
            }
        }
    }

    private static void labels(String name, int n, int[] labels, int classes) {
        if (classes < 2) {
            throw new IllegalArgumentException(classes + " classes: a classifier needs two or more");
        }
        if (labels.length != n) {
            throw new IllegalArgumentException(
                    "The " + name + " split has " + n + " examples and " + labels.length + " labels");
        }
        for (int i = 0; i < n; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("The " + name + " label of row " + i + " is " + labels[i]
                        + "; labels are 0 to " + (classes - 1));
            }
        }
    }

    static void everyClass(int[] labels, int classes, int least) {
        var counts = Matrices.counts(labels, classes);
        for (int k = 0; k < classes; k++) {
            if (counts[k] < least) {
                throw new IllegalArgumentException("Class " + k + " has " + counts[k] + " training examples; it needs "
                        + least + (least > 1 ? ", one for each fold" : ""));
            }
        }
    }

    static void regularization(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("No value of C to choose from");
        }
        for (double C : values) {
            if (!(C > 0) || Double.isInfinite(C)) {
                throw new IllegalArgumentException("C is " + C + "; it must be positive and finite");
            }
        }
    }
}
