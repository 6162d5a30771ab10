package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import org.whylm.run.Engine;

/** Adam with decoupled weight decay (Loshchilov and Hutter, 2019), as PyTorch's {@code AdamW} computes it. */
final class AdamW {

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;
    private static final float NO_CLIPPING = -1;
    private static final double CLIPPING_EPSILON = 1e-6;

    /** Elements updated at a time: what the engine makes of them on its way stays in the processor's cache. */
    private static final int PIECE = 1 << 16;

    /** Elements of a parameter with those of the two averages, on the memory of these. Vectors do not decay. */
    private record Piece(String parameter, boolean isMatrix, NDArray elements, NDArray mean, NDArray variance) {}

    private final Map<String, NDArray> averages = new LinkedHashMap<>();
    private final List<Piece> pieces = new ArrayList<>();

    /**
     * @param manager where the moving averages live
     * @param parameters those to update
     */
    AdamW(NDManager manager, Map<String, NDArray> parameters) {
        parameters.forEach((name, parameter) -> {
            var mean = manager.zeros(parameter.getShape(), parameter.getDataType());
            var variance = manager.zeros(parameter.getShape(), parameter.getDataType());
            averages.put("mean." + name, mean);
            averages.put("variance." + name, variance);
            boolean isMatrix = parameter.getShape().dimension() > 1;
            var elements = cut(parameter);
            var means = cut(mean);
            var variances = cut(variance);
            for (int at = 0; at < elements.size(); at++) {
                pieces.add(new Piece(name, isMatrix, elements.get(at), means.get(at), variances.get(at)));
            }
        });
    }

    /** An array as vectors of {@link #PIECE} elements on the same memory. */
    private static NDList cut(NDArray array) {
        var cuts = LongStream.iterate(PIECE, at -> at < array.size(), at -> at + PIECE);
        return array.flatten().split(cuts.toArray());
    }

    /** The moving averages of the gradients, {@code mean.<name>}, and of their squares, {@code variance.<name>}. */
    Map<String, NDArray> averages() {
        return averages;
    }

    /**
     * Updates the parameters in place. If the gradient of all of them together is longer than {@code config.clip()}, it is scaled down to that.
     *
     * <p>The engine divides by {@code sqrt(v) + ε'} and leaves the bias of {@code v} to the rate; with {@code ε' = ε·sqrt(1-β₂ᵗ)} that is
     * PyTorch's formula.
     *
     * @param gradients by name; scaled in place
     * @param step counted from 0
     * @param config weight decay is of matrices; vectors do not decay
     * @param highestRate the highest learning rate of a parameter, by its name
     */
    void update(Map<String, NDArray> gradients, int step, TrainingConfig config, ToDoubleFunction<String> highestRate) {
        var inOrder = pieces.stream()
                .map(Piece::parameter)
                .distinct()
                .map(gradients::get)
                .toList();
        double square = 0;
        for (double ofOne : Engine.sideBySide(inOrder.size(), at -> squaredNorm(inOrder.get(at)))) {
            square += ofOne;
        }
        var cut = new NDList();
        inOrder.forEach(gradient -> cut.addAll(cut(gradient)));
        double scale = Math.min(1, config.clip() / (Math.sqrt(square) + CLIPPING_EPSILON));
        double root = Math.sqrt(1 - Math.pow(BETA2, step + 1));
        Engine.sideBySide(cut.size(), at -> {
            var piece = pieces.get(at);
            double rate = config.rate(highestRate.applyAsDouble(piece.parameter()), step);
            var elements = piece.elements();
            elements.getNDArrayInternal()
                    .adamUpdate(
                            new NDList(elements, cut.get(at), piece.mean(), piece.variance()),
                            new NDList(elements),
                            (float) rate,
                            (float) (rate * root / (1 - Math.pow(BETA1, step + 1))),
                            (float) (piece.isMatrix() ? config.weightDecay() : 0),
                            (float) scale,
                            NO_CLIPPING,
                            (float) BETA1,
                            (float) BETA2,
                            (float) (EPSILON * root),
                            false,
                            true);
            return at;
        });
    }

    private static double squaredNorm(NDArray gradient) {
        return gradient.square().sum().toType(DataType.FLOAT64, false).getDouble();
    }
}
