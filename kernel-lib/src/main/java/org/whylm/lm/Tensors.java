package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The tensors of a network by name. An overlay puts others in the place of some and shares the rest; arrays live in the manager
 * that they were made in.
 */
record Tensors(Map<String, NDArray> arrays) {

    static final Tensors NONE = new Tensors(Map.of());

    /** @throws IllegalStateException if there is none of that name */
    NDArray get(String name) {
        var array = arrays.get(name);
        if (array == null) {
            throw new IllegalStateException("No tensor '" + name + "' among " + arrays.keySet());
        }
        return array;
    }

    boolean has(String name) {
        return arrays.containsKey(name);
    }

    /** These under and beside others. */
    Tensors with(Map<String, NDArray> others) {
        var all = new LinkedHashMap<>(arrays);
        all.putAll(others);
        return new Tensors(all);
    }

    /** Each replaced by what a function makes of its name and itself, which may be itself. */
    Tensors map(BiFunction<String, NDArray, NDArray> function) {
        var mapped = new LinkedHashMap<>(arrays);
        mapped.replaceAll(function);
        return new Tensors(mapped);
    }
}
