package org.whylm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EngineTest {

    @Test
    void oneThreadWhileTheWorkIsDoneAndAsManyAsBeforeAfterIt() {
        Engine.version();
        int before = JniUtils.getNumThreads();
        JniUtils.setNumThreads(3);
        try {
            var seen = new ArrayList<Integer>();
            Engine.onOneThread(() -> seen.add(JniUtils.getNumThreads()));
            Engine.onOneThread(
                    () -> seen.add(Beside.start(JniUtils::getNumThreads).get()));
            seen.add(JniUtils.getNumThreads());
            assertThrows(
                    IllegalStateException.class,
                    () -> Engine.onOneThread(() -> {
                        throw new IllegalStateException();
                    }));
            seen.add(JniUtils.getNumThreads());
            assertEquals(List.of(1, 1, 3, 3), seen);
        } finally {
            JniUtils.setNumThreads(before);
        }
    }
}
