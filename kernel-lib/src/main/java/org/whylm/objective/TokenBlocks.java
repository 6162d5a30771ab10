package org.whylm.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.List;
import java.util.stream.LongStream;

/** Ranges of rows of {@code f} small enough to hold their logits. */
final class TokenBlocks {

    /** Rows {@code from … to-1}. */
    record Block(long from, long to) {

        NDIndex index() {
            return new NDIndex(from + ":" + to);
        }

        NDArray of(NDArray array, NDManager scope) {
            var rows = array.get(index());
            rows.attach(scope);
            return rows;
        }
    }

    private TokenBlocks() {}

    static List<Block> of(NDArray f, NDArray phi) {
        long n = f.getShape().get(0);
        long rows = Math.max(1, Objective.BLOCK_ELEMENTS / phi.getShape().get(0));
        return LongStream.iterate(0, from -> from < n, from -> from + rows)
                .mapToObj(from -> new Block(from, Math.min(n, from + rows)))
                .toList();
    }
}
