package org.whylm.cli;

import org.whylm.report.AcrossModels;
import org.whylm.run.Profile;
import org.whylm.run.Workspace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the table and the figure across models. */
@Command(
        name = "across",
        description =
                "Writes the table and the figure across-models of a profile that was run on several models, each as"
                        + " PROFILE=name@model: does each finding carry over from one to the others?")
final class Across extends Subcommand {

    @Option(names = "--profile", defaultValue = "cross-model", description = "Default: ${DEFAULT-VALUE}.")
    private String profile;

    @Override
    public Integer call() {
        var across = AcrossModels.of(Workspace.current(), Profile.load(profile).name());
        out().println(across.table());
        across.write().forEach(out()::println);
        return 0;
    }
}
