package org.whylm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** That the subcommand runs the script with the virtual environment's Python and passes its status on. */
class FetchTest {

    private static final String HOME = "whylm.home";

    @TempDir
    Path root;

    private String home;

    @BeforeEach
    void workspace() throws IOException {
        home = System.getProperty(HOME);
        System.setProperty(HOME, root.toString());
        Files.createDirectories(root.resolve("datasets"));
        Files.writeString(root.resolve("datasets/catalog.json"), "{}");
    }

    @AfterEach
    void restore() {
        if (home == null) {
            System.clearProperty(HOME);
        } else {
            System.setProperty(HOME, home);
        }
    }

    @Test
    void runsTheScript() throws IOException {
        var python = root.resolve(".venv/bin/python");
        Files.createDirectories(python.getParent());
        Files.writeString(python, "#!/bin/sh\necho \"$@\" > \"$(dirname \"$0\")/arguments\"\nexit 1\n");
        Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertEquals(1, new CommandLine(new Fetch()).execute("--check", "smollm2"));
        assertEquals(
                root.resolve("datasets/fetch.py") + " --check smollm2\n",
                Files.readString(python.resolveSibling("arguments")));
    }

    @Test
    void saysWhatToDoWithoutTheEnvironment() {
        var said = new StringWriter();
        var command = new CommandLine(new Fetch()).setErr(new PrintWriter(said, true));
        assertEquals(1, command.execute());
        assertTrue(said.toString().endsWith("is missing: run `make setup` first\n"), said.toString());
    }

    @Test
    void refusesAnUnknownOption() {
        var command = new CommandLine(new Fetch()).setErr(new PrintWriter(new StringWriter()));
        assertEquals(2, command.execute("--all"));
    }
}
