package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.core.Linear;

/** A transformer with a linear layer behind its final norm: {@code f = weight·norm(x) + bias}. */
record Projected(Architecture base, NDArray weight, NDArray bias) implements Architecture {

    /** The key of {@code config.json} that says that the checkpoint has the layer. */
    static final String KEY = "whylm_output_projection";

    static final String WEIGHT = "output_projection.weight";
    static final String BIAS = "output_projection.bias";

    static Projected of(Architecture base, Tensors tensors) {
        int d = base.dimension();
        return new Projected(base, tensors.array(WEIGHT, d, d), tensors.array(BIAS, d));
    }

    /** The transformer with the layer if its configuration names it, else as it is. */
    static Architecture ifConfigured(ConfigJson json, Architecture base, Tensors tensors) {
        return json.flag(KEY, false) ? of(base, tensors) : base;
    }

    /** A transformer with one more linear layer, which makes one with the layer that it has. */
    static Projected followedBy(Architecture architecture, NDArray weight, NDArray bias) {
        return architecture instanceof Projected projected
                ? new Projected(
                        projected.base,
                        weight.matMul(projected.weight),
                        weight.matMul(projected.bias).addi(bias))
                : new Projected(architecture, weight, bias);
    }

    @Override
    public int dimension() {
        return base.dimension();
    }

    @Override
    public int vocabularySize() {
        return base.vocabularySize();
    }

    @Override
    public int maximumLength() {
        return base.maximumLength();
    }

    @Override
    public String family() {
        return base.family();
    }

    @Override
    public int blocks() {
        return base.blocks();
    }

    @Override
    public NDArray embed(NDArray ids) {
        return base.embed(ids);
    }

    @Override
    public NDArray block(int index, NDArray x) {
        return base.block(index, x);
    }

    @Override
    public NDArray finalNorm(NDArray x) {
        return Linear.linear(base.finalNorm(x), weight, bias).singletonOrThrow();
    }

    @Override
    public NDArray outputEmbeddings() {
        return base.outputEmbeddings();
    }

    @Override
    public Architecture withUpper(int first, Replacement replacement, Dropout dropout) {
        return new Projected(
                base.withUpper(first, replacement, dropout),
                replacement.of(WEIGHT, weight),
                replacement.of(BIAS, bias));
    }

    @Override
    public Architecture cutAfter(int count) {
        return new Projected(base.cutAfter(count), weight, bias);
    }

    @Override
    public Architecture withEmbeddings(Replacement replacement) {
        return new Projected(base.withEmbeddings(replacement), weight, bias);
    }
}
