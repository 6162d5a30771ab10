package org.whylm.run;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;

/** The tensor engine (DJL with PyTorch), set up so that nothing leaves the machine. */
public final class Engine {

    private static final Executor RUNNERS =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), work -> {
                var thread = new Thread(work, "engine");
                thread.setDaemon(true);
                return thread;
            });

    private static int onOneThread;
    private static int threads;

    private Engine() {}

    /** Keeps DJL from the network: no usage report, no look-up of instance metadata, native libraries from the class path. */
    public static void stayOffline() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    /** A fresh root of native memory beside the processor, for the library's own use; whoever asks closes it. */
    public static NDManager newManager() {
        stayOffline();
        return NDManager.newBaseManager(Device.cpu());
    }

    /**
     * The same where networks compute: on a GPU, if the engine has one. What is small, in double precision and one step after the other, as
     * a regression, is not worth the way there; between the two are arrays of Java.
     */
    public static NDManager newNetworkManager() {
        stayOffline();
        return NDManager.newBaseManager();
    }

    /**
     * Work on arrays so small that a second thread only waits for the first. It gives the same on any number of cores: the order of
     * the engine's sums follows the number of its threads, and training makes much of a last bit. Threads that the work starts have
     * one each.
     */
    public static <T> T onOneThread(Supplier<T> work) {
        version();
        int own = enter();
        try {
            return work.get();
        } finally {
            leave(own);
        }
    }

    /** How many pieces of work are done {@link #sideBySide}: as many as the engine has threads, on a GPU one. */
    public static int threads() {
        return hasGpu() ? 1 : JniUtils.getNumThreads();
    }

    /** Whether networks compute on a GPU. */
    public static boolean hasGpu() {
        stayOffline();
        return ai.djl.engine.Engine.getInstance().defaultDevice().isGpu();
    }

    /**
     * Pieces of work side by side, each on one thread of the engine; of threads that share a piece, each would wait for the other at each
     * step. A single piece, and all where the engine has one thread, are the caller's, one after the other. An interrupt is left to the caller.
     *
     * @param work of a piece, by its index
     * @return what each gives, in their order; what one throws is thrown when none is under way any more
     */
    public static <T> List<T> sideBySide(int pieces, IntFunction<T> work) {
        int runners = Math.min(pieces, threads());
        if (runners <= 1) {
            return IntStream.range(0, pieces).mapToObj(work).toList();
        }
        var given = new ArrayList<T>(Collections.nCopies(pieces, null));
        var next = new AtomicInteger();
        Runnable runner = () -> {
            if (JniUtils.getNumThreads() > 1) {
                takeOneThread();
            }
            for (int piece = next.getAndIncrement(); piece < pieces; piece = next.getAndIncrement()) {
                given.set(piece, work.apply(piece));
            }
        };
        var running = IntStream.range(0, runners)
                .mapToObj(at -> CompletableFuture.runAsync(runner, RUNNERS))
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(running).join();
            return given;
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }

    /** @return the threads that the caller had */
    private static synchronized int enter() {
        if (onOneThread++ == 0) {
            threads = inNewThread(JniUtils::getNumThreads);
        }
        int own = JniUtils.getNumThreads();
        JniUtils.setNumThreads(1);
        return own;
    }

    /** New threads have one until the last has left: work that was interrupted may still be ending when other work has begun. */
    private static synchronized void leave(int own) {
        setThreads(own, --onOneThread == 0 ? threads : 1);
    }

    /** One for the calling thread, and for new threads what they would have had. */
    private static synchronized void takeOneThread() {
        setThreads(1, inNewThread(JniUtils::getNumThreads));
    }

    /** The engine gives a new thread what was last set in any. */
    private static void setThreads(int ofThis, int ofNew) {
        JniUtils.setNumThreads(ofThis);
        inNewThread(() -> {
            JniUtils.setNumThreads(ofNew);
            return ofNew;
        });
    }

    private static int inNewThread(Supplier<Integer> work) {
        return CompletableFuture.supplyAsync(work, task -> new Thread(task).start())
                .join();
    }

    /** Name, version and, if it is not the processor, the device of the engine that runs; loads it. */
    public static String version() {
        stayOffline();
        var engine = ai.djl.engine.Engine.getInstance();
        var name = engine.getEngineName() + " " + engine.getVersion();
        var device = engine.defaultDevice();
        return device.isGpu() ? name + " on " + device : name;
    }

    /**
     * Values in the engine's own memory, not in the buffer that they came in: its alignment changes from run to run, and with it the last
     * bit of a product.
     *
     * @param values row-major
     */
    public static NDArray array(NDManager manager, float[] values, long... shape) {
        try (var buffer = manager.create(values, new Shape(shape))) {
            return buffer.duplicate();
        }
    }

    /** The same in double precision. */
    public static NDArray array(NDManager manager, double[] values, long... shape) {
        try (var buffer = manager.create(values, new Shape(shape))) {
            return buffer.duplicate();
        }
    }

    public static NDArray array(NDManager manager, DMatrixRMaj matrix) {
        return array(manager, matrix.data, matrix.numRows, matrix.numCols);
    }

    /**
     * Rows {@code from … from+count-1} in double precision, {@code count×d}.
     *
     * @throws IllegalArgumentException if they are not of one length
     */
    public static NDArray doubles(NDManager manager, IntFunction<float[]> rows, int from, int count) {
        int d = rows.apply(0).length;
        var values = new double[count * d];
        for (int at = 0; at < values.length; at += d) {
            var row = rows.apply(from + at / d);
            if (row.length != d) {
                throw new IllegalArgumentException(
                        "Row " + (from + at / d) + " has " + row.length + " components, row 0 has " + d);
            }
            for (int j = 0; j < d; j++) {
                values[at + j] = row[j];
            }
        }
        return array(manager, values, count, d);
    }

    /** @param array {@code n×m}, float64 */
    public static DMatrixRMaj matrix(NDArray array) {
        var shape = array.getShape();
        return DMatrixRMaj.wrap((int) shape.get(0), (int) shape.get(1), array.toDoubleArray());
    }

    /** @param array {@code n×m}, float64 */
    public static double[][] rows(NDArray array) {
        return Matrices.rows(matrix(array));
    }
}
