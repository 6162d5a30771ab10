package org.whylm.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.whylm.probe.LinearClassification;
import org.whylm.probe.Result;
import org.whylm.probe.TaskResults;

/** Accuracies as the paper shows them, a row a task and a column a kind of features; and every result in a row of its own. */
public final class AccuracyTables {

    private AccuracyTables() {}

    /**
     * The layout of Table 1: test accuracy in percent, rows with the prompt marked {@code *}, the best kind of features of each
     * row marked; what a task lacks is left blank.
     */
    public static ResultTable paperLayout(String name, Collection<TaskResults> tasks) {
        var rows = new LinkedHashMap<String, Map<String, Result>>();
        var kinds = new LinkedHashSet<String>();
        for (var task : tasks) {
            for (var result : measured(task)) {
                rows.computeIfAbsent(result.row(), row -> new LinkedHashMap<>()).put(result.features(), result);
                kinds.add(result.features());
            }
        }
        var chance = new LinkedHashMap<String, Result>();
        tasks.forEach(task -> task.column(TaskResults.CHANCE).ifPresent(result -> chance.put(task.task(), result)));
        var columns = Columns.of(rows.entrySet()).text("task", Map.Entry::getKey);
        for (var kind : kinds) {
            columns.percent(kind, row -> accuracy(row.getValue().get(kind)));
        }
        columns.percent(
                TaskResults.CHANCE,
                row -> accuracy(
                        chance.get(row.getValue().values().iterator().next().task())));
        return columns.table(name, "Test accuracy, %").markLargest(kinds.toArray(String[]::new));
    }

    /**
     * Every result in a row of its own: dimension, chosen {@code C}, accuracies in percent with the 95% interval over test sentences,
     * training sets and runs, and the share of the training sets in its variance. The predictions for every sentence stand beside the
     * table.
     */
    public static ResultTable details(String name, Collection<TaskResults> tasks) {
        var results = tasks.stream().flatMap(task -> measured(task).stream()).toList();
        return Columns.of(results)
                .text("task", Result::task)
                .text("prompt", result -> result.prompted() ? "yes" : "no")
                .text("features", Result::features)
                .text("scaling", result -> classification(result)
                        .map(it -> it.scaling().name().toLowerCase(Locale.ROOT))
                        .orElse(""))
                .number("dimension", 0, result -> result.dimension() == 0 ? Double.NaN : result.dimension())
                .number("C", 6, result -> of(result, LinearClassification::C))
                .percent("training", result -> of(result, it -> it.train().value()))
                .interval("test", Result::accuracy)
                .percent("training share", result -> result.accuracy().trainingShare())
                .whole("splits", result -> result.splits().size())
                .whole("runs", result -> result.splits().get(0).runs().size())
                .table(name, "Accuracies in %")
                .beside("predictions", predictions(tasks));
    }

    /** The sentences of one test set; a task has a further one where some results are of fewer sentences. */
    private record TestSet(String task, int split, List<Integer> labels) {}

    /**
     * A row a test sentence: its label, and what each classifier predicts; {@code #n} behind a column is the n-th training run,
     * {@code ~n} the classifier on the n-th redrawn training set.
     */
    private static String predictions(Collection<TaskResults> tasks) {
        var table = new LinkedHashMap<TestSet, Map<String, int[]>>();
        for (var task : tasks) {
            for (var result : task.results()) {
                for (int s = 0; s < result.splits().size(); s++) {
                    var split = result.splits().get(s);
                    var labels = Arrays.stream(split.labels()).boxed().toList();
                    var columns = table.computeIfAbsent(
                            new TestSet(task.task(), s + 1, labels), set -> new LinkedHashMap<>());
                    columns.putIfAbsent("label", split.labels());
                    var runs = split.runs();
                    for (int n = 0; n < runs.size(); n++) {
                        columns.put(result.column() + (n == 0 ? "" : "#" + (n + 1)), runs.get(n));
                    }
                    for (int n = 0; n < split.draws().size(); n++) {
                        columns.put(
                                result.column() + "~" + (n + 1), split.draws().get(n));
                    }
                }
            }
        }
        var names = new LinkedHashSet<String>();
        table.values().forEach(columns -> names.addAll(columns.keySet()));
        var lines = new ArrayList<List<?>>();
        lines.add(Stream.concat(Stream.of("task", "split", "sentence"), names.stream())
                .toList());
        table.forEach((set, columns) -> {
            for (int sentence = 0; sentence < set.labels().size(); sentence++) {
                var line = new ArrayList<Object>(List.of(set.task(), set.split(), sentence + 1));
                for (var name : names) {
                    line.add(columns.containsKey(name) ? columns.get(name)[sentence] : "");
                }
                lines.add(line);
            }
        });
        return Csv.text(lines);
    }

    /** All but chance. */
    static List<Result> measured(TaskResults task) {
        return task.results().stream()
                .filter(result -> !result.features().equals(TaskResults.CHANCE))
                .toList();
    }

    private static double accuracy(Result result) {
        return result == null ? Double.NaN : result.accuracy().value();
    }

    private static Optional<LinearClassification> classification(Result result) {
        return result.splits().get(0).classification();
    }

    private static double of(Result result, ToDoubleFunction<LinearClassification> value) {
        return classification(result).map(value::applyAsDouble).orElse(Double.NaN);
    }
}
