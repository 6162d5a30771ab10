package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.norm.LayerNorm;

/** The layers that the networks are made of. */
final class Layers {

    private Layers() {}

    /** Rows of a table ({@code V×d}): ids of any shape to {@code …×d}. */
    static NDArray rows(NDArray ids, NDArray table) {
        return Embedding.embedding(ids, table, SparseFormat.DENSE).singletonOrThrow();
    }

    /** {@code weight·x}, or {@code weight·x + bias} where there is one; the matrix is stored {@code out×in}. */
    static NDArray linear(Tensors tensors, String name, NDArray x) {
        var product = Products.withTransposed(x, tensors.get(name + ".weight"));
        return tensors.has(name + ".bias") ? product.addi(tensors.get(name + ".bias")) : product;
    }

    /** {@code (x - mean x) / sqrt(var x + ε) · weight + bias} (Ba et al., 2016). */
    static NDArray layerNorm(Tensors tensors, String name, NDArray x, double epsilon) {
        var weight = tensors.get(name + ".weight");
        return LayerNorm.layerNorm(x, new Shape(weight.size()), weight, tensors.get(name + ".bias"), (float) epsilon)
                .singletonOrThrow();
    }

    /** {@code x / sqrt(mean x² + ε) · weight} (Zhang and Sennrich, 2019); {@code x} where there is no weight. */
    static NDArray rmsNorm(Tensors tensors, String name, NDArray x, double epsilon) {
        if (!tensors.has(name + ".weight")) {
            return x;
        }
        var scale = x.square().mean(new int[] {-1}, true).addi(epsilon).sqrt();
        return x.div(scale).muli(tensors.get(name + ".weight"));
    }
}
