package org.whylm.cli;

import java.nio.file.Path;
import org.whylm.report.PublishedNumbers;
import org.whylm.report.ReportPage;
import org.whylm.run.Workspace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the reviewer's page. */
@Command(
        name = "report",
        description =
                "Writes build/report/PROFILE/index.html: which findings held, every table and figure, and what made"
                        + " them.")
final class Report extends Subcommand {

    @Mixin
    private RunProfile profile;

    @Option(
            names = "--published",
            paramLabel = "CSV",
            description = "Numbers of a publication (table,row,column,value,source), shown beside those of the run.")
    private Path published;

    @Option(
            names = "--expected",
            description = "Writes expected/PROFILE/claims.png instead: the verdicts of the reference run as a picture.")
    private boolean expected;

    @Override
    public Integer call() {
        var name = profile.get().name();
        var workspace = Workspace.current();
        if (expected) {
            out().println(ReportPage.writeExpected(workspace, name));
            return 0;
        }
        if (published != null) {
            var numbers = PublishedNumbers.read(published, workspace, profile.get());
            out().println(numbers.table());
            numbers.write(workspace);
        }
        out().println(ReportPage.write(workspace, name));
        var missing = ReportPage.notRun(workspace, name);
        if (!missing.isEmpty()) {
            note("not run to the end with the profile " + name + ": " + String.join(", ", missing));
        }
        return 0;
    }
}
