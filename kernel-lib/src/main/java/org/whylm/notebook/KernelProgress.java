package org.whylm.notebook;

import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.whylm.report.Html;
import org.whylm.run.Progress;

/**
 * Progress as one notebook output that is updated in place; what remains of it says what was done, without times. The works of a
 * cell share the output: a line for each that is done, equal ones counted. The kernel's classes are reached by reflection, as in
 * {@link RichOutput}.
 */
final class KernelProgress implements Progress.Display {

    private static final Duration UPDATE_EVERY = Duration.ofMillis(500);
    private static final Duration WORTH_A_SUMMARY = Duration.ofSeconds(2);

    private final Object stream;
    private final Object cell;
    private final String id = UUID.randomUUID().toString();
    private final Map<String, Integer> done = new LinkedHashMap<>();
    private boolean shown;
    private boolean atWork;

    private KernelProgress(Object stream, Object cell) {
        this.stream = stream;
        this.cell = cell;
    }

    /** @param stream a kernel's {@code DisplayStream} */
    static Supplier<Progress.Display> on(Object stream) {
        var last = new AtomicReference<KernelProgress>();
        return () -> {
            var cell = cell(stream);
            return last.updateAndGet(display -> display != null && cell.isPresent() && cell.get() == display.cell
                    ? display
                    : new KernelProgress(stream, cell.orElse(null)));
        };
    }

    /** What the kernel answers now: an object for each time that a cell runs. */
    private static Optional<Object> cell(Object stream) {
        try {
            var environment = type(stream).getDeclaredField("env");
            environment.setAccessible(true);
            return Optional.ofNullable(environment.get(stream));
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            return Optional.empty(); // every work has an output of its own
        }
    }

    private static Class<?> type(Object stream) {
        var type = stream.getClass();
        while (!type.getSimpleName().equals("DisplayStream")) {
            type = type.getSuperclass();
        }
        return type;
    }

    @Override
    public Duration interval() {
        return UPDATE_EVERY;
    }

    @Override
    public void show(String line, double fraction) {
        var bar = String.format(Locale.ROOT, "<progress max=\"1\" value=\"%.3f\"></progress> ", fraction);
        atWork = true;
        publish(Optional.of(line), Optional.of(bar + Html.text(line)));
    }

    @Override
    public void finish(String summary, Duration took) {
        if (atWork || took.compareTo(WORTH_A_SUMMARY) >= 0) {
            atWork = false;
            done.merge(summary, 1, Integer::sum);
            publish(Optional.empty(), Optional.empty());
        }
    }

    /** Shows what is done, and behind it what is at work. */
    private void publish(Optional<String> workText, Optional<String> workHtml) {
        var lines = done.entrySet().stream()
                .map(each -> each.getKey() + (each.getValue() == 1 ? "" : ", " + each.getValue() + " times"))
                .toList();
        var text = Stream.concat(lines.stream(), workText.stream()).collect(Collectors.joining("\n"));
        var html =
                Stream.concat(lines.stream().map(Html::text), workHtml.stream()).collect(Collectors.joining("<br>"));
        try {
            var streams = type(stream);
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
