package org.whylm.run;

import ai.djl.ndarray.NDManager;

/** The tensor engine (DJL with PyTorch), set up so that nothing leaves the machine. */
public final class Engine {

    static {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.default_engine", "PyTorch");
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
    }

    private Engine() {}

    /** A fresh root of native memory, for the library's own use; whoever asks closes it. */
    public static NDManager newManager() {
        return NDManager.newBaseManager();
    }

    /** Name and version, for provenance. */
    public static String version() {
        var engine = ai.djl.engine.Engine.getInstance();
        return engine.getEngineName() + " " + engine.getVersion();
    }
}
