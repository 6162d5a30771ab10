package org.whylm;

import ai.djl.pytorch.jni.JniUtils;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.whylm.run.Engine;

/** Loads the engine before a test that sets its threads; after it there are as many as before. */
public final class EngineThreads implements BeforeEachCallback, AfterEachCallback {

    private int before;

    @Override
    public void beforeEach(ExtensionContext test) {
        Engine.version();
        before = JniUtils.getNumThreads();
    }

    @Override
    public void afterEach(ExtensionContext test) {
        JniUtils.setNumThreads(before);
    }
}
