package org.whylm.run;

/**
 * How far a long piece of work has come. Whoever works calls {@link #advance} between batches; it is also where an interrupt
 * of the notebook kernel takes effect.
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

    private final String what;
    private final long total;
    private final String unit;
    private long done;

    private Progress(String what, long total, String unit) {
        this.what = what;
        this.total = total;
        this.unit = unit;
    }

    /**
     * Announces work.
     *
     * @param what the work, as a noun phrase
     * @param total how many units there are
     * @param unit plural name of the unit
     */
    public static Progress start(String what, long total, String unit) {
        return new Progress(what, total, unit);
    }

    /**
     * Reports that more units are done.
     *
     * @throws Interrupted if the thread was interrupted
     */
    public void advance(long units) {
        done += units;
        if (Thread.interrupted()) {
            throw new Interrupted(what + ": interrupted after " + done + " of " + total + " " + unit);
        }
    }

    @Override
    public void close() {}
}
