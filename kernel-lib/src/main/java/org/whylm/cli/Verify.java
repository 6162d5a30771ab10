package org.whylm.cli;

import java.util.concurrent.Callable;
import org.whylm.report.TableComparison;
import org.whylm.report.TableComparison.Tolerances;
import org.whylm.run.Profile;
import org.whylm.run.Workspace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares the result tables of a run with those of the reference run. */
@Command(
        name = "verify",
        description = "Compares every table in build/tables with its reference in expected/. Exits 1 if any differs.")
final class Verify implements Callable<Integer> {

    @Option(names = "--profile", description = "Profile of the run (default: PROFILE, or quick).")
    private String profile;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        var workspace = Workspace.current();
        var name = profile == null
                ? Profile.current().name()
                : Profile.load(profile).name();
        var expected = workspace.root().resolve("expected");
        var outcomes = TableComparison.compareAll(
                expected.resolve(name),
                workspace.build().resolve("tables").resolve(name),
                Tolerances.load(expected.resolve("tolerances.json")));
        var out = spec.commandLine().getOut();
        outcomes.forEach(out::println);
        var agreeing = outcomes.stream().filter(TableComparison.Outcome::agrees).count();
        out.println(agreeing + " of " + outcomes.size() + " tables of the profile " + name + " are as expected");
        out.flush();
        return agreeing == outcomes.size() && agreeing > 0 ? 0 : 1;
    }
}
