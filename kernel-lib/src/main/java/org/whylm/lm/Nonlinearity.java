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

    private static NDArray geluTanh(NDArray x) {
        var cubic = x.square().mul(x).muli(Scalar.of(x, 0.044715));
        var inner = cubic.addi(x).muli(Scalar.of(x, Math.sqrt(2 / Math.PI)));
        return inner.tanh().add(1).mul(x).muli(Scalar.of(x, 0.5));
    }
}
