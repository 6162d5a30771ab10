package org.whylm.lm;

/** Settings of DJL that must be in place before its first class loads a native library. */
final class DjlSettings {

    private DjlSettings() {}

    /** Keeps DJL from the network: no usage report, no look-up of instance metadata, native libraries from the class path. */
    static void stayOffline() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }
}
