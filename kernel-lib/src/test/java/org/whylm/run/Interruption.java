package org.whylm.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.function.Executable;

/** An interrupt of the notebook kernel, at a moment that a test chooses. */
public final class Interruption {

    private Interruption() {}

    /** Interrupts this thread at the first line of progress that is of the moment; the work must end with that. */
    public static void of(Executable work, Predicate<String> moment) {
        var thread = Thread.currentThread();
        var done = new AtomicBoolean();
        Progress.showOn(() -> new Progress.Display() {
            @Override
            public Duration interval() {
                return Duration.ZERO;
            }

            @Override
            public void show(String line, double fraction) {
                if (!done.get() && moment.test(line)) {
                    done.set(true);
                    thread.interrupt();
                }
            }

            @Override
            public void finish(String summary, Duration took) {}
        });
        try {
            assertThrows(Progress.Interrupted.class, work);
        } finally {
            Progress.showOn(TextProgress::onStandardError);
        }
        assertFalse(Thread.interrupted(), "the work has taken the interrupt");
    }
}
