package org.whylm.notebook;

import java.util.Optional;
import java.util.stream.Stream;

/** Ends the kernel when what started it is gone, killed perhaps: a kernel that goes on alone would write beside the next run. */
final class ParentWatch {

    private static final int KILLED = 137;

    private ParentWatch() {}

    /** Watches the process that started this one, and Jupyter's ({@code JPY_PARENT_PID}), which is that one's parent where there is a launcher. */
    static void start() {
        var jupyter = Optional.ofNullable(System.getenv("JPY_PARENT_PID"))
                .filter(pid -> pid.matches("[0-9]{1,18}"))
                .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)));
        Stream.of(ProcessHandle.current().parent(), jupyter)
                .flatMap(Optional::stream)
                .forEach(process ->
                        process.onExit().thenRun(() -> Runtime.getRuntime().halt(KILLED)));
    }
}
