package org.whylm.cli;

import java.util.Locale;
import org.whylm.data.DatasetCatalog;
import org.whylm.lm.ModelCatalog;
import org.whylm.run.Profile;
import picocli.CommandLine.Command;

/** {@code whylm list}: what can be named, what of it is here, and how to get the rest. */
@Command(name = "list", description = "Lists models, tasks and profiles: which are here, and how to get the others.")
final class Inventory extends Subcommand {

    @Override
    public Integer call() {
        var models = ModelCatalog.load();
        out().println("Models (--model NAME)");
        for (var name : models.names()) {
            var model = models.model(name);
            var here = models.available(name) ? "here" : "./whylm fetch " + name;
            line(name, here, model.title() + ". " + model.licence().orElse("Its licence is not known"));
        }
        var catalog = DatasetCatalog.load();
        out().println();
        out().println("Tasks (probe --task NAME)");
        for (var name : catalog.tasks()) {
            var task = catalog.task(name);
            var here =
                    catalog.available(name) ? "here" : catalog.isFetched(name) ? "make fetch" : "your file, WHYLM_DATA";
            line(name, here, task.title() + ". " + task.licence());
        }
        out().println();
        out().println("Profiles (PROFILE=NAME)");
        for (var name : Profile.names()) {
            var profile = Profile.load(name);
            line(
                    name,
                    profile.model(),
                    Profile.shown(profile.trainLimit()) + " training and " + Profile.shown(profile.testLimit())
                            + " test sentences a task");
        }
        return 0;
    }

    private void line(String name, String here, String what) {
        out().println(String.format(Locale.ROOT, "  %-16s %-30s %s", name, here, what));
    }
}
