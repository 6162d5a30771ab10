package org.whylm.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.Features;
import org.whylm.probe.Criterion;
import org.whylm.probe.CrossValidation;
import org.whylm.probe.LinearClassification;
import org.whylm.probe.Result;
import org.whylm.probe.Scaling;
import org.whylm.probe.TfIdf;
import org.whylm.report.Columns;
import org.whylm.report.ResultTable;
import org.whylm.run.Progress;
import org.whylm.statistics.Statistic;

/**
 * How many labels it takes: test results of classifiers trained on fewer texts, the last time on half of them, so that the last step
 * says what twice as many labels bring. Each number of texts is drawn {@value #DRAWS} times, two of each class first, then any, a text that
 * is there more than once with its copies: half of the texts with copies of all would know what all know. Words are
 * chosen, and TF-IDF weighted, by the texts drawn alone.
 *
 * @param points by number of training texts, then by kind; the last number is all of them, once
 */
public record LearningCurves(List<Point> points) {

    private static final int DRAWS = 5;

    /** Beside half of the texts, as far as they are at most a quarter of them. */
    private static final List<Integer> SIZES = List.of(10, 30, 100, 300, 1_000, 3_000);

    private static final int FOLDS = 3;

    /** Less far down than for the results, as a curve takes some hundred such choices. */
    private static final double[] GRID = {1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000};

    /** What a kind of features reaches from so many training texts: a run a draw. */
    public record Point(int texts, String kind, Result result) {}

    /**
     * Trains on fewer texts.
     *
     * @param solutions of the task: the results from all texts
     * @param seed of the draws
     */
    public static LearningCurves of(Solutions solutions, FeatureExtractor extractor, long seed) {
        var task = solutions.task();
        int n = task.data().train().size();
        var pool = WordPool.of(
                solutions.features(),
                extractor.model().tokenizer(),
                IntStream.range(0, n).toArray());
        var sizes = Stream.concat(SIZES.stream().filter(size -> size <= n / 4), Stream.of(n / 2))
                .filter(size -> size >= 2 * task.classes())
                .toList();
        var points = new ArrayList<Point>();
        var random = new Random(seed);
        try (var progress = Progress.start("learning curves", (long) sizes.size() * DRAWS, "training sets")) {
            for (int size : sizes) {
                var results = new LinkedHashMap<String, Result>();
                for (int draw = 0; draw < DRAWS; draw++) {
                    var rows = draw(task, size, random);
                    of(solutions, pool, rows).forEach((kind, result) -> results.merge(kind, result, Result::and));
                    progress.advance(1);
                }
                results.forEach((kind, result) -> points.add(new Point(size, kind, result)));
            }
        }
        for (var kind : List.of(PromptChoice.WORDS, "Φp_f", "f")) {
            points.add(new Point(n, kind, solutions.result(kind)));
        }
        solutions.results().column(TfIdf.LABEL).ifPresent(result -> points.add(new Point(n, TfIdf.LABEL, result)));
        return new LearningCurves(points);
    }

    /** Rows of the training texts: two of each class, then any. */
    static int[] draw(TaskData task, int size, Random random) {
        var labels = task.trainLabels();
        var copies = task.withCopies();
        Collections.shuffle(copies, random);
        var order = copies.stream().flatMap(List::stream).collect(Collectors.toCollection(ArrayList::new));
        var first = new ArrayList<Integer>();
        for (int label = 0; label < task.classes(); label++) {
            int of = label;
            order.stream().filter(row -> labels[row] == of).limit(2).forEach(first::add);
        }
        order.removeAll(first);
        first.addAll(order);
        return first.stream().limit(size).sorted().mapToInt(Integer::intValue).toArray();
    }

    private static Map<String, Result> of(Solutions solutions, WordPool pool, int[] rows) {
        var results = new LinkedHashMap<String, Result>();
        Features features = solutions.features();
        var labels = Arrays.stream(rows)
                .map(row -> solutions.task().trainLabels()[row])
                .toArray();
        var words = WordPool.together(pool.choose(rows, labels, solutions.task().classes()));
        if (words.length > 0) {
            results.put(PromptChoice.WORDS, result(solutions, PromptChoice.WORDS, pool.columns(words), rows, labels));
        }
        results.put("Φp_f", result(solutions, "Φp_f", features.conditionalMean(), rows, labels));
        results.put("f", result(solutions, "f", features.f(), rows, labels));
        tfIdf(solutions.task(), rows, labels).ifPresent(result -> results.put(TfIdf.LABEL, result));
        return results;
    }

    private static Result result(Solutions solutions, String kind, float[][] all, int[] rows, int[] labels) {
        var task = solutions.task();
        int n = task.data().train().size();
        var test = task.unseen();
        var testLabels = task.testLabels();
        var classification = LinearClassification.evaluate(
                Arrays.stream(rows).mapToObj(row -> all[row]).toArray(float[][]::new),
                labels,
                Arrays.stream(test).mapToObj(row -> all[n + row]).toArray(float[][]::new),
                Arrays.stream(test).map(row -> testLabels[row]).toArray(),
                task.classes(),
                Scaling.STANDARDIZED,
                validation(task, labels));
        return Result.of(task.data().name(), kind, solutions.prompted(), classification);
    }

    private static CrossValidation validation(TaskData task, int[] labels) {
        return task.choice(new CrossValidation(GRID, FOLDS, Criterion.ACCURACY)).within(labels);
    }

    private static Optional<Result> tfIdf(TaskData task, int[] rows, int[] labels) {
        var data = task.data();
        var test = task.unseen();
        var some = new TextDataset(
                data.name(),
                data.classes(),
                Arrays.stream(rows).mapToObj(data.train()::get).toList(),
                Arrays.stream(test).mapToObj(data.test()::get).toList());
        try {
            return Optional.of(TfIdf.result(some, validation(task, labels)));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // no word of two letters among so few texts
        }
    }

    /** Numbers of training texts, rising. */
    List<Integer> sizes() {
        return points.stream().map(Point::texts).distinct().toList();
    }

    /** The result of a kind from so many texts. */
    Optional<Result> result(int texts, String kind) {
        return points.stream()
                .filter(point -> point.texts() == texts && point.kind().equals(kind))
                .map(Point::result)
                .findFirst();
    }

    /** By how much a kind gained from the last number of texts before all of them. */
    Optional<Statistic> lastGain(String kind) {
        var sizes = sizes();
        return sizes.size() < 2
                ? Optional.empty()
                : result(sizes.get(sizes.size() - 2), kind).flatMap(before -> result(sizes.get(sizes.size() - 1), kind)
                        .map(all -> all.balancedDifference(before)));
    }

    /** Which kind is ahead from so many texts; whether it is above chance, and ahead of every other, beyond the interval. */
    record Leader(int texts, String kind, boolean aboveChance, boolean clearly) {}

    /** Who is ahead where. */
    List<Leader> leaders() {
        return sizes().stream()
                .map(size -> {
                    var results = points.stream()
                            .filter(point -> point.texts() == size)
                            .map(Point::result)
                            .toList();
                    var best = Solutions.best(results);
                    boolean clearly = results.stream()
                            .filter(other -> other != best)
                            .allMatch(other -> best.balancedDifference(other).low() > 0);
                    return new Leader(
                            size, best.features(), best.balancedAccuracy().low() > Solutions.chance(best), clearly);
                })
                .toList();
    }

    /** A row a number of texts and kind: balanced accuracy in percent with its interval over test texts and draws. */
    public ResultTable table() {
        return Columns.of(points)
                .whole("training texts", Point::texts)
                .text("features", Point::kind)
                .whole("draws", point -> point.result().splits().get(0).runs().size())
                .interval("balanced accuracy", point -> point.result().balancedAccuracy())
                .percent("accuracy", point -> point.result().accuracy().value())
                .table("learning-curves", "Learning curves, %");
    }
}
