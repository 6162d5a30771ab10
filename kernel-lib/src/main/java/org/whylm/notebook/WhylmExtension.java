package org.whylm.notebook;

import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;

/** Rich values and progress in JJava, which finds this as a service when the library comes on the class path. */
public final class WhylmExtension implements Extension {

    @Override
    public void install(BaseKernel kernel) {
        ShownValues.register(kernel.getRenderer(), kernel.getIO().display);
    }
}
