package org.whylm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private final List<String> shown = new ArrayList<>();
    private final Progress.Display display = new Progress.Display() {
        @Override
        public Duration interval() {
            return Duration.ofSeconds(1);
        }

        @Override
        public void show(String line, double fraction) {
            shown.add(line + " (" + fraction + ")");
        }

        @Override
        public void finish(String summary, Duration took) {
            shown.add(summary + " | " + Progress.text(took));
        }
    };
    private long seconds;

    private Progress start(String what, long total, String unit) {
        return Progress.start(what, total, unit, () -> display, () -> seconds * 1_000_000_000L);
    }

    @Test
    void aLineSaysWhatDoneRateAndRemainingTime() {
        try (var progress = start("features of movies", 2000, "sentences")) {
            progress.advance(10);
            seconds = 10;
            progress.advance(490);
            progress.advance(10);
            seconds = 200;
            progress.advance(490);
            seconds = 400;
            progress.advance(1000);
        }
        assertEquals(
                List.of(
                        "features of movies: 500/2,000 sentences, 50/s, 30 s left (0.25)",
                        "features of movies: 1,000/2,000 sentences, 5.0/s, 3 min 20 s left (0.5)",
                        "features of movies: 2,000/2,000 sentences, 5.0/s (1.0)",
                        "features of movies: 2,000 sentences | 6 min 40 s"),
                shown);
    }

    @Test
    void workInsideWorkSharesTheLineAndLeavesOneSummary() {
        try (var table = start("table", 4, "rows")) {
            try (var features = start("features", 100, "sentences")) {
                seconds = 5;
                features.advance(50);
            }
            seconds = 10;
            table.advance(4);
        }
        assertEquals(
                List.of(
                        "table: 0/4 rows; features: 50/100 sentences, 10/s, 5 s left (0.0)",
                        "table: 4/4 rows, 0.4/s (1.0)",
                        "table: 4 rows | 10 s"),
                shown);
    }

    @Test
    void anInterruptTakesEffectBetweenBatches() {
        try (var progress = start("features", 100, "sentences")) {
            progress.advance(30);
            Thread.currentThread().interrupt();
            var error = assertThrows(Progress.Interrupted.class, () -> progress.advance(10));
            assertEquals("features: interrupted after 40 of 100 sentences", error.getMessage());
        }
        assertFalse(Thread.interrupted());
        assertEquals(List.of("features: stopped after 40 of 100 sentences | 0 s"), shown);
    }

    @Test
    void piecesAreDoneInParallelInsideTheWorkAndGiveTheirResultsInOrder() {
        try (var progress = start("models", 20, "seeds")) {
            List<Supplier<Integer>> squares = IntStream.range(0, 20)
                    .<Supplier<Integer>>mapToObj(i -> () -> {
                        try (var inside = start("training", 5, "updates")) {
                            inside.advance(5);
                        }
                        return i * i;
                    })
                    .toList();
            assertEquals(IntStream.range(0, 20).mapToObj(i -> i * i).toList(), progress.parallel(squares));
        }
        assertEquals(List.of("models: 20 seeds | 0 s"), shown);
    }

    @Test
    void whatAPieceThrowsIsThrownWhenTheOthersHaveEnded() {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "two threads");
        var alive = new AtomicInteger();
        Supplier<Integer> fails = () -> {
            while (alive.get() == 0) {
                Thread.onSpinWait();
            }
            throw new IllegalStateException("diverged");
        };
        Supplier<Integer> runs = () -> forever(alive);
        try (var progress = start("models", 2, "seeds")) {
            var error = assertThrows(IllegalStateException.class, () -> progress.parallel(List.of(fails, runs)));
            assertEquals("diverged", error.getMessage());
        }
        assertEquals(0, alive.get());
    }

    @Test
    void anInterruptEndsThePiecesUnderWay() {
        var alive = new AtomicInteger();
        var caller = Thread.currentThread();
        Supplier<Integer> interrupts = () -> {
            caller.interrupt();
            return forever(alive);
        };
        try (var progress = start("models", 2, "seeds")) {
            var error = assertThrows(
                    Progress.Interrupted.class, () -> progress.parallel(List.of(interrupts, () -> forever(alive))));
            assertEquals("models: interrupted after 0 of 2 seeds", error.getMessage());
        }
        assertFalse(Thread.interrupted());
        assertEquals(0, alive.get());
    }

    private int forever(AtomicInteger alive) {
        alive.incrementAndGet();
        try (var inside = start("training", Long.MAX_VALUE, "updates")) {
            while (true) {
                inside.advance(1);
            }
        } finally {
            alive.decrementAndGet();
        }
    }

    @Test
    void workWithNothingToDoIsSilent() {
        start("features", 0, "sentences").close();
        assertEquals(List.of(), shown);
    }

    @Test
    void aTerminalLineIsWrittenOverAndALogHasLines() {
        var bytes = new ByteArrayOutputStream();
        var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        var terminal = TextProgress.terminal(out);
        terminal.show("a", 0);
        terminal.finish("b", Duration.ofSeconds(1));
        var lines = TextProgress.lines(out);
        lines.show("c", 0);
        lines.finish("d", Duration.ofSeconds(7265));
        TextProgress.lines(out).finish("soon done", Duration.ofSeconds(1));
        assertEquals(
                "\r\033[Ka\r\033[Kb in 1 s\nc\nd in 2 h 1 min\n",
                bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n"));
    }
}
