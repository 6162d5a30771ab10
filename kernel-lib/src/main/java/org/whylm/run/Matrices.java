package org.whylm.run;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;

/** Arrays of rows as matrices, in the other precision, one row after the other, and some of them. {@link Engine} has native ones. */
public final class Matrices {

    private Matrices() {}

    /**
     * @param name what messages call it
     * @throws IllegalArgumentException if there are no rows, or they are not of one length
     */
    public static DMatrixRMaj matrix(String name, double[][] rows) {
        if (rows.length == 0) {
            throw new IllegalArgumentException(name + " has no rows");
        }
        for (int row = 1; row < rows.length; row++) {
            if (rows[row].length != rows[0].length) {
                throw new IllegalArgumentException("Row " + row + " of " + name + " has " + rows[row].length
                        + " components, expected " + rows[0].length);
            }
        }
        return new DMatrixRMaj(rows);
    }

    /** The rows of a matrix. */
    public static double[][] rows(DMatrixRMaj matrix) {
        return IntStream.range(0, matrix.numRows)
                .mapToObj(row -> Arrays.copyOfRange(matrix.data, row * matrix.numCols, (row + 1) * matrix.numCols))
                .toArray(double[][]::new);
    }

    public static double[][] doubles(float[][] rows) {
        var doubles = new double[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            var values = rows[row];
            doubles[row] = IntStream.range(0, values.length)
                    .mapToDouble(i -> values[i])
                    .toArray();
        }
        return doubles;
    }

    /** Row-major. */
    public static float[] floats(double[][] rows) {
        var floats = new float[rows.length * rows[0].length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) rows[i / rows[0].length][i % rows[0].length];
        }
        return floats;
    }

    /**
     * Rows {@code from … from+count-1}, row-major.
     *
     * @param name what messages call the rows
     * @throws IllegalArgumentException if one has not {@code d} components
     */
    public static float[] floats(String name, IntFunction<float[]> rows, int from, int count, int d) {
        var values = new float[Math.multiplyExact(count, d)];
        for (int row = 0; row < count; row++) {
            var components = rows.apply(from + row);
            if (components.length != d) {
                throw new IllegalArgumentException("Row " + (from + row) + " of " + name + " has " + components.length
                        + " components, the model has d = " + d);
            }
            System.arraycopy(components, 0, values, row * d, d);
        }
        return values;
    }

    /** Some rows, by their index. */
    public static <T> T[] select(T[] all, int... rows) {
        var some = Arrays.copyOf(all, rows.length);
        Arrays.setAll(some, i -> all[rows[i]]);
        return some;
    }

    public static int[] select(int[] all, int... rows) {
        return Arrays.stream(rows).map(row -> all[row]).toArray();
    }

    /** The indices of values that are as asked, rising. */
    public static int[] where(int[] values, IntPredicate asked) {
        return IntStream.range(0, values.length)
                .filter(i -> asked.test(values[i]))
                .toArray();
    }

    /** How often each of the labels {@code 0..classes-1} is among some. */
    public static int[] counts(int[] labels, int classes) {
        var counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        return counts;
    }

    /** The numbers {@code 0..n-1} by their keys, the least first; those of equal keys in order. */
    public static int[] order(int n, IntToDoubleFunction key) {
        return IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble(key::applyAsDouble))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** The label that is there most often, the first of equals. */
    public static int mostFrequent(int[] labels, int classes) {
        return largest(Arrays.stream(counts(labels, classes)).asDoubleStream().toArray());
    }

    /** The index of the largest of some values, the first of equals. */
    public static int largest(double... values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            largest = values[i] > values[largest] ? i : largest;
        }
        return largest;
    }

    /** @param rowMajor rows of {@code d} components */
    public static float[][] rows(float[] rowMajor, int d) {
        return IntStream.range(0, rowMajor.length / d)
                .mapToObj(row -> Arrays.copyOfRange(rowMajor, row * d, (row + 1) * d))
                .toArray(float[][]::new);
    }
}
