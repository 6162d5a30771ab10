package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.Map;

/** The function between the two matrices of a feed-forward layer. */
enum Nonlinearity {

    /** GELU (Hendrycks and Gimpel, 2016): {@code x} times the normal distribution function of {@code x}. */
    GELU,

    /** The tanh form of GELU, as GPT-2 was trained with. */
    GELU_TANH,

    /** {@code x·sigmoid(x)}. */
    SILU;

    private static final Map<String, Nonlinearity> NAMES = Map.of(
            "gelu", GELU,
            "gelu_python", GELU,
            "gelu_new", GELU_TANH,
            "gelu_fast", GELU_TANH,
            "gelu_pytorch_tanh", GELU_TANH,
            "silu", SILU,
            "swish", SILU);

    /** @throws UnsupportedModelException if a setting is another function */
    static Nonlinearity of(Settings settings, String key, String otherwise) {
        var name = settings.string(key, otherwise);
        if (!NAMES.containsKey(name)) {
            throw settings.unsupported("'" + key + "' is \"" + name + "\", only "
                    + NAMES.keySet().stream().sorted().toList() + " are supported");
        }
        return NAMES.get(name);
    }

    NDArray apply(NDArray x) {
        return switch (this) {
            case GELU -> Activation.gelu(x);
            case GELU_TANH -> geluTanh(x);
            case SILU -> Activation.sigmoid(x).mul(x);
        };
    }

    /** {@code x·(1 + tanh u)/2 = x·sigmoid(2u)} with {@code u = (2/π)^½·(x + 0.044715x³)}. */
    private static NDArray geluTanh(NDArray x) {
        double slope = Math.sqrt(8 / Math.PI);
        var inner = x.square().muli(Scalar.of(x, 0.044715 * slope)).addi(slope).mul(x);
        return Activation.sigmoid(inner).mul(x);
    }
}
