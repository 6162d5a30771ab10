package org.whylm.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModels;
import org.whylm.report.Csv;
import org.whylm.run.AtomicFile;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.run.Workspace;
import org.whylm.task.KeptProbe;
import org.whylm.task.TaskData;
import org.whylm.task.TaskReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whylm task}: a classification task of the user's own. */
@Command(
        name = "task",
        description = "Is your classification task natural for a language model, and what to do next.",
        mixinStandardHelpOptions = true,
        subcommands = {YourTask.Report.class, YourTask.Predict.class})
final class YourTask {

    /** {@code whylm task report}: the page. */
    @Command(
            name = "report",
            description =
                    "A page about your labelled texts: what solves the task, whether a few words after a prompt do, how many"
                            + " labels it takes, and what to do next.")
    static final class Report extends Subcommand {

        @Option(names = "--data", required = true, paramLabel = "A.csv", description = Whylm.CSV)
        private Path data;

        @Option(
                names = "--test",
                paramLabel = "B.csv",
                description = "Test texts, with the same columns (default: a fifth of the texts of --data, by hash).")
        private Path test;

        @Option(
                names = "--model",
                defaultValue = "smollm2",
                paramLabel = "M",
                description = "As for probe (${DEFAULT-VALUE}).")
        private String model;

        @Option(
                names = "--prompt",
                paramLabel = "P",
                description =
                        "May follow each text; several may be given, the best on the training texts is taken (default: three"
                                + " suggested ones).")
        private List<String> prompts = List.of();

        @Option(names = "--out", paramLabel = "DIR", description = "Where the page goes (default: build/task/NAME).")
        private Path out;

        @Override
        public Integer call() {
            if (out != null) {
                requireFolder("--out", out);
            }
            var profile = Profile.current();
            var provenance = Provenance.start(profile);
            var task = TaskData.read(data, Optional.ofNullable(test));
            var folder = out != null
                    ? out
                    : Workspace.current().results("task", task.data().name());
            requireFolder("--out", folder);
            try (var loaded = LanguageModels.load(model)) {
                var report = TaskReport.of(
                        task, prompts, new FeatureExtractor(loaded), profile.trainingDraws(), profile.seed());
                var page = report.write(folder, model, loaded.sha256(), profile.seed(), provenance);
                out().println(report.recommendation().headline());
                report.recommendation().steps().forEach(out()::println);
                report.recommendation().warnings().forEach(out()::println);
                out().println(page);
            }
            return 0;
        }
    }

    /** {@code whylm task predict}: the kept probe at work. */
    @Command(
            name = "predict",
            description =
                    "Labels of texts by the probe that a report kept; CSV with the columns label and probability.")
    static final class Predict extends Subcommand {

        @Option(
                names = "--probe",
                required = true,
                paramLabel = "DIR",
                description = "The folder probe or words that a report wrote.")
        private Path probe;

        @Parameters(arity = "0..1", paramLabel = "texts.csv", description = "A column text (.csv or .csv.gz).")
        private Path texts;

        @Option(
                names = "--text",
                paramLabel = "T",
                description = "A text; with a probe of words, the words that decided on it, unless --output or"
                        + " --abstain-below asks for the CSV.")
        private List<String> typed = List.of();

        @Option(
                names = "--abstain-below",
                defaultValue = "0",
                paramLabel = "P",
                description = "Leaves the label empty where its probability is less.")
        private double least;

        @Option(
                names = "--model",
                paramLabel = "M",
                description = "Where the probe's model is (default: where it was).")
        private String model;

        @Option(
                names = "--data",
                paramLabel = "A.csv",
                description = "Refuses the probe unless it was made from this file (and --test).")
        private Path data;

        @Option(names = "--test", paramLabel = "B.csv", description = "The test texts that the report was given.")
        private Path test;

        @Option(names = "--output", paramLabel = "FILE", description = "Writes the CSV there.")
        private Path output;

        @Override
        public Integer call() {
            if ((texts == null) == typed.isEmpty()) {
                throw usage("Name either a file texts.csv or --text");
            }
            if (!(least >= 0 && least <= 1)) {
                throw usage("--abstain-below is " + least + ", expected a probability");
            }
            if (test != null && data == null) {
                throw usage("--test is compared with --data: name that too");
            }
            requireFile("--output", output);
            var kept = KeptProbe.read(probe);
            requireData(kept);
            var all = texts == null ? typed : TextDataset.textsOf(texts);
            try (var loaded = LanguageModels.load(model == null ? kept.model() : model)) {
                kept.requireModel(loaded.sha256());
                var extractor = new FeatureExtractor(loaded);
                if (output != null) {
                    AtomicFile.write(output, csv(kept.predict(all, extractor)));
                } else if (texts == null && least == 0 && !kept.words().isEmpty()) {
                    all.forEach(text -> out().println(kept.contributions(text, extractor)));
                } else {
                    out().print(csv(kept.predict(all, extractor)));
                    out().flush();
                }
            }
            return 0;
        }

        private void requireData(KeptProbe kept) {
            if (data != null) {
                var sha256 =
                        TaskData.read(data, Optional.ofNullable(test)).data().sha256();
                if (!sha256.equals(kept.dataSha256())) {
                    throw new IllegalArgumentException(probe + " was made from data with SHA-256 " + kept.dataSha256()
                            + ", " + data + " has " + sha256);
                }
            }
        }

        private String csv(List<KeptProbe.Prediction> predictions) {
            var lines = new ArrayList<List<String>>();
            lines.add(List.of("label", "probability"));
            for (var each : predictions) {
                lines.add(List.of(
                        each.probability() < least ? "" : each.label(),
                        String.format(Locale.ROOT, "%.4f", each.probability())));
            }
            return Csv.text(lines);
        }
    }
}
