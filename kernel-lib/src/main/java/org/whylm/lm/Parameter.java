package org.whylm.lm;

import java.util.List;

/**
 * A tensor of a network.
 *
 * @param name as in a checkpoint of the bare transformer, where that has the tensor as one
 * @param shape row-major, as the network multiplies with it
 */
record Parameter(String name, long... shape) {

    /** The two of a layer norm of {@code d} components. */
    static List<Parameter> norm(String name, int d) {
        return List.of(new Parameter(name + ".weight", d), new Parameter(name + ".bias", d));
    }

    /** The matrix of a linear layer, stored {@code out×in}, and perhaps what it adds. */
    static List<Parameter> linear(String name, long in, long out, boolean bias) {
        var weight = new Parameter(name + ".weight", out, in);
        return bias ? List.of(weight, new Parameter(name + ".bias", out)) : List.of(weight);
    }
}
