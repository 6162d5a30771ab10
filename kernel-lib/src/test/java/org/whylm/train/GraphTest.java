package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.whylm.run.Beside;
import org.whylm.run.Engine;

class GraphTest {

    /** Peer: DJL's own collector. Its second one at a time, in another thread, throws. */
    @Test
    void severalThreadsKeepGraphsAtATime() {
        Engine.version();
        double[] expected;
        try (var collector = ai.djl.engine.Engine.getInstance().newGradientCollector()) {
            expected = gradient(collector::backward);
        }
        var both = new CyclicBarrier(2);
        Supplier<double[]> own = () -> {
            JniUtils.setGradMode(false);
            var gradient = Graph.of(() -> {
                await(both);
                return gradient(loss -> {
                    await(both);
                    Graph.backward(loss);
                });
            });
            assertFalse(JniUtils.isGradMode());
            return gradient;
        };
        var other = Beside.start(own);
        assertArrayEquals(expected, own.get());
        assertArrayEquals(expected, other.get());
    }

    /** Of {@code Σ tanh(x)²}. */
    private static double[] gradient(Consumer<NDArray> backward) {
        try (var manager = Engine.newManager()) {
            var x = Engine.array(manager, new double[] {0.5, -1, 2}, 3);
            x.setRequiresGradient(true);
            backward.accept(x.tanh().square().sum());
            return x.getGradient().toDoubleArray();
        }
    }

    private static void await(CyclicBarrier both) {
        try {
            both.await(1, TimeUnit.MINUTES);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
