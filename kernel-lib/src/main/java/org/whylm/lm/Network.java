package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.core.Linear;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The transformer between the tokens and the output layer, one method a stage: a function of an architecture, tensors and dropout.
 * A cut model runs the first blocks only; noise, training and lenses are tensors laid over others. Arrays live in the manager
 * of their first operand; {@link LanguageModel} scopes it.
 */
interface Network {

    /** A linear layer behind the final norm, {@code f = weight·norm(x) + bias}, where the tensors have one. */
    String PROJECTION_WEIGHT = "output_projection.weight";

    String PROJECTION_BIAS = "output_projection.bias";

    /**
     * What a network computes, but for the numbers in its tensors.
     *
     * @param family by its usual name
     * @param dimension {@code d}
     * @param vocabulary {@code V}
     * @param maximumLength tokens of the longest context
     * @param embeddings what the tokens are embedded by
     * @param blocks what each block has
     * @param finalNorm what the norm behind them has
     * @param outputEmbeddings {@code Φᵀ}, {@code V×d}: row {@code w} is the output embedding of word {@code w}. It may be one of the embeddings
     * @param network that of some tensors, with dropout
     */
    record Architecture(
            String family,
            int dimension,
            int vocabulary,
            int maximumLength,
            List<Parameter> embeddings,
            List<List<Parameter>> blocks,
            List<Parameter> finalNorm,
            Parameter outputEmbeddings,
            BiFunction<Tensors, Dropout, Network> network) {

        /** What the blocks {@code first … end-1} have, and the final norm. */
        List<Parameter> upper(int first, int end) {
            var above = blocks.subList(first, end).stream().flatMap(List::stream);
            return Stream.concat(above, finalNorm.stream()).toList();
        }

        /** All that a checkpoint has, but for a linear layer behind the final norm. */
        List<Parameter> parameters() {
            return parameters(blocks.size());
        }

        /** The same of the first blocks alone. */
        List<Parameter> parameters(int end) {
            var inner = Stream.concat(embeddings.stream(), upper(0, end).stream());
            boolean tied = embeddings.stream().anyMatch(each -> each.name().equals(outputEmbeddings.name()));
            return tied
                    ? inner.toList()
                    : Stream.concat(inner, Stream.of(outputEmbeddings)).toList();
        }
    }

    Architecture architecture();

    Tensors tensors();

    /** Token ids ({@code B×L}) to the states before the first block ({@code B×L×d}). */
    NDArray embed(NDArray ids);

    /**
     * What the heads of a block's attention gather, of states {@code B×L×d}; position {@code t} sees positions up to {@code t}.
     *
     * @return {@code B×L×(H·h)}
     */
    NDArray gathered(int index, NDArray x, Positions positions);

    /**
     * The rest of a block, which takes each position for itself.
     *
     * @param x the states that the block reads, {@code B×L×d}
     * @param gathered what its heads gather there, {@code B×L×(H·h)}
     * @return {@code B×L×d}
     */
    NDArray rest(int index, NDArray x, NDArray gathered);

    /** The normalisation behind the last block. Any shape {@code …×d}. */
    NDArray finalNorm(NDArray x);

    /** {@code f} from the states behind the last block. Any shape {@code …×d}. */
    default NDArray f(NDArray x) {
        var normed = finalNorm(x);
        return tensors().has(PROJECTION_WEIGHT)
                ? Linear.linear(
                                normed,
                                tensors().get(PROJECTION_WEIGHT),
                                tensors().get(PROJECTION_BIAS))
                        .singletonOrThrow()
                : normed;
    }

    /** Blocks {@code from … to-1}, one after the other: {@code B×L×d} to {@code B×L×d}. */
    default NDArray blocks(NDArray x, int from, int to) {
        return blocks(x, from, to, UnaryOperator.identity());
    }

    /**
     * The same, read at some positions: in the last of the blocks the others are only attended to.
     *
     * @param read takes these of an array {@code B×L×m}: {@code 1×n×m}
     * @return {@code 1×n×d}
     */
    default NDArray blocks(NDArray x, int from, int to, UnaryOperator<NDArray> read) {
        var positions = Positions.of(x);
        for (int index = from; index < to; index++) {
            x = block(index, x, positions, index == to - 1 ? read : UnaryOperator.identity());
        }
        return from == to ? read.apply(x) : x;
    }

    /** What a block makes on its way is freed when it is done. */
    private NDArray block(int index, NDArray x, Positions positions, UnaryOperator<NDArray> read) {
        var manager = x.getManager();
        try (var scope = manager.newSubManager()) {
            x.attach(scope);
            var gathered = gathered(index, x, positions);
            var states = rest(index, read.apply(x), read.apply(gathered));
            states.attach(manager);
            return states;
        }
    }

    /** The layer that {@link #f} applies. */
    static List<Parameter> projection(int d) {
        return List.of(new Parameter(PROJECTION_WEIGHT, d, d), new Parameter(PROJECTION_BIAS, d));
    }
}
