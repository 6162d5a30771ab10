package org.whylm.notebook;

import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import org.dflib.jjava.jupyter.kernel.DisplayStream;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.whylm.report.Html;
import org.whylm.run.Progress;

/** Progress as one notebook output that is updated in place; what remains of it says what was done, without times. */
final class KernelProgress implements Progress.Display {

    private static final Duration UPDATE_EVERY = Duration.ofMillis(500);
    private static final Duration WORTH_A_SUMMARY = Duration.ofSeconds(2);

    private final DisplayStream stream;
    private final String id = UUID.randomUUID().toString();
    private boolean shown;

    KernelProgress(DisplayStream stream) {
        this.stream = stream;
    }

    @Override
    public Duration interval() {
        return UPDATE_EVERY;
    }

    @Override
    public void show(String line, double fraction) {
        var bar = String.format(Locale.ROOT, "<progress max=\"1\" value=\"%.3f\"></progress> ", fraction);
        publish(line, bar + Html.text(line));
    }

    @Override
    public void finish(String summary, Duration took) {
        if (shown || took.compareTo(WORTH_A_SUMMARY) >= 0) {
            publish(summary, Html.text(summary));
        }
    }

    private void publish(String text, String html) {
        var data = new DisplayData(text);
        data.putHTML(html);
        data.putTransientData("display_id", id);
        if (shown) {
            stream.updateDisplay(data);
        } else {
            stream.display(data);
        }
        shown = true;
    }
}
