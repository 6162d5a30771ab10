package org.whylm.objective;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.ejml.data.DMatrixRMaj;
import org.whylm.run.Engine;

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
                    var left = Matrices.array(blockScope, block(x, from, rows, xSize), rows, xSize);
                    var right = Matrices.array(blockScope, block(y, from, rows, ySize), rows, ySize);
                    sum.addi(left.transpose().matMul(right));
                }
            }
            return Matrices.matrix(sum);
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
        int m = matrix.numRows, d = matrix.numCols;
        var products = new float[rows.length][];
        try (var scope = Engine.newManager()) {
            var right = Matrices.array(scope, matrix);
            for (int from = 0; from < rows.length; from += BLOCK) {
                int count = Math.min(BLOCK, rows.length - from);
                try (var blockScope = scope.newSubManager()) {
                    var block = Matrices.array(blockScope, block(i -> rows[i], from, count, m), count, m);
                    var values =
                            block.matMul(right).toType(DataType.FLOAT32, false).toFloatArray();
                    for (int row = 0; row < count; row++) {
                        products[from + row] = Arrays.copyOfRange(values, row * d, (row + 1) * d);
                    }
                }
            }
        }
        return products;
    }

    /** Rows {@code from … from+rows-1}, one after the other. */
    static double[] block(IntFunction<float[]> source, int from, int rows, int size) {
        var values = new double[rows * size];
        for (int row = 0; row < rows; row++) {
            var value = source.apply(from + row);
            if (value.length != size) {
                throw new IllegalArgumentException(
                        "Row " + (from + row) + " has " + value.length + " components, row 0 has " + size);
            }
            for (int column = 0; column < size; column++) {
                values[row * size + column] = value[column];
            }
        }
        return values;
    }
}
