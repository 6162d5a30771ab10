package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.whylm.run.Engine;

/** Parameters of a run by name, in the engine's own memory; an update changes them in place. */
final class Parameters {

    private final NDManager manager;
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();

    /**
     * @param manager where they live
     * @param shapes of all
     * @param values row-major, to start from
     */
    Parameters(NDManager manager, Map<String, long[]> shapes, Map<String, float[]> values) {
        this.manager = manager;
        shapes.forEach((name, shape) -> arrays.put(name, Engine.array(manager, values.get(name), shape)));
    }

    /** All of them. */
    Map<String, NDArray> arrays() {
        return Collections.unmodifiableMap(arrays);
    }

    NDArray get(String name) {
        return arrays.get(name);
    }

    /** The moving averages of those that are learned. */
    AdamW optimiser(Collection<String> learned) {
        var updated = new LinkedHashMap<>(arrays);
        updated.keySet().retainAll(learned);
        return new AdamW(manager, updated);
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
}
