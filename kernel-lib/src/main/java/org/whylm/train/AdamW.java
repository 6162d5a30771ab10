package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Adam with decoupled weight decay (Loshchilov and Hutter, 2019), as PyTorch's {@code AdamW} computes it. */
final class AdamW {

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;
    private static final float NO_CLIPPING = -1;
    private static final double CLIPPING_EPSILON = 1e-6;

    private final Map<String, NDArray> parameters;
    private final Map<String, NDArray> means = new LinkedHashMap<>();
    private final Map<String, NDArray> variances = new LinkedHashMap<>();

    /**
     * @param manager where the moving averages live
     * @param parameters those to update
     */
    AdamW(NDManager manager, Map<String, NDArray> parameters) {
        this.parameters = parameters;
        parameters.forEach((name, parameter) -> {
            means.put(name, manager.zeros(parameter.getShape()));
            variances.put(name, manager.zeros(parameter.getShape()));
        });
    }

    /** The moving averages of the gradients, {@code mean.<name>}, and of their squares, {@code variance.<name>}. */
    Map<String, NDArray> averages() {
        var averages = new LinkedHashMap<String, NDArray>();
        means.forEach((name, array) -> averages.put("mean." + name, array));
        variances.forEach((name, array) -> averages.put("variance." + name, array));
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
        double square = 0;
        for (var gradient : gradients.values()) {
            square += gradient.square().sum().getFloat();
        }
        double scale = Math.min(1, config.clip() / (Math.sqrt(square) + CLIPPING_EPSILON));
        double root = Math.sqrt(1 - Math.pow(BETA2, step + 1));
        gradients.forEach((name, gradient) -> {
            var parameter = parameters.get(name);
            double rate = config.rate(highestRate.applyAsDouble(name), step);
            double corrected = rate * root / (1 - Math.pow(BETA1, step + 1));
            double decay = parameter.getShape().dimension() > 1 ? config.weightDecay() : 0;
            parameter
                    .getNDArrayInternal()
                    .adamUpdate(
                            new NDList(parameter, gradient, means.get(name), variances.get(name)),
                            new NDList(parameter),
                            (float) rate,
                            (float) corrected,
                            (float) decay,
                            (float) scale,
                            NO_CLIPPING,
                            (float) BETA1,
                            (float) BETA2,
                            (float) (EPSILON * root),
                            false,
                            true);
        });
    }
}
