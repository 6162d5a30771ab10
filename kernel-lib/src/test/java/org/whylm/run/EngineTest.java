package org.whylm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

    /** As when a cell that was interrupted still ends while it is run again. */
    @Test
    void workThatOverlapsLeavesTheNumberOfThreadsThatWasBeforeIt() throws Exception {
        Engine.version();
        int before = JniUtils.getNumThreads();
        JniUtils.setNumThreads(3);
        try {
            var isIn = new CountDownLatch(1);
            var mayEnd = new CountDownLatch(1);
            var first = Beside.start(() -> Engine.onOneThread(() -> {
                isIn.countDown();
                return await(mayEnd);
            }));
            isIn.await();
            int during = Engine.onOneThread(() -> {
                mayEnd.countDown();
                first.get();
                return JniUtils.getNumThreads();
            });
            assertEquals(1, during);
            assertEquals(3, JniUtils.getNumThreads());
            assertEquals(3, Beside.start(JniUtils::getNumThreads).get());
        } finally {
            JniUtils.setNumThreads(before);
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
