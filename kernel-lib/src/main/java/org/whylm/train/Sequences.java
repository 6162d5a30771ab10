package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.whylm.run.Engine;

/** Texts as the first trained block reads them. */
interface Sequences {

    /**
     * Some of them as one input. They are filled up with zeros behind their end, which no position before sees.
     *
     * @param examples which
     * @param length positions of each, {@code L}; a longer sequence is cut off
     * @return makes the input of the model in the engine's own memory
     */
    Function<NDManager, NDArray> input(int[] examples, int length);

    /** @param ids token ids of each, for a whole model: {@code B×L} */
    record Tokens(IntFunction<int[]> ids) implements Sequences {

        @Override
        public Function<NDManager, NDArray> input(int[] examples, int length) {
            var padded = new long[examples.length * length];
            for (int row = 0; row < examples.length; row++) {
                var sequence = ids.apply(examples[row]);
                for (int at = 0; at < Math.min(sequence.length, length); at++) {
                    padded[row * length + at] = sequence[at];
                }
            }
            return manager -> manager.create(padded, new Shape(examples.length, length));
        }
    }

    /** @param states of each, {@code L×d}, behind the frozen blocks: {@code B×L×d} */
    record States(List<float[][]> states) implements Sequences {

        @Override
        public Function<NDManager, NDArray> input(int[] examples, int length) {
            int d = states.get(examples[0])[0].length;
            var padded = new float[examples.length * length * d];
            for (int row = 0; row < examples.length; row++) {
                var sequence = states.get(examples[row]);
                for (int at = 0; at < Math.min(sequence.length, length); at++) {
                    System.arraycopy(sequence[at], 0, padded, (row * length + at) * d, d);
                }
            }
            return manager -> Engine.array(manager, padded, examples.length, length, d);
        }
    }
}
