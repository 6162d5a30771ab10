package org.whylm.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.whylm.features.Features;
import org.whylm.probe.Criterion;
import org.whylm.probe.CrossValidation;
import org.whylm.probe.LinearClassification;
import org.whylm.probe.Scaling;
import org.whylm.report.Columns;
import org.whylm.report.ResultTable;
import org.whylm.run.Matrices;
import org.whylm.run.Progress;
import org.whylm.statistics.Statistic;
import org.whylm.theory.Loss;
import org.whylm.theory.MeasuredBound;
import org.whylm.theory.Naturalness;
import org.whylm.theory.Task;

/**
 * How natural the task is (D1), with the model's {@code p_f} in place of {@code p*}: the logistic loss on held-out texts of word weights
 * {@code v} with {@code ‖v‖_∞ ≤ B} that were learned on the training texts.
 *
 * <p>For two classes the weights on the chosen words, one weight for all other words together, are the least loss there is at each
 * {@code B} ({@link Naturalness}, a convex programme with a certificate); weights on more words could only lower the training loss. For more
 * classes, and for weights in the row span of {@code Φ} (a classifier of {@code Φp_f}), they are those of logistic regressions of rising
 * {@code C}, whose {@code B} is then what it is: upper bounds of {@code τ(B)}. The same on shuffled training labels is what no
 * relation between text and label gives.
 *
 * @param points by what, then by {@code B}
 * @param chance held-out loss of the classes' shares in training, in nats
 */
public record Frontier(List<Point> points, double chance) {

    /** Names of the curves. */
    static final String WORDS = "p_f words";

    static final String SHUFFLED = "p_f words, labels shuffled";
    static final String PHI = "Φp_f (v in the span of Φ)";

    private static final double[] BOUNDS = {1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000};
    private static final double[] GRID = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10};

    /**
     * One classifier.
     *
     * @param B half the range of its word weights, at most
     * @param training its loss on the training texts, in nats
     * @param validation mean loss on either half of the training texts of such a classifier learned on the other half
     * @param heldOut its loss on the test texts not seen in training, in nats
     */
    public record Point(String what, double B, double training, double validation, Statistic heldOut) {}

    /** @param seed of shuffling and of the bootstrap */
    public static Frontier of(Solutions solutions, long seed) {
        var task = solutions.task();
        var train = IntStream.range(0, task.data().train().size()).toArray();
        var test = task.unseenRows();
        var words = solutions.features().wordProbabilities(solutions.allWords());
        var all = new Fold(
                Matrices.select(words, train),
                task.trainLabels(),
                Matrices.select(words, test),
                task.unseenLabels(),
                task.classes(),
                seed);
        var points = new ArrayList<Point>();
        try (var progress = Progress.start("naturalness", 3, "curves")) {
            points.addAll(all.ofWords(WORDS));
            progress.advance(1);
            points.addAll(all.shuffled().ofWords(SHUFFLED));
            progress.advance(1);
            points.addAll(all.ofMeans(solutions.features(), train, test));
            progress.advance(1);
        }
        return new Frontier(points, all.chance());
    }

    /** Word probabilities and labels on both sides. */
    private record Fold(float[][] train, int[] trainLabels, float[][] test, int[] testLabels, int classes, long seed) {

        Fold shuffled() {
            var labels = new ArrayList<>(Arrays.stream(trainLabels).boxed().toList());
            Collections.shuffle(labels, new Random(seed));
            return new Fold(
                    train, labels.stream().mapToInt(Integer::intValue).toArray(), test, testLabels, classes, seed);
        }

        double chance() {
            var shares = new double[classes];
            for (int label : trainLabels) {
                shares[label] += 1.0 / trainLabels.length;
            }
            return Arrays.stream(testLabels)
                    .mapToDouble(label -> -Math.log(shares[label]))
                    .average()
                    .orElseThrow();
        }

        List<Point> ofWords(String what) {
            return classes == 2 ? programme(what) : path(what, train, test, MeasuredBound::ofWordProbabilities);
        }

        private List<Point> programme(String what) {
            var p = distributions(train);
            var heldOut = distributions(test);
            var even = half(0);
            var odd = half(1);
            var points = new ArrayList<Point>();
            for (double B : BOUNDS) {
                var natural = natural(p, trainLabels, B);
                double validation = (lossOn(odd, p, even, B) + lossOn(even, p, odd, B)) / 2;
                var losses = lossesOf(natural, heldOut, testLabels);
                points.add(new Point(what, B, natural.tau(), validation, Statistic.mean(losses, seed)));
            }
            return points;
        }

        /** Every other text of each class: rows may alternate between the classes. */
        private int[] half(int from) {
            var before = new int[classes];
            return IntStream.range(0, train.length)
                    .filter(i -> before[trainLabels[i]]++ % 2 == from)
                    .toArray();
        }

        /** The mean loss on some training texts of weights learned on others. */
        private double lossOn(int[] rows, double[][] p, int[] learned, double B) {
            var natural = natural(Matrices.select(p, learned), Matrices.select(trainLabels, learned), B);
            var losses = lossesOf(natural, Matrices.select(p, rows), Matrices.select(trainLabels, rows));
            return Arrays.stream(losses).average().orElse(0);
        }

        List<Point> ofMeans(Features features, int[] trainRows, int[] testRows) {
            var means = features.conditionalMean();
            return path(
                    PHI,
                    Matrices.select(means, trainRows),
                    Matrices.select(means, testRows),
                    it -> MeasuredBound.ofConditionalMeans(it, features.outputEmbeddings()));
        }

        private List<Point> path(
                String what, float[][] inputs, float[][] heldOut, Function<LinearClassification, MeasuredBound> bound) {
            var points = new ArrayList<Point>();
            for (double C : GRID) {
                var it = LinearClassification.evaluate(
                        inputs,
                        trainLabels,
                        heldOut,
                        testLabels,
                        classes,
                        Scaling.STANDARDIZED,
                        new CrossValidation(new double[] {C}, 2, Criterion.LOG_LOSS));
                var losses = IntStream.range(0, heldOut.length)
                        .mapToDouble(i -> it.model().loss(heldOut[i], testLabels[i]))
                        .toArray();
                points.add(new Point(
                        what,
                        bound.apply(it).B(),
                        it.trainLogLoss(),
                        it.candidates().get(0).logLoss(),
                        Statistic.mean(losses, seed)));
            }
            return points;
        }
    }

    /** Words and, as one more, all others. */
    private static double[][] distributions(float[][] words) {
        return Arrays.stream(words)
                .map(row -> {
                    var p = new double[row.length + 1];
                    double sum = 0;
                    for (int j = 0; j < row.length; j++) {
                        p[j] = row[j];
                        sum += row[j];
                    }
                    p[row.length] = Math.max(0, 1 - sum);
                    return p;
                })
                .toArray(double[][]::new);
    }

    private static Naturalness natural(double[][] p, int[] labels, double B) {
        var weights = new double[p.length];
        Arrays.fill(weights, 1.0 / p.length);
        return Naturalness.of(new Task(weights, signs(labels), Loss.LOGISTIC), p, B);
    }

    private static double[] lossesOf(Naturalness natural, double[][] p, int[] labels) {
        var signs = signs(labels);
        return IntStream.range(0, p.length)
                .mapToDouble(i -> Loss.LOGISTIC.of(dot(natural.v(), p[i]), signs[i]))
                .toArray();
    }

    private static int[] signs(int[] labels) {
        return Arrays.stream(labels).map(label -> 2 * label - 1).toArray();
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    /** The curve of a name. */
    List<Point> curve(String what) {
        return points.stream().filter(point -> point.what().equals(what)).toList();
    }

    /** The point of a curve that the training texts choose. */
    Point chosen(String what) {
        return curve(what).stream()
                .min(Comparator.comparingDouble(Point::validation))
                .orElseThrow();
    }

    /**
     * The {@code ε/γ} in nats below which T1 (T2 for {@code Φ}) bounds the loss of a point's classifier below chance, its measured loss
     * taken for {@code τ}; none if that is no better than chance.
     */
    OptionalDouble usefulBelow(Point point) {
        double room = chance - point.heldOut().value();
        return room <= 0 ? OptionalDouble.empty() : OptionalDouble.of(room * room / (2 * point.B() * point.B()));
    }

    /** A row a point. */
    public ResultTable table() {
        return Columns.of(points)
                .text("weights on", Point::what)
                .number("B", 2, Point::B)
                .number("training loss", 4, Point::training)
                .number("validation loss", 4, Point::validation)
                .statistic("held-out loss", 4, Point::heldOut)
                .number("chance", 4, point -> chance)
                .number("bound says something for ε/γ below", 18, point -> usefulBelow(point)
                        .orElse(Double.NaN))
                .table("naturalness", "Logistic loss of bounded word weights, nats");
    }
}
