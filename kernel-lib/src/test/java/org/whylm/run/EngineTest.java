package org.whylm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.whylm.EngineThreads;

@ExtendWith(EngineThreads.class)
class EngineTest {

    @BeforeEach
    void threeThreads() {
        JniUtils.setNumThreads(3);
    }

    @Test
    void oneThreadWhileTheWorkIsDoneAndAsManyAsBeforeAfterIt() {
        var seen = new ArrayList<Integer>();
        Engine.onOneThread(() -> seen.add(JniUtils.getNumThreads()));
        Engine.onOneThread(() -> seen.add(Beside.start(JniUtils::getNumThreads).get()));
        seen.add(JniUtils.getNumThreads());
        assertThrows(
                IllegalStateException.class,
                () -> Engine.onOneThread(() -> {
                    throw new IllegalStateException();
                }));
        seen.add(JniUtils.getNumThreads());
        assertEquals(List.of(1, 1, 3, 3), seen);
    }

    /** As when a cell that was interrupted still ends while it is run again. */
    @Test
    void workThatOverlapsLeavesTheNumberOfThreadsThatWasBeforeIt() throws Exception {
        var isIn = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        var first = Beside.start(() -> {
            Engine.onOneThread(() -> {
                isIn.countDown();
                return await(mayEnd);
            });
            return JniUtils.getNumThreads();
        });
        isIn.await();
        int during = Engine.onOneThread(() -> {
            mayEnd.countDown();
            assertEquals(3, first.get());
            assertEquals(1, Beside.start(JniUtils::getNumThreads).get());
            return JniUtils.getNumThreads();
        });
        assertEquals(1, during);
        assertEquals(3, JniUtils.getNumThreads());
        assertEquals(3, Beside.start(JniUtils::getNumThreads).get());
    }

    @Test
    void piecesSideBySideHaveOneThreadEachAndTheOthersWhatTheyHad() {
        assumeFalse(Engine.hasGpu(), "on a GPU nothing is side by side");
        assertEquals(3, Engine.threads());
        var both = new CountDownLatch(Math.min(2, Runtime.getRuntime().availableProcessors()));
        var seen = Engine.sideBySide(5, piece -> {
            both.countDown();
            return await(both) ? piece + 100 * JniUtils.getNumThreads() : -1;
        });
        assertEquals(List.of(100, 101, 102, 103, 104), seen);
        assertEquals(3, JniUtils.getNumThreads());
        assertEquals(3, Beside.start(JniUtils::getNumThreads).get());
        assertEquals(List.of(1, 1), Engine.onOneThread(() -> {
            var caller = Thread.currentThread();
            return Engine.sideBySide(2, piece -> Thread.currentThread() == caller ? Engine.threads() : -1);
        }));
    }

    /** As where models are trained side by side, each on one thread. */
    @Test
    void oneThreadWithinOneThreadLeavesOne() {
        Supplier<Integer> twice = () -> {
            Engine.onOneThread(() -> 0);
            return JniUtils.getNumThreads();
        };
        assertEquals(1, Engine.onOneThread(() -> Beside.start(twice).get()));
        assertEquals(1, Engine.onOneThread(twice));
        assertEquals(List.of(1, 1), Engine.sideBySide(2, piece -> twice.get()));
        assertEquals(3, twice.get());
        assertEquals(3, Beside.start(twice).get());
    }

    @Test
    void whatAPieceThrowsIsThrownWhenTheOthersHaveEnded() {
        assumeFalse(Engine.hasGpu(), "on a GPU nothing is side by side");
        var ended = new AtomicInteger();
        var failure = assertThrows(
                IllegalStateException.class,
                () -> Engine.sideBySide(8, piece -> {
                    if (piece == 0) {
                        throw new IllegalStateException("piece 0");
                    }
                    return ended.incrementAndGet();
                }));
        assertEquals("piece 0", failure.getMessage());
        assertEquals(7, ended.get());
        Thread.currentThread().interrupt();
        assertEquals(List.of(0, 1), Engine.sideBySide(2, piece -> piece));
        assertTrue(Thread.interrupted());
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
