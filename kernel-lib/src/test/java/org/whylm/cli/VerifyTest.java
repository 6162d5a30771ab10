package org.whylm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {

    private final String home = System.getProperty("whylm.home");

    @TempDir
    Path root;

    @BeforeEach
    void workspace() throws IOException {
        for (var file : new String[] {"datasets/catalog.json", "notebooks/profiles.json"}) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.copy(Path.of(home, file), root.resolve(file));
        }
        write("expected/tolerances.json", "{\"byDefault\": 0, \"tables\": {}, \"factors\": {}, \"optional\": []}");
        write("build/tables/quick/t.csv", "task,f\na,1\n");
        System.setProperty("whylm.home", root.toString());
    }

    @AfterEach
    void restore() {
        System.setProperty("whylm.home", home);
    }

    private void write(String file, String text) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        Files.writeString(root.resolve(file), text);
    }

    private String run(int exitCode, String... arguments) {
        var out = new StringWriter();
        var command = Whylm.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        assertEquals(exitCode, command.execute(arguments), out.toString());
        return out.toString().replace(System.lineSeparator(), "\n");
    }

    @Test
    void aChangedNumberIsAFailureThatNamesTheCell() throws IOException {
        write("expected/quick/t.csv", "task,f\na,2\n");
        assertEquals("""
                differs  t: row a, column f: expected 2, got 1
                0 of 1 tables of the profile quick are as expected
                """, run(1, "verify"));
    }

    @Test
    void missingAndExtraTablesAreFailures() throws IOException {
        write("expected/quick/gone.csv", "x\n1\n");
        var output = run(1, "verify", "--profile", "quick");
        assertTrue(output.contains("differs  gone: missing"), output);
        assertTrue(output.contains("differs  t: extra"), output);
        assertTrue(output.contains("0 of 2 tables"), output);
    }

    @Test
    void updateMakesTheRunTheReference() throws IOException {
        write("expected/quick/gone.csv", "x\n1\n");
        var output = run(0, "verify", "--update");
        assertTrue(output.startsWith("written  t\nremoved  gone\n"), output);
        assertEquals("""
                same     t (2 cells)
                1 of 1 tables of the profile quick are as expected
                """, run(0, "verify"));
    }

    @Test
    void updateAfterSomeNotebooksKeepsTheTablesOfTheOthers() throws IOException {
        write("expected/quick/other.csv", "x\n1\n");
        write("expected/quick/verdicts-02-other.csv", "x\n1\n");
        write("notebooks/02-other.ipynb", "{}");
        var output = run(0, "verify", "--update");
        assertTrue(output.contains("kept     other\nkept     verdicts-02-other\n"), output);
        assertTrue(output.contains("no table was removed, since 02-other did not run\n3 tables are now"), output);
        assertTrue(Files.exists(root.resolve("expected/quick/other.csv")));
        Files.delete(root.resolve("notebooks/02-other.ipynb"));
        assertTrue(run(0, "verify", "--update").contains("removed  verdicts-02-other\n"));
    }

    @Test
    void aRunWithoutTablesIsAFailure() {
        var output = run(1, "verify", "--profile", "paper");
        assertTrue(output.contains("There is no table in"), output);
        assertTrue(run(1, "verify", "--profile", "nope").contains("There is no profile nope"));
        run(2, "verify", "--nope");
    }
}
