package org.whylm.objective;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.IntFunction;
import org.ejml.data.DMatrixRMaj;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;

/** Second moments and products of large samples, computed in double precision a block of rows at a time. */
final class Moments {

    private static final int BLOCK = 4096;

    private Moments() {}

    /**
     * {@code Σ_i x_i y_iᵀ}.
     *
     * @param x the row {@code x_i} of each {@code i < n}
     * @param y the row {@code y_i} of each {@code i < n}
     */
    static DMatrixRMaj sum(int n, IntFunction<float[]> x, IntFunction<float[]> y) {
        int xSize = x.apply(0).length, ySize = y.apply(0).length;
        try (var scope = Engine.newManager()) {
            var sum = scope.zeros(new Shape(xSize, ySize), DataType.FLOAT64);
            for (int from = 0; from < n; from += BLOCK) {
                int rows = Math.min(BLOCK, n - from);
                try (var blockScope = scope.newSubManager()) {
                    var left = Engine.doubles(blockScope, x, from, rows);
                    var right = Engine.doubles(blockScope, y, from, rows);
                    sum.addi(left.transpose().matMul(right));
                }
            }
            return Engine.matrix(sum);
        }
    }

    /**
     * {@code Bᵀx} of each row {@code x}.
     *
     * @param matrix {@code B}, {@code m×d}
     * @param rows {@code n×m}
     * @return {@code n×d}
     */
    static float[][] products(float[][] rows, DMatrixRMaj matrix) {
        int d = matrix.numCols;
        var products = new float[rows.length][];
        try (var scope = Engine.newManager()) {
            var right = Engine.array(scope, matrix);
            for (int from = 0; from < rows.length; from += BLOCK) {
                int count = Math.min(BLOCK, rows.length - from);
                try (var blockScope = scope.newSubManager()) {
                    var block = Engine.doubles(blockScope, i -> rows[i], from, count);
                    var values =
                            block.matMul(right).toType(DataType.FLOAT32, false).toFloatArray();
                    System.arraycopy(Matrices.rows(values, d), 0, products, from, count);
                }
            }
        }
        return products;
    }

    /** @throws IllegalArgumentException if there is no context, not one word for each, or a word outside the vocabulary */
    static void requireSample(int contexts, int[] words, int vocabulary) {
        if (contexts == 0 || contexts != words.length) {
            throw new IllegalArgumentException(contexts + " contexts and " + words.length
                    + " next words: give one word a context, and at least one");
        }
        for (int row = 0; row < words.length; row++) {
            if (words[row] < 0 || words[row] >= vocabulary) {
                throw new IllegalArgumentException("The next word of context " + row + " is " + words[row]
                        + ", outside the vocabulary of " + vocabulary);
            }
        }
    }
}
