package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.whylm.run.Engine;

/**
 * Parameters of a run by name, in the engine's own memory, with the moving averages of those that are learned; an update changes them
 * in place.
 */
final class Parameters implements AutoCloseable {

    private final NDManager manager = Engine.newManager();
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private final AdamW optimiser;

    /**
     * @param shapes of all
     * @param values row-major, to start from
     * @param learned names of those that are updated
     */
    Parameters(Map<String, long[]> shapes, Map<String, float[]> values, Collection<String> learned) {
        shapes.forEach((name, shape) -> arrays.put(name, Engine.array(manager, values.get(name), shape)));
        var updated = new LinkedHashMap<>(arrays);
        updated.keySet().retainAll(learned);
        optimiser = new AdamW(manager, updated);
    }

    /** Memory of one pass. */
    NDManager scope() {
        return manager.newSubManager();
    }

    /** All of them. */
    Map<String, NDArray> arrays() {
        return Collections.unmodifiableMap(arrays);
    }

    NDArray get(String name) {
        return arrays.get(name);
    }

    /** As they are now, row-major, by name. */
    Map<String, float[]> values() {
        var values = new LinkedHashMap<String, float[]>();
        arrays.forEach((name, array) -> values.put(name, array.toFloatArray()));
        return values;
    }

    /** All that further updates depend on: them, {@code parameter.<name>}, and the moving averages. */
    Map<String, NDArray> state() {
        var state = new LinkedHashMap<String, NDArray>();
        arrays.forEach((name, array) -> state.put("parameter." + name, array));
        state.putAll(optimiser.averages());
        return state;
    }

    /**
     * One update of those that are learned; see {@link AdamW#update}.
     *
     * @param gradients of them, by name; scaled in place
     */
    void update(
            Map<String, NDArray> gradients,
            int step,
            double clip,
            ToDoubleFunction<String> learningRate,
            double weightDecay) {
        optimiser.update(gradients, step, clip, learningRate, weightDecay);
    }

    /** Some of them as arrays of their own, on the same memory, that collect the gradient of one update. */
    Map<String, NDArray> leaves(NDManager scope, Collection<String> names) {
        var leaves = new LinkedHashMap<String, NDArray>();
        for (var name : names) {
            var leaf = constant(scope, name);
            leaf.setRequiresGradient(true);
            leaves.put(name, leaf);
        }
        return leaves;
    }

    /** All of them as arrays, on the same memory, that no graph records. */
    Map<String, NDArray> constants(NDManager scope) {
        var constants = new LinkedHashMap<String, NDArray>();
        arrays.keySet().forEach(name -> constants.put(name, constant(scope, name)));
        return constants;
    }

    private NDArray constant(NDManager scope, String name) {
        var constant = arrays.get(name).stopGradient();
        constant.attach(scope);
        return constant;
    }

    @Override
    public void close() {
        manager.close();
    }
}
