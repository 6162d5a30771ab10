package org.whylm.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How far a long piece of work has come, on one line: what, done of total, rate, remaining time. Whoever works calls
 * {@link #advance} between batches; it is also where an interrupt of the notebook kernel takes effect. Work inside work
 * shows on the same line and leaves no summary of its own.
 *
 * <pre>{@code
 * try (var progress = Progress.start("features of movies", sentences.size(), "sentences")) {
 *     for (var batch : batches) {
 *         ...
 *         progress.advance(batch.size());
 *     }
 * }
 * }</pre>
 */
public final class Progress implements AutoCloseable {

    /** The work was interrupted between two batches; what was finished before is kept. */
    public static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Interrupted(String message) {
            super(message);
        }
    }

    /** Where the line of one piece of work goes. */
    public interface Display {

        /** The least time between two lines, and before the first. */
        Duration interval();

        /**
         * Shows a line in place of the one before.
         *
         * @param fraction of the work that is done, in [0,1]
         */
        void show(String line, double fraction);

        /**
         * Shows the last line.
         *
         * @param summary what was done, without times
         * @param took how long it took
         */
        void finish(String summary, Duration took);
    }

    private static final AtomicReference<Supplier<Display>> DISPLAYS =
            new AtomicReference<>(TextProgress::onStandardError);
    private static final ThreadLocal<Progress> INNERMOST = new ThreadLocal<>();

    private final String what;
    private final long total;
    private final String unit;
    private final Progress outer;
    private final Display display;
    private final LongSupplier nanoTime;
    private final long started;
    private long shown;
    private long done;

    private Progress(String what, long total, String unit, Supplier<Display> displays, LongSupplier nanoTime) {
        this.what = what;
        this.total = total;
        this.unit = unit;
        this.nanoTime = nanoTime;
        outer = INNERMOST.get();
        display = outer == null ? displays.get() : outer.display;
        started = nanoTime.getAsLong();
        shown = started;
        INNERMOST.set(this);
    }

    /**
     * Announces work.
     *
     * @param what the work, as a noun phrase
     * @param total how many units there are
     * @param unit plural name of the unit
     */
    public static Progress start(String what, long total, String unit) {
        return start(what, total, unit, DISPLAYS.get(), System::nanoTime);
    }

    static Progress start(String what, long total, String unit, Supplier<Display> displays, LongSupplier nanoTime) {
        return new Progress(what, total, unit, displays, nanoTime);
    }

    /** Sends the lines of work that starts from now on elsewhere; without this they go to standard error. */
    public static void showOn(Supplier<Display> displays) {
        DISPLAYS.set(displays);
    }

    /**
     * Reports that more units are done.
     *
     * @throws Interrupted if the thread was interrupted
     */
    public void advance(long units) {
        done += units;
        if (Thread.interrupted()) {
            throw interrupted();
        }
        var outermost = outermost();
        synchronized (outermost) {
            var now = nanoTime.getAsLong();
            if (now - outermost.shown >= display.interval().toNanos()) {
                outermost.shown = now;
                display.show(line(now), outermost.fraction());
            }
        }
    }

    private Interrupted interrupted() {
        return new Interrupted(what + ": interrupted after " + count(done) + " of " + count(total) + " " + unit);
    }

    /**
     * Does pieces of this work, a unit each, on as many threads as there are cores; work inside them is inside this. What one throws is
     * thrown, and the others are interrupted.
     *
     * @return what each gives, in their order
     * @throws Interrupted if the thread was interrupted; the pieces under way are interrupted too, and have ended
     */
    public <T> List<T> parallel(List<Supplier<T>> pieces) {
        int cores = Runtime.getRuntime().availableProcessors();
        var threads = Executors.newFixedThreadPool(Math.max(1, Math.min(cores, pieces.size())));
        var ended = new ExecutorCompletionService<T>(threads);
        var given = new ArrayList<T>(Collections.nCopies(pieces.size(), null));
        try {
            for (int i = 0; i < pieces.size(); i++) {
                int piece = i;
                ended.submit(() -> given.set(piece, inside(pieces.get(piece))));
            }
            for (int i = 0; i < pieces.size(); i++) {
                ended.take().get();
                advance(1);
            }
            return given;
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        } finally {
            end(threads);
        }
    }

    private <T> T inside(Supplier<T> piece) {
        INNERMOST.set(this);
        try {
            return piece.get();
        } finally {
            INNERMOST.remove();
        }
    }

    /** Waits for them: each frees its native memory itself. */
    private static void end(ExecutorService threads) {
        threads.shutdownNow();
        var interrupted = false;
        while (!threads.isTerminated()) {
            try {
                threads.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        INNERMOST.set(outer);
        if (outer == null && done > 0) {
            var summary = done >= total
                    ? what + ": " + count(done) + " " + unit
                    : what + ": stopped after " + count(done) + " of " + count(total) + " " + unit;
            display.finish(summary, Duration.ofNanos(nanoTime.getAsLong() - started));
        }
    }

    private Progress outermost() {
        return outer == null ? this : outer.outermost();
    }

    private double fraction() {
        return total <= 0 ? 1 : Math.min(1, (double) done / total);
    }

    private String line(long now) {
        var seconds = (now - started) / 1e9;
        if (done == 0 || seconds <= 0) {
            return count();
        }
        var rate = done / seconds;
        var left = Duration.ofMillis((long) ((total - done) / rate * 1000));
        return count()
                + String.format(Locale.ROOT, rate < 10 ? ", %.1f/s" : ", %,.0f/s", rate)
                + (done < total ? ", " + text(left) + " left" : "");
    }

    private String count() {
        return (outer == null ? "" : outer.count() + "; ") + what + ": " + count(done) + "/" + count(total) + " "
                + unit;
    }

    private static String count(long units) {
        return String.format(Locale.ROOT, "%,d", units);
    }

    /** A duration for people: {@code 45 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
    static String text(Duration duration) {
        var seconds = Math.round(duration.toMillis() / 1000.0);
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
        }
        var minutes = seconds / 60;
        return minutes / 60 + " h" + (minutes % 60 == 0 ? "" : " " + minutes % 60 + " min");
    }
}
