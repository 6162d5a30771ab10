package org.whylm.lm;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.core.Linear;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Products of matrices that no gradient is asked of. The engine leaves them to MKL, whose kernels are made for Intel's processors; on one of
 * another maker, with AVX-512, oneDNN takes them, which the engine has beside it. There a row has the same bits among any others, two at
 * least (seen on a Zen 4: {@code ProductsTest}).
 */
public final class Products {

    /** {@code xWᵀ} by oneDNN; null where the engine is left to itself. */
    private static final TorchScript ONE_DNN = oneDnn();

    private Products() {}

    /**
     * {@code xW}.
     *
     * @param x {@code …×k}
     * @param W {@code k×m}
     * @return {@code …×m}, in the manager of {@code x}
     */
    public static NDArray of(NDArray x, NDArray W) {
        if (!isByOneDnn(x, W)) {
            return x.matMul(W);
        }
        try (var transposed = W.transpose()) {
            return ONE_DNN.of(x, transposed);
        }
    }

    /**
     * {@code xWᵀ}.
     *
     * @param x {@code …×k}
     * @param W {@code m×k}
     * @return {@code …×m}, in the manager of {@code x}
     */
    public static NDArray withTransposed(NDArray x, NDArray W) {
        return isByOneDnn(x, W) ? ONE_DNN.of(x, W) : Linear.linear(x, W).singletonOrThrow();
    }

    static boolean isByOneDnn(NDArray x, NDArray W) {
        return ONE_DNN != null
                && x.getDataType() == DataType.FLOAT32
                && !x.getDevice().isGpu()
                && !JniUtils.requiresGrad((PtNDArray) x)
                && !JniUtils.requiresGrad((PtNDArray) W);
    }

    /**
     * oneDNN makes a programme for each shape of a product and would keep 1,024 of them, a megabyte or two each; texts of many lengths are as
     * many shapes. Making one again takes no time that could be measured. It reads the limit once: before all else that a network computes.
     */
    private static TorchScript oneDnn() {
        if (!isWithAvx512OfAnotherMaker()) {
            return null;
        }
        try {
            var setenv = NativeLibrary.getProcess().getFunction("setenv");
            setenv.invokeInt(new Object[] {"ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16", 0});
            return new TorchScript(
                    "x: Tensor, W: Tensor",
                    "ops.mkldnn._linear_pointwise(x, W, None, 'none', annotate(List[Optional[number]], []), '')");
        } catch (LinkageError | EngineException e) {
            return null; // no limit can be set here, or this build of the engine is without oneDNN
        }
    }

    /** Known on Linux only; with AVX2 alone nobody has measured which is the faster. */
    private static boolean isWithAvx512OfAnotherMaker() {
        if (!System.getProperty("os.arch").equals("amd64")) {
            return false;
        }
        try {
            var processor = Files.readString(Path.of("/proc/cpuinfo"));
            return processor.contains("vendor_id")
                    && !processor.contains("GenuineIntel")
                    && processor.contains(" avx512f ");
        } catch (IOException e) {
            return false;
        }
    }
}
