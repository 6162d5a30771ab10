package org.whylm.run;

import ai.djl.ndarray.NDManager;

/** The tensor engine (DJL with PyTorch), set up so that nothing leaves the machine. */
public final class Engine {

    private Engine() {}

    /** Keeps DJL from the network: no usage report, no look-up of instance metadata, native libraries from the class path. */
    public static void stayOffline() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    /** A fresh root of native memory, for the library's own use; whoever asks closes it. */
    public static NDManager newManager() {
        stayOffline();
        return NDManager.newBaseManager();
    }

    /** Name and version, for provenance. */
    public static String version() {
        var engine = ai.djl.engine.Engine.getInstance();
        return engine.getEngineName() + " " + engine.getVersion();
    }
}
