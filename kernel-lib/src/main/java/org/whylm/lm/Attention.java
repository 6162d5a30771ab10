package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.function.Function;

/** Causal scaled dot-product attention (Vaswani et al., 2017), with grouped queries (Ainslie et al., 2023). */
final class Attention {

    private Attention() {}

    /**
     * Attends to the same and earlier positions, with queries, keys and values that one projection gives.
     *
     * @param qkv {@code B×L×((H+2K)·h)}: the heads of queries, then those of keys, then those of values, where {@code K} divides
     *     {@code H}: query heads {@code j·H/K … (j+1)·H/K-1} share key head {@code j}
     * @param positioned makes queries and keys that know their positions of both, {@code B×L×(H+K)×h}
     * @param mask what is added to the scores, {@code (H/K·L)×L}
     * @param dropout on the attention weights
     * @return {@code B×L×(H·h)}
     */
    static NDArray causal(
            NDArray qkv, Heads heads, Function<NDArray, NDList> positioned, NDArray mask, Dropout dropout) {
        long batch = qkv.getShape().get(0), length = qkv.getShape().get(1);
        long all = heads.heads(), keyHeads = heads.keyHeads(), group = all / keyHeads, width = heads.width();
        var parts = qkv.reshape(batch, length, all + 2 * keyHeads, width).split(new long[] {all + keyHeads}, 2);
        var qk = positioned.apply(parts.get(0));

        var queries = qk.get(0)
                .reshape(batch, length, keyHeads, group, width)
                .transpose(0, 2, 3, 1, 4)
                .reshape(batch * keyHeads, group * length, width);
        var keys = qk.get(1).transpose(0, 2, 3, 1).reshape(batch * keyHeads, width, length);
        var values = parts.get(1).transpose(0, 2, 1, 3).reshape(batch * keyHeads, length, width);

        var scores =
                queries.matMul(keys).muli(Scalar.of(queries, heads.scale())).addi(mask);
        var mixed = dropout.apply(scores.softmax(-1)).matMul(values);
        return mixed.reshape(batch, keyHeads, group, length, width)
                .transpose(0, 3, 1, 2, 4)
                .reshape(batch, length, all * width);
    }
}
