package org.whylm.probe;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.whylm.run.Engine;

/**
 * The examples in the coordinates in which regressions are fitted, and the way back. There are never more coordinates than training
 * examples: wider features are replaced by coordinates in the span of the training rows, where the optimal weights lie.
 *
 * @param train {@code n×d} row-major
 * @param test {@code m×d} row-major
 * @param d the number of coordinates
 * @param restoration turns a regression on coordinates into one on the features as given
 */
record Coordinates(double[] train, double[] test, int d, Restoration restoration) {

    private static final int BLOCK = 2048;

    /** The regression on features as given that scores like the regression on coordinates, fitted to the labels, each loss multiplied by its cost. */
    @FunctionalInterface
    interface Restoration {
        LogisticRegression restore(LogisticRegression model, int[] labels, double[] costs);
    }

    /** @param test may have no rows */
    static Coordinates of(float[][] train, float[][] test, Scaling scaling) {
        var standardization = Standardization.learn(train, scaling);
        int d = train[0].length;
        if (d <= train.length) {
            return new Coordinates(
                    standardization.apply(train, 0, d),
                    standardization.apply(test, 0, d),
                    d,
                    (model, labels, costs) -> standardization.undo(model));
        }
        var span = ofGram(innerProducts(train, train, standardization), innerProducts(test, train, standardization));
        return new Coordinates(span.train, span.test, span.d, (model, labels, costs) -> {
            var dual = span.restoration.restore(model, labels, costs);
            return standardization.undo(
                    new LogisticRegression(standardization.combine(dual.weights(), train), dual.intercepts()));
        });
    }

    /**
     * Coordinates in the span of the training rows, from their {@code n×n} inner products and those of the test rows with them, {@code m×n};
     * the regression that comes back takes inner products with the training rows.
     */
    static Coordinates ofGram(double[][] gram, double[][] cross) {
        var factor = GramFactor.of(gram);
        return new Coordinates(factor.rows(), factor.coordinates(cross), factor.rank(), factor::dual);
    }

    /** Regressions on samples of the training rows, side by side, by what each row weighs in each, {@code n}. */
    RegularizationPath path(int[] labels, int classes, List<double[]> samples) {
        return new RegularizationPath(train, d, labels, classes, samples);
    }

    private static double[][] innerProducts(float[][] a, float[][] b, Standardization standardization) {
        int d = b[0].length;
        if (a.length == 0) {
            return new double[0][];
        }
        try (var manager = Engine.newManager()) {
            var sum = manager.zeros(new Shape(a.length, b.length), DataType.FLOAT64);
            for (int from = 0; from < d; from += BLOCK) {
                int to = Math.min(d, from + BLOCK);
                try (var scope = manager.newSubManager()) {
                    var left = Design.matrix(scope, standardization.apply(a, from, to), to - from);
                    var right = Design.matrix(scope, standardization.apply(b, from, to), to - from);
                    sum.addi(left.matMul(right.transpose()));
                }
            }
            return Engine.rows(sum);
        }
    }
}
