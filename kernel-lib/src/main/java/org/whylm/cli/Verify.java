package org.whylm.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.whylm.report.BoundNumbers;
import org.whylm.report.ReportPage;
import org.whylm.report.TableComparison;
import org.whylm.report.TableComparison.Tolerances;
import org.whylm.run.AtomicFile;
import org.whylm.run.Workspace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares the result tables of a run with those of the reference run, or makes them the reference. */
@Command(
        name = "verify",
        description =
                "Compares every table in build/tables, verdicts among them, with its reference in expected/. Exits 1 if any differs.")
final class Verify extends Subcommand {

    private static final String VERDICTS = "verdicts-";

    @Mixin
    private RunProfile profile;

    @Option(names = "--update", description = "Makes the tables of the run the reference instead.")
    private boolean update;

    @Override
    public Integer call() throws IOException {
        var workspace = Workspace.current();
        var name = profile.get().name();
        var expected = workspace.root().resolve("expected");
        var actual = workspace.results("tables", name);
        if (TableComparison.tables(actual).isEmpty()) {
            throw new IllegalStateException("There is no table in " + actual + ": run the notebooks first");
        }
        var tolerances = Tolerances.load(expected.resolve("tolerances.json"));
        return update
                ? replace(expected.resolve(name), actual, tolerances.optional())
                : compare(name, expected.resolve(name), actual, tolerances);
    }

    private int compare(String profileName, Path expected, Path actual, Tolerances tolerances) {
        var outcomes = TableComparison.compareAll(expected, actual, tolerances);
        outcomes.forEach(this::print);
        var agreeing = outcomes.stream().filter(TableComparison.Outcome::agrees).count();
        print(agreeing + " of " + outcomes.size() + " tables of the profile " + profileName + " are as expected");
        return agreeing == outcomes.size() ? 0 : 1;
    }

    private int replace(Path expected, Path actual, List<String> optional) throws IOException {
        var tables = TableComparison.tables(actual);
        for (var table : tables) {
            AtomicFile.write(expected.resolve(table + ".csv"), Files.readAllBytes(actual.resolve(table + ".csv")));
            print("written  " + table);
        }
        var notRun = notRun(expected, tables);
        for (var table : TableComparison.tables(expected)) {
            if (!tables.contains(table) && !optional.contains(table)) {
                if (notRun.isEmpty()) {
                    Files.delete(expected.resolve(table + ".csv"));
                }
                print((notRun.isEmpty() ? "removed  " : "kept     ") + table);
            }
        }
        if (!notRun.isEmpty()) {
            print("no table was removed, since " + String.join(", ", notRun) + " did not run");
        }
        print(TableComparison.tables(expected).size() + " tables are now expected in " + expected);
        if (tables.stream().anyMatch(table -> table.startsWith(VERDICTS))) {
            var profileName = expected.getFileName().toString();
            print(ReportPage.writeExpected(Workspace.current(), profileName) + " shows their verdicts");
        }
        var readme = expected.resolve("../../README.md").normalize();
        if (Files.isRegularFile(readme)) {
            AtomicFile.write(readme, BoundNumbers.updated(Files.readString(readme), expected.getParent()));
            print("README.md has their numbers");
        }
        return 0;
    }

    /** Notebooks whose verdicts are expected and that this run lacks: which of the other tables are theirs is not known. */
    private static List<String> notRun(Path expected, List<String> tables) {
        return TableComparison.tables(expected).stream()
                .filter(table -> table.startsWith(VERDICTS) && !tables.contains(table))
                .map(table -> table.substring(VERDICTS.length()))
                .filter(notebook ->
                        Files.exists(Workspace.current().root().resolve("notebooks/" + notebook + ".ipynb")))
                .toList();
    }

    private void print(Object line) {
        out().println(line);
    }
}
