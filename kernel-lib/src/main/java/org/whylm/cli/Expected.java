package org.whylm.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import org.whylm.report.TableComparison;
import org.whylm.run.AtomicFile;
import org.whylm.run.Profile;
import org.whylm.run.Workspace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes the tables of a run the reference. */
@Command(
        name = "expected",
        description =
                "Replaces the tables in expected/ by those in build/tables: on purpose, after a look at the changes.")
final class Expected implements Callable<Integer> {

    @Option(names = "--profile", description = "Profile of the run (default: PROFILE, or quick).")
    private String profile;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        var workspace = Workspace.current();
        var name = profile == null
                ? Profile.current().name()
                : Profile.load(profile).name();
        var actual = workspace.build().resolve("tables").resolve(name);
        var expected = workspace.root().resolve("expected").resolve(name);
        var tables = TableComparison.tables(actual);
        if (tables.isEmpty()) {
            throw new IllegalStateException("There is no table in " + actual + ": run the notebooks first");
        }
        var out = spec.commandLine().getOut();
        for (var table : tables) {
            AtomicFile.write(expected.resolve(table + ".csv"), Files.readAllBytes(actual.resolve(table + ".csv")));
            out.println("written  " + table);
        }
        for (var table : TableComparison.tables(expected)) {
            if (!tables.contains(table)) {
                Files.delete(expected.resolve(table + ".csv"));
                out.println("removed  " + table);
            }
        }
        out.println(tables.size() + " tables of the profile " + name + " are now expected");
        out.flush();
        return 0;
    }
}
