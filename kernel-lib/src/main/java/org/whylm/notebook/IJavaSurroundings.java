package org.whylm.notebook;

import org.whylm.run.Surroundings;

/**
 * The IJava kernel, if the library runs in it: it finds no extensions by itself, so they are installed when the library is
 * first used. Its classes are reached by reflection.
 */
public final class IJavaSurroundings implements Surroundings {

    private static final String RUNTIME = "io.github.spencerpark.ijava.runtime.Kernel";

    @Override
    public void prepare() {
        try {
            var runtime = Class.forName(RUNTIME, true, getClass().getClassLoader());
            var kernel = runtime.getMethod("getKernelInstance").invoke(null);
            if (kernel != null) {
                var io = kernel.getClass().getMethod("getIO").invoke(kernel);
                ShownValues.register(
                        kernel.getClass().getMethod("getRenderer").invoke(kernel),
                        io.getClass().getField("display").get(io));
            }
        } catch (ClassNotFoundException e) {
            // Another kernel, or none.
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This IJava is not of the kind that is known (1.3.0)", e);
        }
    }
}
