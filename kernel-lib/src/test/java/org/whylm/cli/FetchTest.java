package org.whylm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** That the subcommand runs the script with the virtual environment's Python and passes its status on. */
class FetchTest {

    private static final String HOME = "whylm.home";
    private static final String PYTHON = "whylm.python";
    private static final String CACHE = "whylm.hub.cache";

    @TempDir
    Path root;

    private String home;
    private String python;

    @BeforeEach
    void workspace() throws IOException {
        home = System.getProperty(HOME);
        System.setProperty(HOME, root.toString());
        python = System.getProperty(PYTHON, "");
        System.setProperty(PYTHON, ""); // that of the workspace
        Files.createDirectories(root.resolve("datasets"));
        for (var file : List.of("catalog.json", "models.json")) {
            Files.copy(Path.of(home, "datasets", file), root.resolve("datasets").resolve(file));
        }
        System.setProperty(CACHE, root.resolve("cache").toString());
    }

    @AfterEach
    void restore() {
        System.clearProperty(CACHE);
        System.setProperty(PYTHON, python);
        System.setProperty(HOME, home);
    }

    @Test
    void runsTheScript() throws IOException {
        var python = root.resolve(".venv/bin/python");
        Files.createDirectories(python.getParent());
        Files.writeString(python, "#!/bin/sh\necho \"$@\" > \"$(dirname \"$0\")/arguments\"\nexit 1\n");
        Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertEquals(1, new CommandLine(new Fetch()).execute("--check", "--accept-licence", "smollm2", "gemma-3-270m"));
        assertEquals(
                root.resolve("datasets/fetch.py") + " --check --accept-licence smollm2 gemma-3-270m\n",
                Files.readString(python.resolveSibling("arguments")));
    }

    @Test
    void looksForModelsOfTheHubInTheCacheAndNotInPackages() {
        var failures = new ArrayList<String>();
        var command = new CommandLine(new Fetch()).setExecutionExceptionHandler((failure, line, parsed) -> {
            failures.add(failure.getMessage());
            return 1;
        });
        assertEquals(1, command.execute("--check", "gpt2"));
        assertTrue(failures.get(0).contains(root.resolve("cache").toString()), failures.toString());
    }

    @Test
    void saysWhatToDoWithoutTheEnvironment() {
        var said = new StringWriter();
        var command = new CommandLine(new Fetch()).setErr(new PrintWriter(said, true));
        assertEquals(1, command.execute());
        assertTrue(said.toString().endsWith("is missing: run `make setup` first\n"), said.toString());
    }

    @Test
    void namesWhatCanBeHad() {
        var said = new ArrayList<String>();
        var command = new CommandLine(new Fetch()).setParameterExceptionHandler((failure, arguments) -> {
            said.add(failure.getMessage());
            return 2;
        });
        assertEquals(2, command.execute("gpt2", "gpt3"));
        assertTrue(
                said.get(0).startsWith("There is no gpt3: fetch brings smollm2, hutto, gemma-3-270m from"),
                said.get(0));
        assertTrue(said.get(0).contains("gpt2, ") && said.get(0).contains("bert-base-cased"), said.get(0));
    }

    @Test
    void refusesAnUnknownOption() {
        var command = new CommandLine(new Fetch()).setErr(new PrintWriter(new StringWriter()));
        assertEquals(2, command.execute("--all"));
    }
}
