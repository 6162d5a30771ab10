package org.whylm.cli;

import java.util.concurrent.Callable;
import org.whylm.report.AcrossModels;
import org.whylm.run.Profile;
import org.whylm.run.Workspace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes the table and the figure across models. */
@Command(
        name = "across",
        mixinStandardHelpOptions = true,
        description =
                "Writes the table and the figure across-models of a profile that was run on several models, each as"
                        + " PROFILE=name@model: does each finding carry over from one to the others?")
final class Across implements Callable<Integer> {

    @Option(names = "--profile", defaultValue = "cross-model", description = "Default: ${DEFAULT-VALUE}.")
    private String profile;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        var across = AcrossModels.of(Workspace.current(), Profile.load(profile).name());
        var out = spec.commandLine().getOut();
        out.println(across.table());
        across.write().forEach(out::println);
        return 0;
    }
}
