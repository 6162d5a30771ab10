package org.whylm.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Runs command lines and keeps what they print. */
abstract class Commands {

    static final String MODEL =
            Path.of("src", "test", "resources", "fixtures", "tiny-gpt2").toString();

    @TempDir
    Path folder;

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();

    final int run(String... arguments) {
        return Whylm.commandLine(arguments)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
