package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * Readings that go through a network together, padded to the longest; padding stands behind a text, where no earlier position sees it.
 *
 * @param length {@code L}, tokens of the longest
 */
record Padded(List<Reading> readings, int length) {

    /** Among fewer MKL would round a row otherwise. */
    private static final int ROWS = 64;

    static Padded of(List<Reading> readings) {
        return new Padded(
                readings, readings.stream().mapToInt(Reading::length).max().orElseThrow());
    }

    /** {@code B×L}. */
    NDArray ids(NDManager scope) {
        var ids = new long[readings.size() * length];
        for (int row = 0; row < readings.size(); row++) {
            var sequence = readings.get(row).ids();
            for (int column = 0; column < sequence.length; column++) {
                ids[row * length + column] = sequence[column];
            }
        }
        return scope.create(ids, new Shape(readings.size(), length));
    }

    /**
     * Given states, {@code B×L×d}.
     *
     * @param states of each sequence, {@code tokens×d}
     */
    NDArray states(NDManager scope, List<float[][]> states, int d) {
        var rows = new float[states.size() * length][];
        Arrays.fill(rows, new float[d]);
        for (int row = 0; row < states.size(); row++) {
            System.arraycopy(states.get(row), 0, rows, row * length, states.get(row).length);
        }
        return Rows.array(scope, rows, 0, rows.length, d).reshape(states.size(), length, d);
    }

    /**
     * Takes of an array {@code B×L×m} what stands at the positions, one reading after the other, and the array's first row as often as 64
     * are lacking.
     *
     * @return gives {@code 1×n×m}
     */
    UnaryOperator<NDArray> reader(NDManager scope) {
        var rows = LongStream.builder();
        for (int row = 0; row < readings.size(); row++) {
            for (int position : readings.get(row).positions()) {
                rows.add((long) row * length + position);
            }
        }
        var read = rows.build().toArray();
        int count = Math.max(read.length, Math.min(ROWS, readings.size() * length));
        var index = scope.create(Arrays.copyOf(read, count));
        return array -> array.reshape(-1, array.size(2)).get(index).reshape(1, count, array.size(2));
    }

    /** Of rows as they were read, those of each reading: {@code positions×d}. */
    List<float[][]> split(float[] values, int d) {
        int from = 0;
        var states = new ArrayList<float[][]>(readings.size());
        for (var reading : readings) {
            var rows = new float[reading.positions().length][];
            for (int row = 0; row < rows.length; row++, from += d) {
                rows[row] = Arrays.copyOfRange(values, from, from + d);
            }
            states.add(rows);
        }
        return states;
    }
}
