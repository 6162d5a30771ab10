package org.whylm.lm;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.whylm.run.Engine;

/** An expression of PyTorch's operators, for those that DJL has no method for. */
final class TorchScript {

    /** Pickled: an object of the class, with {@code training = False}; and no constants. */
    private static final String OBJECT = "\u0080\u0002c__torch__\nExpression\n)\u0081}X\u0008\0\0\0training\u0089sb.",
            NO_CONSTANTS = "\u0080\u0002).";

    private final PtSymbolBlock module;

    /**
     * @param parameters with their types, as {@code "x: Tensor"}
     * @param expression of a tensor
     * @throws EngineException if this build of the engine has not the operators
     */
    TorchScript(String parameters, String expression) {
        var archive = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(archive, StandardCharsets.UTF_8)) {
            put(zip, "data.pkl", OBJECT);
            put(zip, "constants.pkl", NO_CONSTANTS);
            put(
                    zip,
                    "code/__torch__.py",
                    "class Expression(Module):\n"
                            + "  training : bool\n"
                            + "  def forward(self, " + parameters + ") -> Tensor:\n"
                            + "    return " + expression + "\n");
            put(zip, "version", "10\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            var read = new ByteArrayInputStream(archive.toByteArray());
            module = JniUtils.loadModule((PtNDManager) Engine.newManager(), read, false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(ZipOutputStream archive, String name, String content) throws IOException {
        archive.putNextEntry(new ZipEntry("expression/" + name));
        archive.write(content.getBytes(StandardCharsets.ISO_8859_1));
        archive.closeEntry();
    }

    /** The value, in the manager of the first argument. */
    NDArray of(NDArray... arguments) {
        boolean training = true; // else no step in place could follow
        return IValueUtils.forward(module, new NDList(arguments), training).singletonOrThrow();
    }
}
