package org.whylm.task;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hipparchus.stat.StatUtils;
import org.whylm.data.Example;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModel;
import org.whylm.report.Columns;
import org.whylm.report.Csv;
import org.whylm.report.ResultTable;
import org.whylm.run.AtomicFile;
import org.whylm.run.IoFailure;
import org.whylm.run.Matrices;
import org.whylm.run.Provenance;
import org.whylm.run.Sha256;

/**
 * The whole report on a task: everything that was measured, and what follows.
 *
 * @param glance how many texts there are, of what
 * @param measured what was measured; nothing where that is impossible
 */
public record TaskReport(TaskData task, List<Fact> glance, Optional<Measured> measured, Recommendation recommendation) {

    /** What is known of the data, in a line. */
    public record Fact(String what, String value) {}

    /** The results of a task on which something can be measured. */
    public record Measured(
            PromptChoice prompts, Solutions solutions, Frontier frontier, LearningCurves curves, List<WordRow> words) {}

    /**
     * A word that speaks for a class.
     *
     * @param weight {@code v_w} for its class, against the other or the mean of the others, standardised probabilities
     * @param here its mean probability after the training texts of the class
     * @param elsewhere the same after all others
     */
    public record WordRow(String ofClass, String word, double weight, double here, double elsewhere) {}

    /**
     * Measures everything, behind the best of some prompts, of suggested ones where there is none; with so many redrawn training sets for the
     * intervals; every draw by the seed.
     */
    public static TaskReport of(TaskData task, List<String> prompts, FeatureExtractor extractor, int draws, long seed) {
        var impossible = task.unmeasurable();
        if (impossible.isPresent()) {
            return of(task, Optional.empty(), Recommendation.nothing(task, impossible.get()), extractor.model());
        }
        var choice = PromptChoice.of(task, prompts, extractor, seed);
        var solutions = Solutions.of(task, choice.chosen(), extractor, draws, seed);
        var curves = LearningCurves.of(solutions, extractor, seed);
        return of(choice, solutions, Frontier.of(solutions, seed), curves, extractor);
    }

    /** From what was measured step by step. */
    public static TaskReport of(
            PromptChoice choice,
            Solutions solutions,
            Frontier frontier,
            LearningCurves curves,
            FeatureExtractor extractor) {
        var measured = new Measured(choice, solutions, frontier, curves, words(solutions));
        return of(solutions.task(), Optional.of(measured), Advice.of(solutions, curves), extractor.model());
    }

    private static TaskReport of(
            TaskData task, Optional<Measured> measured, Recommendation recommendation, LanguageModel model) {
        var glance = new Glance(task, model);
        return new TaskReport(task, glance.facts(), measured, recommendation.warning(glance.warnings()));
    }

    private static List<WordRow> words(Solutions solutions) {
        var task = solutions.task();
        var labels = task.trainLabels();
        var weights =
                solutions.result(PromptChoice.WORDS).classification().model().weights();
        var p = solutions.features().wordProbabilities(solutions.allWords());
        var rows = new ArrayList<WordRow>();
        int column = 0;
        for (int k = 0; k < task.classes(); k++) {
            int of = k;
            var here = Matrices.where(labels, label -> label == of);
            var elsewhere = Matrices.where(labels, label -> label != of);
            for (var word : solutions.words().get(k).words()) {
                int w = column++;
                var all = IntStream.range(0, labels.length)
                        .mapToDouble(i -> p[i][w])
                        .toArray();
                double weight = weights.length > 1 ? weights[k][w] : (2 * k - 1) * weights[0][w];
                rows.add(new WordRow(
                        task.data().classes().get(k),
                        word,
                        weight * Math.sqrt(StatUtils.populationVariance(all)),
                        mean(all, here),
                        mean(all, elsewhere)));
            }
        }
        return rows;
    }

    private static double mean(double[] p, int[] rows) {
        return Arrays.stream(rows).mapToDouble(i -> p[i]).average().orElse(0);
    }

    /**
     * Writes the page, its tables as CSV beside it, each with its provenance, and the probe that is kept.
     *
     * @param model name or path of the model, for the probe
     * @param seed of the bootstrap
     * @return the page, {@code index.html}
     */
    public Path write(Path folder, String model, String modelSha256, long seed, Provenance provenance) {
        var data = provenance
                .withModel(model, modelSha256)
                .withDataset(task.data().name(), task.data().sha256());
        write(folder, glanceTable(), data);
        write(folder, recommendation.table(), data);
        AtomicFile.write(folder.resolve("split.csv"), split());
        if (measured.isEmpty()) {
            removeMeasured(folder);
        }
        var scores = measured.map(it -> Scores.of(it.solutions(), seed));
        scores.ifPresent(it -> write(folder, it.table(), data));
        measured.ifPresent(it -> {
            write(folder, it.prompts().table(), data);
            write(folder, it.curves().table(), data);
            write(folder, it.frontier().table(), data);
            write(folder, wordTable(), data);
            AtomicFile.write(folder.resolve("predictions.csv"), predictions(it.solutions()));
            KeptProbe.of(it.solutions(), recommendation.kept().orElse("f"), model, modelSha256)
                    .write(folder.resolve("probe"));
            KeptProbe.of(it.solutions(), PromptChoice.WORDS, model, modelSha256).write(folder.resolve("words"));
        });
        var page = folder.resolve("index.html");
        AtomicFile.write(page, TaskPage.html(this, scores, data));
        data.write(page);
        return page;
    }

    /** What an earlier report left there of what this one could not measure: it would be taken for this one's. */
    private static void removeMeasured(Path folder) {
        var tables = Stream.of("what-solves-it", "prompts", "learning-curves", "naturalness", "words")
                .map(name -> folder.resolve(name + ".csv"))
                .filter(table -> Files.exists(Provenance.sidecar(table)))
                .toList();
        var files = new ArrayList<>(tables);
        tables.forEach(table -> files.add(Provenance.sidecar(table)));
        if (!tables.isEmpty()) {
            files.add(folder.resolve("predictions.csv"));
            Stream.of("probe", "words").map(folder::resolve).forEach(probe -> files.addAll(KeptProbe.files(probe)));
        }
        files.forEach(file -> IoFailure.unless("Cannot remove " + file, () -> Files.deleteIfExists(file)));
    }

    private static void write(Path folder, ResultTable table, Provenance provenance) {
        var file = folder.resolve(table.name() + ".csv");
        AtomicFile.write(file, table.toCsv());
        provenance.write(file);
    }

    /** A row a fact. */
    public ResultTable glanceTable() {
        return Columns.of(glance)
                .text("what", Fact::what)
                .text("value", Fact::value)
                .table("glance", "The task at a glance");
    }

    /** A row a word: the class that it speaks for, its weight there, the largest being 1, its mean probability in per mille after texts of the class and others. */
    public ResultTable wordTable() {
        var words = measured.map(Measured::words).orElse(List.of());
        double largest = words.stream()
                .mapToDouble(word -> Math.abs(word.weight()))
                .filter(weight -> weight > 0)
                .max()
                .orElse(1);
        return Columns.of(words)
                .text("class", WordRow::ofClass)
                .text("word", word -> "\"" + Wording.visible(word.word()) + "\"")
                .number("weight", 3, word -> word.weight() / largest)
                .number("mean p_f here, ‰", 4, word -> 1000 * word.here())
                .number("elsewhere, ‰", 4, word -> 1000 * word.elsewhere())
                .table("words", "The words that speak, by class");
    }

    /** Where each text went, without the text: its place on its side, its hash, and what it repeats. */
    private String split() {
        var lines = new ArrayList<List<?>>();
        lines.add(List.of("side", "row", "sha256", "label", "row that it repeats", "how"));
        var data = task.data();
        for (int i = 0; i < data.train().size(); i++) {
            lines.add(line("train", i, data.train().get(i), -1, ""));
        }
        for (int i = 0; i < data.test().size(); i++) {
            int equal = task.duplicates().equalTo()[i];
            int near = task.duplicates().nearTo()[i];
            int inTest = task.duplicates().inTest()[i];
            int first = equal >= 0 ? equal : near >= 0 ? near : inTest;
            lines.add(
                    line("test", i, data.test().get(i), first, equal >= 0 ? "equal" : near >= 0 ? "near" : "in test"));
        }
        return Csv.text(lines);
    }

    private static List<?> line(String side, int row, Example example, int first, String how) {
        boolean repeats = first >= 0;
        return List.of(
                side,
                row + 1,
                Sha256.of(example.text()),
                example.label(),
                repeats ? first + 1 : "",
                repeats ? how : "");
    }

    /** A row a test text, by its hash: its label and what each classifier says, as numbers of classes from 0. */
    private String predictions(Solutions solutions) {
        var results = solutions.given().results();
        var lines = new ArrayList<List<?>>();
        var header = new ArrayList<>(List.of("row", "sha256", "unseen", "label"));
        results.forEach(result -> header.add(result.column().replace(",", "")));
        lines.add(header);
        var unseen = Arrays.stream(task.unseen()).boxed().collect(Collectors.toSet());
        var test = task.data().test();
        for (int i = 0; i < test.size(); i++) {
            int row = i;
            var line =
                    new ArrayList<Object>(List.of(i + 1, Sha256.of(test.get(i).text())));
            line.add(unseen.contains(i) ? "yes" : "no");
            line.add(test.get(i).label());
            results.forEach(result -> line.add(result.splits().get(0).runs().get(0)[row]));
            lines.add(line);
        }
        return Csv.text(lines);
    }
}
