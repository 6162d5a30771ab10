package org.whylm.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.whylm.report.PublishedNumbers;
import org.whylm.report.ReportPage;
import org.whylm.run.Profile;
import org.whylm.run.Workspace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes the reviewer's page. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description =
                "Writes build/report/PROFILE/index.html: which findings held, every table and figure, and what made"
                        + " them.")
final class Report implements Callable<Integer> {

    @Option(names = "--profile", description = "Profile of the run (default: PROFILE, or quick).")
    private String profile;

    @Option(
            names = "--published",
            paramLabel = "CSV",
            description = "Numbers of a publication (table,row,column,value,source), shown beside those of the run.")
    private Path published;

    @Option(
            names = "--expected",
            description = "Writes expected/PROFILE/claims.png instead: the verdicts of the reference run as a picture.")
    private boolean expected;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        var name = profile == null
                ? Profile.current().name()
                : Profile.load(profile).name();
        var workspace = Workspace.current();
        if (expected) {
            spec.commandLine().getOut().println(ReportPage.writeExpected(workspace, name));
            return 0;
        }
        if (published != null) {
            var numbers = PublishedNumbers.read(published, workspace, Profile.load(name));
            spec.commandLine().getOut().println(numbers.table());
            numbers.write(workspace);
        }
        spec.commandLine().getOut().println(ReportPage.write(workspace, name));
        var missing = ReportPage.notRun(workspace, name);
        if (!missing.isEmpty()) {
            var err = spec.commandLine().getErr();
            err.println("note: not run to the end with the profile " + name + ": " + String.join(", ", missing));
        }
        return 0;
    }
}
