package org.whylm.notebook;

import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import org.whylm.report.Html;
import org.whylm.run.Progress;

/**
 * Progress as one notebook output that is updated in place; what remains of it says what was done, without times. The kernel's
 * classes are reached by reflection, as in {@link RichOutput}.
 */
final class KernelProgress implements Progress.Display {

    private static final Duration UPDATE_EVERY = Duration.ofMillis(500);
    private static final Duration WORTH_A_SUMMARY = Duration.ofSeconds(2);

    private final Object stream;
    private final String id = UUID.randomUUID().toString();
    private boolean shown;

    /** @param stream a kernel's {@code DisplayStream} */
    KernelProgress(Object stream) {
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
        try {
            var streams = stream.getClass();
            while (!streams.getSimpleName().equals("DisplayStream")) {
                streams = streams.getSuperclass();
            }
            var type = Class.forName(streams.getPackageName() + ".display.DisplayData", true, streams.getClassLoader());
            var data = type.getConstructor(String.class).newInstance(text);
            type.getMethod("putHTML", String.class)
                    .invoke(data, "<span class=\"" + Html.NO_TEX + "\">" + html + "</span>");
            type.getMethod("setDisplayId", String.class).invoke(data, id);
            streams.getMethod(shown ? "updateDisplay" : "display", type).invoke(stream, data);
            shown = true;
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("The kernel does not show progress", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The kernel does not show progress", e);
        }
    }
}
