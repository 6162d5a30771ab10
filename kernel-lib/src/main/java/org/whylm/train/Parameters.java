package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.whylm.run.Engine;

/**
 * Parameters of a run by name, in the engine's own memory, with the moving averages of those that are learned; an update changes them
 * in place.
 */
final class Parameters implements AutoCloseable {

    private static final NDIndex ALL = new NDIndex(":");

    private final NDManager manager = Engine.newNetworkManager();
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private final Map<String, NDArray> kept = new LinkedHashMap<>();
    private final Set<String> learned;
    private final AdamW optimiser;

    /**
     * @param shapes of all
     * @param values row-major, to start from
     * @param learned names of those that are updated
     * @param precision of all arrays, float32 or float64
     */
    Parameters(
            Map<String, long[]> shapes, Map<String, float[]> values, Collection<String> learned, DataType precision) {
        shapes.forEach((name, shape) ->
                arrays.put(name, Engine.array(manager, values.get(name), shape).toType(precision, false)));
        var updated = new LinkedHashMap<>(arrays);
        updated.keySet().retainAll(learned);
        optimiser = new AdamW(manager, updated);
        this.learned = updated.keySet();
    }

    /** Memory of one pass. */
    NDManager scope() {
        return manager.newSubManager();
    }

    /** Names of those that are updated. */
    Set<String> learned() {
        return learned;
    }

    /** Elements of those together. */
    long learnedElements() {
        return learned.stream().mapToLong(name -> arrays.get(name).size()).sum();
    }

    /** As they are now, row-major, by name. */
    Map<String, float[]> values() {
        var values = new LinkedHashMap<String, float[]>();
        try (var scope = scope()) {
            constants(scope)
                    .forEach((name, array) -> values.put(
                            name, array.toType(DataType.FLOAT32, false).toFloatArray()));
        }
        return values;
    }

    /** All that further updates depend on: them, {@code parameter.<name>}, the moving averages, and {@code kept.<name>}. */
    Map<String, NDArray> state() {
        var state = new LinkedHashMap<String, NDArray>();
        arrays.forEach((name, array) -> state.put("parameter." + name, array));
        state.putAll(optimiser.averages());
        kept.forEach((name, array) -> state.put("kept." + name, array));
        return state;
    }

    /**
     * One update of those that are learned; see {@link AdamW#update}.
     *
     * @param gradients of them, by name; scaled in place
     */
    void update(Map<String, NDArray> gradients, int step, TrainingConfig config, ToDoubleFunction<String> highestRate) {
        optimiser.update(gradients, step, config, highestRate);
    }

    /** All of them as arrays of one pass, on the same memory, that no graph records. */
    Map<String, NDArray> constants(NDManager scope) {
        var constants = new LinkedHashMap<String, NDArray>();
        arrays.forEach((name, array) -> {
            var constant = array.stopGradient();
            constant.attach(scope);
            constants.put(name, constant);
        });
        return constants;
    }

    /** The same, of which those that are learned collect the gradient of one update. */
    Map<String, NDArray> leaves(NDManager scope) {
        var leaves = constants(scope);
        learned.forEach(name -> leaves.get(name).setRequiresGradient(true));
        return leaves;
    }

    /** Keeps them as they are now, for {@link #restore}. */
    void keep() {
        arrays.forEach((name, array) ->
                kept.computeIfAbsent(name, unkept -> array.duplicate()).set(ALL, array));
    }

    /** Goes back to those last kept. */
    void restore() {
        kept.forEach((name, array) -> arrays.get(name).set(ALL, array));
    }

    @Override
    public void close() {
        manager.close();
    }
}
