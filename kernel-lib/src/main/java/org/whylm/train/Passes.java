package org.whylm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.whylm.lm.Dropout;
import org.whylm.lm.TrainableModel;
import org.whylm.run.Engine;

/**
 * The passes of a network over the parts of a batch, side by side, each with leaves of its own. Threads that share one pass wait for each
 * other at each of its steps.
 */
final class Passes {

    /**
     * @param leaves parameters by name, in which the pass collects gradients
     * @param f at the positions of its part, {@code n×d}, with its graph
     */
    private record Pass(Map<String, NDArray> leaves, NDArray f) {}

    private final List<Pass> passes;
    private final NDArray f;

    private Passes(List<Pass> passes) {
        this.passes = passes;
        f = NDArrays.concat(
                new NDList(passes.stream().map(pass -> pass.f().stopGradient()).toList()));
        f.setRequiresGradient(true);
    }

    /**
     * Goes forward.
     *
     * @param scope holds all that is computed
     */
    static Passes over(
            List<Batch> parts,
            TrainableModel model,
            Parameters parameters,
            NDManager scope,
            Function<Batch, Dropout> dropout) {
        return new Passes(Engine.sideBySide(
                parts.size(),
                at -> Graph.of(() -> {
                    var part = parts.get(at);
                    var leaves = parameters.leaves(scope);
                    var f = model.f(part.input().apply(scope), leaves, dropout.apply(part));
                    return new Pass(leaves, part.select(f));
                })));
    }

    /** {@code f} at the positions of all parts, {@code n×d}: a leaf, whose gradient {@link #backward} takes. */
    NDArray f() {
        return f;
    }

    /** Goes from the gradient of {@code f} back to the parameters. */
    void backward() {
        var ends = new long[passes.size()];
        long end = 0;
        for (int at = 0; at < ends.length; at++) {
            end += passes.get(at).f().size(0);
            ends[at] = end;
        }
        var gradients = f.getGradient().split(Arrays.copyOf(ends, ends.length - 1));
        Engine.sideBySide(ends.length, at -> {
            Graph.backward(
                    Graph.of(() -> passes.get(at).f().mul(gradients.get(at)).sum()));
            return at;
        });
    }

    /** The gradient in a parameter, summed over the passes. */
    NDArray gradient(String parameter) {
        var sum = passes.get(0).leaves().get(parameter).getGradient();
        for (var pass : passes.subList(1, passes.size())) {
            sum.addi(pass.leaves().get(parameter).getGradient());
        }
        return sum;
    }
}
