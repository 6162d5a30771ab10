package org.whylm.run;

import java.io.PrintStream;
import java.time.Duration;

/**
 * Progress as text: on a terminal one line that is written over, otherwise a line now and then, and none for work that is
 * soon done.
 */
public final class TextProgress implements Progress.Display {

    private static final Duration LINE_EVERY = Duration.ofSeconds(15);
    private static final Duration REDRAW_EVERY = Duration.ofMillis(200);
    private static final Duration WORTH_A_SUMMARY = Duration.ofSeconds(2);
    private static final String ERASE = "\r\033[K";

    private final PrintStream out;
    private final boolean terminal;
    private boolean shown;

    private TextProgress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** On standard error. */
    public static TextProgress onStandardError() {
        return new TextProgress(System.err, System.console() != null);
    }

    /** On a terminal: one line that is written over. */
    static TextProgress terminal(PrintStream out) {
        return new TextProgress(out, true);
    }

    /** In a log: a line every 15 seconds. */
    public static TextProgress lines(PrintStream out) {
        return new TextProgress(out, false);
    }

    @Override
    public Duration interval() {
        return terminal ? REDRAW_EVERY : LINE_EVERY;
    }

    @Override
    public void show(String line, double fraction) {
        shown = true;
        if (terminal) {
            out.print(ERASE + line);
            out.flush();
        } else {
            out.println(line);
        }
    }

    @Override
    public void finish(String summary, Duration took) {
        if (shown || took.compareTo(WORTH_A_SUMMARY) >= 0) {
            out.println((terminal ? ERASE : "") + summary + " in " + Progress.text(took));
        }
    }
}
