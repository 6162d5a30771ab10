package org.whylm.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.features.WordList;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Tokenizer;
import org.whylm.probe.Result;
import org.whylm.probe.Scaling;
import org.whylm.probe.TaskProbe;
import org.whylm.run.Profile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code whylm probe}: Table 1 for a user's own data. */
@Command(
        name = "probe",
        description =
                "Accuracy of linear classification of your own texts from a model's features, raw and standardised,"
                        + " without and with a prompt.",
        mixinStandardHelpOptions = true)
final class Probe implements Callable<Integer> {

    @Option(
            names = "--model",
            required = true,
            paramLabel = "M",
            description =
                    "smollm2 or another name of datasets/models.json, hub:org/name, a GGUF file, or a Hugging Face"
                            + " directory.")
    private String model;

    @Option(
            names = "--train",
            required = true,
            paramLabel = "A.csv",
            description = "Rows label,text (.csv or .csv.gz).")
    private Path train;

    @Option(names = "--test", required = true, paramLabel = "B.csv", description = "Rows label,text (.csv or .csv.gz).")
    private Path test;

    @Option(
            names = "--prompt",
            defaultValue = "",
            paramLabel = "P",
            description = "Follows each text in the prompted rows.")
    private String prompt;

    @Option(
            names = "--words",
            split = ",",
            paramLabel = "W",
            description = "Words of the feature 'words': their logits; each counts where it is a single token.")
    private List<String> words = List.of();

    @Option(
            names = "--features",
            split = ",",
            paramLabel = "F",
            description = "Of f, phi_p, words (default: f,phi_p and, with --words, words).")
    private List<String> features;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "N rows of each file, by a shuffle with the profile's seed.")
    private Integer limit;

    @Option(names = "--json", description = "JSON Lines, one object a row; accuracies in [0,1].")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** One row; {@code low} and {@code high} are a 95% interval of {@code accuracy}. */
    private record Row(
            String features,
            boolean prompted,
            String scaling,
            int dimension,
            double C,
            double train_accuracy,
            double accuracy,
            double low,
            double high) {

        static Row of(String features, Result result) {
            var classification = result.classification();
            return new Row(
                    features,
                    result.prompted(),
                    classification.scaling().name().toLowerCase(java.util.Locale.ROOT),
                    result.dimension(),
                    classification.C(),
                    classification.train().value(),
                    classification.test().value(),
                    classification.test().low(),
                    classification.test().high());
        }
    }

    @Override
    public Integer call() {
        var names = features == null ? defaultFeatures() : features;
        requireKnown(names);
        var data = TextDataset.fromCsv(train, test);
        if (limit != null) {
            data = data.sample(limit, Profile.current().seed());
        }
        try (var loaded = LanguageModels.load(model)) {
            var kinds =
                    names.stream().map(name -> kind(name, loaded.tokenizer())).toList();
            var task = TaskProbe.of(data, prompt, new FeatureExtractor(loaded));
            var out = spec.commandLine().getOut();
            var gson = new GsonBuilder().create();
            if (!json) {
                out.println(data);
                out.printf(
                        "%-8s %-8s %-12s %9s %9s %9s %9s   95%% interval%n",
                        "features", "prompted", "scaling", "dimension", "C", "train", "test");
            }
            for (boolean prompted : task.hasPrompt() ? new boolean[] {false, true} : new boolean[] {false}) {
                for (int index = 0; index < names.size(); index++) {
                    for (var scaling : Scaling.values()) {
                        print(out, gson, Row.of(names.get(index), task.evaluate(kinds.get(index), prompted, scaling)));
                    }
                }
            }
        }
        return 0;
    }

    private List<String> defaultFeatures() {
        var names = new ArrayList<>(List.of("f", "phi_p"));
        if (!words.isEmpty()) {
            names.add("words");
        }
        return names;
    }

    private void requireKnown(List<String> names) {
        for (var name : names) {
            if (!List.of("f", "phi_p", "words").contains(name)) {
                throw new ParameterException(
                        spec.commandLine(), "Unknown feature '" + name + "' for --features: f, phi_p or words");
            }
            if (name.equals("words") && words.isEmpty()) {
                throw new ParameterException(spec.commandLine(), "The feature 'words' needs --words w1,w2,...");
            }
        }
        if (limit != null && limit < 1) {
            throw new ParameterException(spec.commandLine(), "--limit is " + limit + ", expected 1 or more");
        }
    }

    private FeatureKind kind(String name, Tokenizer tokenizer) {
        return switch (name) {
            case "f" -> new FeatureKind.HiddenState();
            case "phi_p" -> new FeatureKind.ConditionalMean();
            default -> FeatureKind.Words.logits("words", WordList.of(tokenizer, words));
        };
    }

    private void print(PrintWriter out, Gson gson, Row row) {
        if (json) {
            out.println(gson.toJson(row));
        } else {
            out.printf(
                    "%-8s %-8s %-12s %9d %9.0e %8.1f%% %8.1f%%   %.1f to %.1f%%%n",
                    row.features(),
                    row.prompted() ? "yes" : "no",
                    row.scaling(),
                    row.dimension(),
                    row.C(),
                    100 * row.train_accuracy(),
                    100 * row.accuracy(),
                    100 * row.low(),
                    100 * row.high());
        }
        out.flush();
    }
}
