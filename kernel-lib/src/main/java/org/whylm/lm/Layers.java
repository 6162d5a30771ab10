package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;

/** The layers that the networks are made of. */
final class Layers {

    private Layers() {}

    /** Rows of a table ({@code V×d}): ids of any shape to {@code …×d}. */
    static NDArray rows(NDArray ids, NDArray table) {
        return Embedding.embedding(ids, table, SparseFormat.DENSE).singletonOrThrow();
    }

    /** {@code weight·x}, with the matrix stored {@code out×in}. */
    static NDArray linear(NDArray x, NDArray weight) {
        return Linear.linear(x, weight).singletonOrThrow();
    }

    /** {@code weight·x + bias}, with the matrix stored {@code out×in}. */
    static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return Linear.linear(x, weight, bias).singletonOrThrow();
    }

    /** {@code (x - mean x) / sqrt(var x + ε) · weight + bias} (Ba et al., 2016). */
    static NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, double epsilon) {
        return LayerNorm.layerNorm(x, new Shape(weight.size()), weight, bias, (float) epsilon)
                .singletonOrThrow();
    }

    /** {@code x / sqrt(mean x² + ε) · weight} (Zhang and Sennrich, 2019). */
    static NDArray rmsNorm(NDArray x, NDArray weight, double epsilon) {
        var scale = x.square().mean(new int[] {-1}, true).addi(epsilon).sqrt();
        return x.div(scale).muli(weight);
    }

    /** {@code x·sigmoid(x)}. */
    static NDArray silu(NDArray x) {
        return Activation.sigmoid(x).mul(x);
    }

    /** GELU (Hendrycks and Gimpel, 2016), {@code x} times the normal distribution function of {@code x}. */
    static NDArray gelu(NDArray x) {
        return Activation.gelu(x);
    }

    /** The tanh form of GELU, as GPT-2 was trained with. */
    static NDArray geluTanh(NDArray x) {
        var cubic = x.square().muli(x).muli(Scalar.of(x, 0.044715));
        var inner = cubic.addi(x).muli(Scalar.of(x, Math.sqrt(2 / Math.PI)));
        return inner.tanh().add(1).muli(x).muli(Scalar.of(x, 0.5));
    }
}
