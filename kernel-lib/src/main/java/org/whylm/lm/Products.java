package org.whylm.lm;

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
 * Products of matrices that no gradient is asked of. The engine leaves them to MKL, whose kernels are made for Intel's processors; on those of
 * other makers oneDNN, which the engine has beside it, takes a sixth to a third less time. There a row of a product does not depend on the
 * rows beside it, to its last bit.
 */
public final class Products {

    private static final boolean BY_ONE_DNN = isAmd64OfAnotherMaker();

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
            return OneDnn.PRODUCT.of(x, transposed);
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
        return isByOneDnn(x, W) ? OneDnn.PRODUCT.of(x, W) : Linear.linear(x, W).singletonOrThrow();
    }

    private static boolean isByOneDnn(NDArray x, NDArray W) {
        return BY_ONE_DNN
                && x.getDataType() == DataType.FLOAT32
                && !x.getDevice().isGpu()
                && !JniUtils.requiresGrad((PtNDArray) x)
                && !JniUtils.requiresGrad((PtNDArray) W);
    }

    /** Known on Linux only. */
    private static boolean isAmd64OfAnotherMaker() {
        try {
            return System.getProperty("os.arch").equals("amd64")
                    && Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                            .anyMatch(line -> line.startsWith("vendor_id") && !line.endsWith("GenuineIntel"));
        } catch (IOException e) {
            return false;
        }
    }

    /** Loaded with the first product. */
    private static final class OneDnn {

        static {
            keepFew();
        }

        private static final TorchScript PRODUCT = new TorchScript(
                "x: Tensor, W: Tensor",
                "ops.mkldnn._linear_pointwise(x, W, None, 'none', annotate(List[Optional[number]], []), '')");

        /**
         * oneDNN makes a programme for each shape of a product and keeps 1,024 of them, a megabyte or two each; texts of many lengths are as
         * many shapes. Making one anew takes no time that could be measured.
         */
        private static void keepFew() {
            var setenv = NativeLibrary.getInstance("c").getFunction("setenv");
            setenv.invokeInt(new Object[] {"ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16", 0});
        }
    }
}
