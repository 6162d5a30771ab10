package org.whylm.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/** Matrices as plain arrays of rows, with shapes checked, to and from those of the two numerical libraries. */
final class Matrices {

    private Matrices() {}

    static int columns(String name, double[][] rows) {
        if (rows.length == 0) {
            throw new IllegalArgumentException(name + " has no rows");
        }
        return rows[0].length;
    }

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

    private static double[] rowMajor(String name, double[][] rows, int columns) {
        var values = new double[Math.multiplyExact(rows.length, columns)];
        for (int row = 0; row < rows.length; row++) {
            if (rows[row].length != columns) {
                throw new IllegalArgumentException(
                        "Row " + row + " of " + name + " has " + rows[row].length + " components, expected " + columns);
            }
            System.arraycopy(rows[row], 0, values, row * columns, columns);
        }
        return values;
    }

    static NDArray array(NDManager manager, String name, double[][] rows, int columns) {
        return array(manager, rowMajor(name, rows, columns), rows.length, columns);
    }

    /** In the engine's own memory, whose alignment makes results repeatable to the last bit. */
    static NDArray array(NDManager manager, double[] rowMajor, int rows, int columns) {
        try (var buffer = manager.create(rowMajor, new Shape(rows, columns))) {
            return buffer.duplicate();
        }
    }

    static DMatrixRMaj matrix(String name, double[][] rows) {
        int columns = columns(name, rows);
        return DMatrixRMaj.wrap(rows.length, columns, rowMajor(name, rows, columns));
    }

    static DMatrixRMaj matrix(NDArray array) {
        int rows = Math.toIntExact(array.getShape().get(0)),
                columns = Math.toIntExact(array.getShape().get(1));
        return DMatrixRMaj.wrap(rows, columns, array.toDoubleArray());
    }

    static NDArray array(NDManager manager, DMatrixRMaj matrix) {
        return array(manager, matrix.data, matrix.numRows, matrix.numCols);
    }

    static double[][] rows(NDArray array) {
        return rows(matrix(array));
    }

    static double[][] rows(DMatrixRMaj matrix) {
        var rows = new double[matrix.numRows][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = Arrays.copyOfRange(matrix.data, row * matrix.numCols, (row + 1) * matrix.numCols);
        }
        return rows;
    }
}
