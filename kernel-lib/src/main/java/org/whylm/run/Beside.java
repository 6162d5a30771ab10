package org.whylm.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** Work that a thread of its own does, beside what the caller does meanwhile. */
public final class Beside<T> {

    private final CompletableFuture<T> work;

    private Beside(CompletableFuture<T> work) {
        this.work = work;
    }

    /** Starts the work; what it throws is thrown by {@link #get}. */
    public static <T> Beside<T> start(Supplier<T> work) {
        return new Beside<>(CompletableFuture.supplyAsync(work, task -> {
            var thread = new Thread(task, "beside " + Thread.currentThread().getName());
            thread.setDaemon(true);
            thread.start();
        }));
    }

    /** What the work gives, or throws; waits for it. */
    public T get() {
        try {
            return work.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }
}
