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
import org.whylm.probe.BagOfWords;
import org.whylm.probe.Criterion;
import org.whylm.probe.CrossValidation;
import org.whylm.probe.LinearClassification;
import org.whylm.probe.Result;
import org.whylm.probe.Scaling;
import org.whylm.report.Columns;
import org.whylm.report.ResultTable;
import org.whylm.run.Matrices;
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

    /** Trains on fewer texts, drawn by a seed. */
    public static LearningCurves of(Solutions solutions, FeatureExtractor extractor, long seed) {
        var task = solutions.task();
        int n = task.data().train().size();
        var pool = WordPool.of(solutions.features(), extractor.model().tokenizer(), n);
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
        solutions
                .results()
                .column(BagOfWords.TF_IDF)
                .ifPresent(result -> points.add(new Point(n, BagOfWords.TF_IDF, result)));
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
        var task = solutions.task();
        var data = some(task, rows);
        var labels = data.trainLabels();
        var all = IntStream.concat(IntStream.of(rows), IntStream.of(task.unseenRows()))
                .toArray();
        var validation = task.choice(new CrossValidation(GRID, FOLDS, Criterion.ACCURACY))
                .within(labels);
        var vectors = new LinkedHashMap<String, float[][]>();
        var words = WordPool.together(pool.choose(rows, labels, task.classes()));
        if (words.length > 0) {
            vectors.put(PromptChoice.WORDS, pool.columns(words));
        }
        vectors.put("Φp_f", solutions.features().conditionalMean());
        vectors.put("f", solutions.features().f());
        var results = new LinkedHashMap<String, Result>();
        vectors.forEach((kind, of) -> {
            var classification =
                    LinearClassification.evaluate(data, Matrices.select(of, all), Scaling.STANDARDIZED, validation);
            results.put(kind, Result.of(data.name(), kind, solutions.prompted(), classification));
        });
        try {
            results.put(BagOfWords.TF_IDF, BagOfWords.tfIdf(data, validation));
        } catch (IllegalArgumentException e) {
            return results; // no word of two letters among so few texts
        }
        return results;
    }

    /** Some training texts, and the test texts that count. */
    private static TextDataset some(TaskData task, int[] rows) {
        var data = task.data();
        return new TextDataset(
                data.name(),
                data.classes(),
                Arrays.stream(rows).mapToObj(data.train()::get).toList(),
                Arrays.stream(task.unseen()).mapToObj(data.test()::get).toList());
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

    /** Which kind is ahead from how many texts, and whether beyond the interval. */
    List<String> leaders() {
        return sizes().stream()
                .map(size -> Wording.format("%,d texts: ", size) + leader(size))
                .toList();
    }

    private String leader(int texts) {
        var results = points.stream()
                .filter(point -> point.texts() == texts)
                .map(Point::result)
                .toList();
        var best = Solutions.best(results);
        if (best.balancedAccuracy().low() <= Solutions.chance(best)) {
            return "none is clearly above chance";
        }
        boolean clearly = results.stream()
                .allMatch(
                        other -> other == best || best.balancedDifference(other).low() > 0);
        return best.features() + " is ahead" + (clearly ? " of all others" : ", not beyond the intervals");
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
