package org.whylm.spark;

import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.util.LongAccumulator;

/** One line a minute on the driver's standard error: how many tokens the executors have read, how fast, and how long it will take. */
final class ProgressLines {

    private final LongAccumulator tokens;
    private final long all;
    private final long start = System.nanoTime();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    });

    /** @param all tokens of the job, those of committed shards too */
    ProgressLines(LongAccumulator tokens, long all) {
        this.tokens = tokens;
        this.all = all;
        clock.scheduleAtFixedRate(this::print, 1, 1, TimeUnit.MINUTES);
    }

    private void print() {
        double seconds = (System.nanoTime() - start) / 1e9;
        long read = tokens.value();
        double rate = read / seconds;
        System.err.printf(
                Locale.ROOT,
                "whylm-spark: %,d of at most %,d tokens, %,.0f a second, at most %,.0f min left%n",
                read,
                all,
                rate,
                rate > 0 ? (all - read) / rate / 60 : Double.POSITIVE_INFINITY);
    }

    void stop() {
        clock.shutdownNow();
    }
}
