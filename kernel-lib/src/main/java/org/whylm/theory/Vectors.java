package org.whylm.theory;

import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.ejml.simple.SimpleMatrix;

/** Vectors as {@code double[]}. */
final class Vectors {

    private Vectors() {}

    static double dot(double[] a, double[] b) {
        requireLength("vector", b, a.length);
        var sum = 0.0;
        for (var i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double sum(double[] a) {
        var sum = 0.0;
        for (var value : a) {
            sum += value;
        }
        return sum;
    }

    static double[] minus(double[] a, double[] b) {
        requireLength("vector", b, a.length);
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray();
    }

    /** {@code Σ_k weights_k rows_k}. */
    static double[] combination(double[] weights, double[][] rows) {
        var sum = new double[rows[0].length];
        for (var k = 0; k < weights.length; k++) {
            for (var i = 0; i < sum.length; i++) {
                sum[i] += weights[k] * rows[k][i];
            }
        }
        return sum;
    }

    static double[] scaled(double[] a, double factor) {
        return Arrays.stream(a).map(value -> factor * value).toArray();
    }

    static double norm1(double[] a) {
        return sum(Arrays.stream(a).map(Math::abs).toArray());
    }

    /** {@code ‖a - b‖₂²}. */
    static double squaredDistance(double[] a, double[] b) {
        var difference = minus(a, b);
        return dot(difference, difference);
    }

    static double norm2(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    static double normInfinity(double[] a) {
        return Arrays.stream(a).map(Math::abs).max().orElse(0);
    }

    /** {@code a} as a column. */
    static SimpleMatrix column(double[] a) {
        return new SimpleMatrix(a.length, 1, true, a);
    }

    /** {@code n} rows, each of its index. */
    static double[][] rows(int n, IntFunction<double[]> row) {
        return IntStream.range(0, n).mapToObj(row).toArray(double[][]::new);
    }

    /** The elements of a row or column. */
    static double[] elements(SimpleMatrix a) {
        return a.getDDRM().getData().clone();
    }

    static double[][] copy(double[][] a) {
        return rows(a.length, i -> a[i].clone());
    }

    static void requireLength(String name, double[] a, int length) {
        if (a.length != length) {
            throw new IllegalArgumentException(name + " has " + a.length + " elements, expected " + length);
        }
    }

    static void requireShape(String name, double[][] a, int rows, int columns) {
        if (a.length != rows) {
            throw new IllegalArgumentException(name + " has " + a.length + " rows, expected " + rows);
        }
        for (var i = 0; i < rows; i++) {
            requireLength(name + "[" + i + "]", a[i], columns);
        }
    }
}
