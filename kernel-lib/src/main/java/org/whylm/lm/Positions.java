package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The positions {@code 0 … L-1} of one pass, and what all its blocks need of them alone: made once a pass, not once a block. */
final class Positions {

    private final NDManager pass;
    private final int length;
    private final Map<List<Integer>, NDArray> masks = new HashMap<>();
    private final Map<Rotary, UnaryOperator<NDArray>> turns = new HashMap<>();

    /** Of states {@code B×L×d}; what is made lives in their manager. */
    static Positions of(NDArray states) {
        return new Positions(
                states.getManager(), Math.toIntExact(states.getShape().get(1)));
    }

    /** @param pass where the arrays live */
    private Positions(NDManager pass, int length) {
        this.pass = pass;
        this.length = length;
    }

    /**
     * What is added to the scores of keys (columns) by queries (rows): 0 of those that are seen, else -∞.
     *
     * @param window how many positions are seen, the same included
     * @param group query heads that share a key head
     * @return one under another for each of the group, {@code (group·L)×L}
     */
    NDArray mask(int window, int group) {
        return masks.computeIfAbsent(List.of(window, group), any -> {
            var mask = new float[length * length];
            for (int row = 0; row < length; row++) {
                Arrays.fill(mask, row * length, row * length + Math.max(0, row - window + 1), Float.NEGATIVE_INFINITY);
                Arrays.fill(mask, row * length + row + 1, (row + 1) * length, Float.NEGATIVE_INFINITY);
            }
            return pass.create(mask, new Shape(length, length)).tile(new long[] {group, 1});
        });
    }

    /** Turns heads, {@code B×L×H×h}, by the angles of their positions. */
    NDArray turned(Rotary rotary, NDArray heads) {
        return turns.computeIfAbsent(rotary, any -> rotary.turn(pass, length)).apply(heads);
    }
}
