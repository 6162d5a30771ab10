package org.whylm.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.whylm.data.DatasetCatalog;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.features.WordList;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Tokenizer;
import org.whylm.probe.CrossValidation;
import org.whylm.probe.Result;
import org.whylm.probe.Scaling;
import org.whylm.probe.TaskProbe;
import org.whylm.report.Csv;
import org.whylm.run.AtomicFile;
import org.whylm.run.Matrices;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.statistics.Accuracy;
import org.whylm.statistics.Statistic;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code whylm probe}: Table 1 for tasks of the catalog or a user's own data. */
@Command(
        name = "probe",
        description =
                "Accuracy of linear classification of texts from a model's features, raw and standardised, without and"
                        + " with a prompt; and by how much it differs, on the same test texts, from the first kind of"
                        + " features.")
final class Probe extends Subcommand {

    @Option(names = "--model", required = true, paramLabel = "M", description = Whylm.MODEL)
    private String model;

    @Option(
            names = "--task",
            split = ",",
            paramLabel = "T",
            description = "Tasks of the catalog (whylm list), with their prompts and word lists.")
    private List<String> tasks = List.of();

    @Option(
            names = "--train",
            paramLabel = "A.csv",
            description = "Your own task: columns label and text (.csv or .csv.gz).")
    private Path train;

    @Option(names = "--test", paramLabel = "B.csv", description = Whylm.CSV)
    private Path test;

    @Option(names = "--prompt", paramLabel = "P", description = "Follows each text in the prompted rows.")
    private String prompt;

    @Option(
            names = "--words",
            split = ",",
            paramLabel = "W",
            description = "Words of the feature 'words': their logits; each counts where it is a single token.")
    private List<String> words;

    @Option(
            names = "--features",
            split = ",",
            paramLabel = "F",
            description = "Of f, phi_p, words (default: f,phi_p and, where there are words, words).")
    private List<String> features;

    @Option(names = "--limit", paramLabel = "N", description = "N examples of each split, by a shuffle.")
    private Integer limit;

    @Option(names = "--seed", paramLabel = "S", description = "Of the shuffle (default: the profile's).")
    private Long seed;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Writes the rows to a .csv or .json file too, and what made them beside it.")
    private Path output;

    @Option(names = "--json", description = "JSON Lines, one object a row; accuracies in [0,1].")
    private boolean json;

    /**
     * One row.
     *
     * @param result null for chance
     * @param test accuracy on the test examples
     * @param difference from the first kind of features on the same examples, with the same prompt and scaling; null for that one and chance
     */
    private record Row(String task, String features, Result result, Accuracy test, Statistic difference) {

        /** The class that is most frequent in training, predicted for every text. */
        static Row chance(TextDataset data) {
            var counts = Arrays.stream(counts(data, data.train())).asDoubleStream();
            int right = counts(data, data.test())[Matrices.largest(counts.toArray())];
            return new Row(
                    data.name(), "chance", null, new Accuracy(right, data.test().size()), null);
        }

        private String scaling() {
            return result.classification().scaling().name().toLowerCase(Locale.ROOT);
        }

        /** What a file has of it, by column; null where there is nothing. */
        Map<String, Object> cells() {
            var cells = new LinkedHashMap<String, Object>();
            cells.put("task", task);
            cells.put("features", features);
            cells.put("prompted", result != null && result.prompted());
            cells.put("scaling", result == null ? "" : scaling());
            cells.put("dimension", result == null ? null : result.dimension());
            cells.put("C", result == null ? null : result.classification().C());
            cells.put(
                    "train_accuracy",
                    result == null ? null : result.classification().train().value());
            cells.put("accuracy", test.value());
            cells.put("low", test.low());
            cells.put("high", test.high());
            cells.put("difference", difference == null ? null : difference.value());
            cells.put("difference_low", difference == null ? null : difference.low());
            cells.put("difference_high", difference == null ? null : difference.high());
            return cells;
        }

        String line() {
            double accuracy = 100 * test.value();
            var interval = String.format(Locale.ROOT, "%.1f to %.1f%%", 100 * test.low(), 100 * test.high());
            if (result == null) {
                return String.format(Locale.ROOT, "%-8s %52s %8.1f%%   %s", features, "", accuracy, interval);
            }
            var line = String.format(
                    Locale.ROOT,
                    "%-8s %-8s %-12s %9d %9.0e %8.1f%% %8.1f%%   %-16s",
                    features,
                    result.prompted() ? "yes" : "no",
                    scaling(),
                    result.dimension(),
                    result.classification().C(),
                    100 * result.classification().train().value(),
                    accuracy,
                    interval);
            return difference == null
                    ? line
                    : line
                            + String.format(
                                    Locale.ROOT,
                                    " %+.1f (%+.1f to %+.1f)",
                                    100 * difference.value(),
                                    100 * difference.low(),
                                    100 * difference.high());
        }
    }

    /** A task with the prompt and the words that it is probed with, and in what its files differ from the catalogued ones. */
    private record Subject(TextDataset data, String prompt, List<String> words, List<String> warnings) {}

    @Override
    public Integer call() {
        requireSense();
        var subjects = subjects();
        subjects.forEach(subject -> requireEveryClass(subject.data()));
        var rows = new ArrayList<Row>();
        var provenance = Provenance.start(Profile.current());
        try (var loaded = LanguageModels.load(model)) {
            provenance = provenance.withModel(loaded.name(), loaded.sha256());
            for (var subject : subjects) {
                var data = subject.data();
                provenance = provenance.with(Map.of(), Map.of(data.name(), data.sha256()), subject.warnings());
                rows.addAll(probe(subject, loaded));
            }
        }
        if (output != null) {
            AtomicFile.write(output, output.toString().endsWith(".json") ? json(rows) : csv(rows));
            provenance.write(output);
        }
        return 0;
    }

    private void requireSense() {
        var own = train != null || test != null;
        if (own == !tasks.isEmpty() || own && (train == null || test == null)) {
            throw usage("Name either --task, or both --train and --test");
        }
        if (limit != null && limit < 1) {
            throw usage("--limit is " + limit + ", expected 1 or more");
        }
        if (output != null && !output.toString().matches(".*\\.(csv|json)")) {
            throw usage("--output " + output + ": a name that ends in .csv or .json");
        }
        requireFile("--output", output);
        if (words != null && words.stream().anyMatch(String::isBlank)) {
            throw usage("--words has an empty word: give words with one comma between them");
        }
        for (var name : features == null ? List.<String>of() : features) {
            if (!List.of("f", "phi_p", "words").contains(name)) {
                throw usage("Unknown feature '" + name + "' for --features: f, phi_p or words");
            }
            if (name.equals("words") && tasks.isEmpty() && words == null) {
                throw usage("The feature 'words' needs --words w1,w2,...");
            }
        }
    }

    private List<Subject> subjects() {
        if (tasks.isEmpty()) {
            return List.of(subject(TextDataset.fromCsv(train, test), "", List.of(), List.of()));
        }
        var catalog = DatasetCatalog.load();
        var subjects = new ArrayList<Subject>();
        for (var name : tasks) {
            var task = catalog.task(name);
            var data = catalog.dataset(name);
            if (data.test().isEmpty()) {
                data = data.splits(1, shuffle()).get(0);
            }
            subjects.add(subject(data, task.prompt(), task.words("subset"), catalog.deviations(name)));
        }
        return subjects;
    }

    /** With the prompt and the words that were given, or else with its own. Each word comes with a space and without. */
    private Subject subject(TextDataset data, String ownPrompt, List<String> ownWords, List<String> warnings) {
        return new Subject(
                limit == null ? data : data.sample(limit, shuffle()),
                prompt == null ? ownPrompt : prompt,
                words == null ? ownWords : words.stream().map(String::strip).toList(),
                warnings);
    }

    private long shuffle() {
        return seed == null ? Profile.current().seed() : seed;
    }

    /** Cross-validation needs each class in every fold: said before features are computed, by the label. */
    private void requireEveryClass(TextDataset data) {
        int folds = CrossValidation.ofScript(data.train().size()).folds();
        var counts = counts(data, data.train());
        for (int label = 0; label < counts.length; label++) {
            int rows = counts[label];
            if (rows < folds) {
                throw new IllegalArgumentException((train == null ? data.name() : train) + ": the label '"
                        + data.classes().get(label) + "' has " + rows + " training examples; C is chosen by "
                        + folds + "-fold cross-validation, which needs " + folds
                        + " of each: add some, raise --limit, or leave the label out");
            }
        }
    }

    /** How many examples each class has. */
    private static int[] counts(TextDataset data, List<Example> examples) {
        var counts = new int[data.classes().size()];
        examples.forEach(example -> counts[example.label()]++);
        return counts;
    }

    private List<Row> probe(Subject subject, LanguageModel loaded) {
        var data = subject.data();
        var ofSubject = subject.words().isEmpty() ? List.of("f", "phi_p") : List.of("f", "phi_p", "words");
        var names = features == null ? ofSubject : features;
        var kinds = new LinkedHashMap<String, FeatureKind>();
        names.forEach(name -> kinds.put(name, kind(name, loaded.tokenizer(), subject.words())));
        subject.warnings().forEach(this::note);
        noteSeen(subject.data());
        noteCuts(subject, loaded);

        if (!json) {
            out().println(data);
            out().println(
                            "features prompted scaling      dimension         C     train      test   95% interval     difference from "
                                    + names.get(0));
        }
        var rows = new ArrayList<>(List.of(printed(Row.chance(data))));
        var task = TaskProbe.of(data, subject.prompt(), new FeatureExtractor(loaded));
        for (boolean prompted : task.hasPrompt() ? new boolean[] {false, true} : new boolean[] {false}) {
            rows.addAll(rows(task, kinds, prompted));
        }
        return rows;
    }

    private List<Row> rows(TaskProbe task, Map<String, FeatureKind> kinds, boolean prompted) {
        var rows = new ArrayList<Row>();
        var first = new LinkedHashMap<Scaling, Result>();
        kinds.forEach((name, kind) -> {
            for (var scaling : Scaling.values()) {
                var result = task.evaluate(kind, prompted, scaling);
                var compared = first.putIfAbsent(scaling, result);
                var difference = compared == null ? null : result.difference(compared);
                var accuracy = result.classification().test();
                rows.add(printed(new Row(result.task(), name, result, accuracy, difference)));
            }
        });
        return rows;
    }

    private FeatureKind kind(String name, Tokenizer tokenizer, List<String> words) {
        return switch (name) {
            case "f" -> new FeatureKind.HiddenState();
            case "phi_p" -> new FeatureKind.ConditionalMean();
            default -> {
                var dropped = words.stream()
                        .filter(word -> WordList.of(tokenizer, List.of(word)).isEmpty())
                        .toList();
                if (dropped.size() == words.size()) {
                    throw new IllegalArgumentException(
                            "None of the words " + words + " is a single token of this model");
                }
                if (!dropped.isEmpty()) {
                    note("left out, no single token of this model: " + String.join(", ", dropped));
                }
                yield FeatureKind.Words.logits("words", WordList.of(tokenizer, words));
            }
        };
    }

    private void noteSeen(TextDataset data) {
        var training = data.train().stream().map(Example::text).collect(Collectors.toSet());
        long seen = data.test().stream()
                .map(Example::text)
                .filter(training::contains)
                .count();
        if (seen > 0) {
            note(String.format(
                    Locale.ROOT,
                    "%s: %,d of %,d test texts are training texts too, of which a right answer says nothing"
                            + " (./whylm task report leaves them out)",
                    data.name(),
                    seen,
                    data.test().size()));
        }
    }

    private void noteCuts(Subject subject, LanguageModel loaded) {
        int room = Math.min(
                FeatureExtractor.TRUNCATION,
                loaded.maximumLength() - loaded.tokenizer().encodeContinuation(subject.prompt()).length);
        var cut = subject.data().texts().stream()
                .filter(text -> loaded.tokenizer().encode(text).length > room)
                .toList();
        if (!cut.isEmpty()) {
            note(String.format(
                    Locale.ROOT,
                    "%s: %,d of %,d texts are cut after %d tokens; the first of them: \"%.60s…\"",
                    subject.data().name(),
                    cut.size(),
                    subject.data().texts().size(),
                    room,
                    cut.get(0)));
        }
    }

    private Row printed(Row row) {
        out().println(json ? new Gson().toJson(row.cells()) : row.line());
        out().flush();
        return row;
    }

    private static String json(List<Row> rows) {
        var cells = rows.stream().map(Row::cells).toList();
        return new GsonBuilder().setPrettyPrinting().create().toJson(cells) + "\n";
    }

    private static String csv(List<Row> rows) {
        var lines = new ArrayList<List<?>>();
        lines.add(List.copyOf(rows.get(0).cells().keySet()));
        rows.forEach(row -> lines.add(new ArrayList<>(row.cells().values())));
        return Csv.text(lines);
    }
}
