package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.whylm.data.TextDataset;
import org.whylm.run.Progress;
import org.whylm.statistics.Accuracy;

/**
 * How well features separate the classes of a task linearly: the paper's {@code ℓ_T(g) = inf_v ℓ_T(g,v)} with the logistic loss, as its
 * experiments estimate it. {@code C} is chosen by cross-validation on the training split, then the regression is refitted on
 * the whole of it.
 *
 * @param scaling what was done to the features first, learnt once from the whole training split (not fold by fold)
 * @param C the chosen inverse strength of regularisation
 * @param candidates every {@code C} that was tried, rising, with its cross-validated accuracy and loss
 * @param train accuracy on the training split
 * @param testLabels of the test split, {@code m}
 * @param predictions for it, {@code m}
 * @param probabilities of all classes for it, {@code m×k}
 * @param draws predictions for it by regressions at the same {@code C} on redrawn training sets, {@code m} each
 * @param trainLogLoss mean loss on the training split, in nats
 * @param testLogLoss mean loss on the test split, in nats
 * @param model the refitted regression; it takes features as they were given, the scaling is part of its weights
 */
public record LinearClassification(
        Scaling scaling,
        double C,
        List<Candidate> candidates,
        Accuracy train,
        int[] testLabels,
        int[] predictions,
        double[][] probabilities,
        List<int[]> draws,
        double trainLogLoss,
        double testLogLoss,
        LogisticRegression model) {

    /** More redrawn training sets side by side would cost memory, a Gram matrix each, and save little time. */
    private static final int DRAWS_AT_ONCE = 10;

    /** Which examples of the test split are predicted rightly. */
    public boolean[] correct() {
        return correct(predictions, testLabels);
    }

    /** Accuracy on the test split. */
    public Accuracy test() {
        return Accuracy.of(correct());
    }

    static boolean[] correct(int[] predictions, int[] labels) {
        var correct = new boolean[labels.length];
        for (int i = 0; i < correct.length; i++) {
            correct[i] = predictions[i] == labels[i];
        }
        return correct;
    }

    /**
     * One value of {@code C}.
     *
     * @param C inverse strength of regularisation
     * @param accuracy the mean over the folds of the accuracy, balanced where that is the criterion, on the fold held out, in [0,1]
     * @param logLoss the mean over the folds of the mean loss on the fold held out, in nats
     */
    public record Candidate(double C, double accuracy, double logLoss) {

        boolean isBetterThan(Candidate other, Criterion criterion) {
            return switch (criterion) {
                case ACCURACY, BALANCED -> accuracy > other.accuracy + ROUNDING;
                case LOG_LOSS -> logLoss < other.logLoss;
            };
        }
    }

    /** Means of the same accuracies in another order may differ by this much. */
    private static final double ROUNDING = 1e-12;

    /**
     * Chooses {@code C} as the {@linkplain CrossValidation#ofScript authors' script} does, refits and tests.
     *
     * @see #evaluate(float[][], int[], float[][], int[], int, Scaling, CrossValidation)
     */
    public static LinearClassification evaluate(
            float[][] train, int[] trainLabels, float[][] test, int[] testLabels, int classes, Scaling scaling) {
        return evaluate(
                train, trainLabels, test, testLabels, classes, scaling, CrossValidation.ofScript(trainLabels.length));
    }

    /**
     * The same for a data set.
     *
     * @param features {@code (n+m)×d}: of its {@code n} training examples, then of its {@code m} test examples
     */
    static LinearClassification evaluate(
            TextDataset data, float[][] features, Scaling scaling, CrossValidation validation) {
        int n = data.train().size();
        return evaluate(
                Arrays.copyOf(features, n),
                data.trainLabels(),
                Arrays.copyOfRange(features, n, features.length),
                data.testLabels(),
                data.classes().size(),
                scaling,
                validation);
    }

    /**
     * Chooses {@code C} by cross-validation, refits and tests.
     *
     * @param train {@code n×d}, finite
     * @param trainLabels {@code n} labels in {@code 0..classes-1}, each class at least as often as there are folds
     * @param test {@code m×d}, finite
     * @param testLabels {@code m}
     * @throws IllegalArgumentException if an argument is not so; it names the row and column
     * @throws IllegalStateException if a minimum cannot be reached, which the message explains
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public static LinearClassification evaluate(
            float[][] train,
            int[] trainLabels,
            float[][] test,
            int[] testLabels,
            int classes,
            Scaling scaling,
            CrossValidation validation) {
        Checks.split("training", train, trainLabels, classes);
        Checks.split("test", test, testLabels, classes);
        if (test[0].length != train[0].length) {
            throw new IllegalArgumentException(
                    "The training split has " + train[0].length + " features, the test split " + test[0].length);
        }
        return evaluate(
                trainLabels, testLabels, classes, scaling, validation, () -> Coordinates.of(train, test, scaling));
    }

    /**
     * The same from inner products, for features too wide to hold, such as all of {@code p_f}: the regression's weights are combinations of
     * the training rows, so only inner products matter.
     *
     * @param gram {@code n×n} inner products of the training rows
     * @param cross {@code m×n} inner products of the test rows with the training rows
     * @param scaling what was done to the features before their products were taken
     * @return its {@link #model} takes the {@code n} inner products of an example with the training rows
     * @throws IllegalArgumentException as {@link #evaluate}, and if {@code gram} is not positive semi-definite
     */
    public static LinearClassification evaluateGram(
            double[][] gram,
            int[] trainLabels,
            double[][] cross,
            int[] testLabels,
            int classes,
            Scaling scaling,
            CrossValidation validation) {
        Checks.gram(gram, trainLabels, cross, testLabels, classes);
        return evaluate(trainLabels, testLabels, classes, scaling, validation, () -> Coordinates.ofGram(gram, cross));
    }

    private static LinearClassification evaluate(
            int[] trainLabels,
            int[] testLabels,
            int classes,
            Scaling scaling,
            CrossValidation validation,
            Supplier<Coordinates> examples) {
        var grid = validation.grid();
        int folds = validation.folds();
        Checks.everyClass(trainLabels, classes, folds);

        var coordinates = examples.get();
        var assignment = StratifiedFolds.assign(trainLabels, classes, folds);
        var criterion = validation.criterion();
        var samples = new ArrayList<double[]>();
        for (int f = 0; f < folds; f++) {
            int fold = f;
            var others = Arrays.stream(assignment)
                    .mapToDouble(of -> of == fold ? 0 : 1)
                    .toArray();
            samples.add(weighted(others, trainLabels, classes, criterion));
        }
        samples.add(weighted(LogisticRegression.all(trainLabels.length), trainLabels, classes, criterion));
        var models = new ArrayList<LogisticRegression>();
        var candidates = new ArrayList<Candidate>();
        int best = 0;
        try (var path = coordinates.path(trainLabels, classes, samples);
                var progress = Progress.start("logistic regression", grid.length, "values of C")) {
            if (!validation.thorough()) {
                path.roughly();
            }
            for (int c = 0; c < grid.length; c++) {
                minimise(path, grid[c], progress);
                models.add(path.models().get(folds));
                candidates.add(path.heldOut(grid[c], folds, criterion));
                best = candidates.get(c).isBetterThan(candidates.get(best), criterion) ? c : best;
                if (validation.isDone(candidates)) {
                    break;
                }
            }
        }
        double C = grid[best];
        var whole = samples.get(folds);
        var model = validation.thorough()
                ? models.get(best)
                : exactly(coordinates, trainLabels, classes, C, models.get(best), whole);
        var draws = redrawn(coordinates, trainLabels, classes, C, model, validation);
        return new LinearClassification(
                scaling,
                C,
                List.copyOf(candidates),
                model.accuracy(coordinates.train(), trainLabels),
                testLabels,
                model.predictions(coordinates.test()),
                model.allProbabilities(coordinates.test()),
                draws,
                model.logLoss(coordinates.train(), trainLabels),
                model.logLoss(coordinates.test(), testLabels),
                coordinates
                        .restoration()
                        .restore(
                                model,
                                trainLabels,
                                Arrays.stream(whole).map(weight -> weight * C).toArray()));
    }

    /** The minimum near a regression that was fitted roughly. */
    private static LogisticRegression exactly(
            Coordinates coordinates, int[] labels, int classes, double C, LogisticRegression rough, double[] sample) {
        try (var path = coordinates.path(labels, classes, List.of(sample));
                var progress = Progress.start("logistic regression", 1, "value of C")) {
            path.start(rough);
            minimise(path, C, progress);
            return path.models().get(0);
        }
    }

    /** The predictions for the test rows of regressions on training sets drawn from the training rows, which start from {@code model}. */
    private static List<int[]> redrawn(
            Coordinates coordinates,
            int[] labels,
            int classes,
            double C,
            LogisticRegression model,
            CrossValidation validation) {
        if (validation.draws() == 0) {
            return List.of();
        }
        var random = new Random(validation.seed());
        var samples = Stream.generate(
                        () -> weighted(draw(labels, classes, random), labels, classes, validation.criterion()))
                .limit(validation.draws())
                .toList();
        var predictions = new ArrayList<int[]>();
        int batches = (samples.size() + DRAWS_AT_ONCE - 1) / DRAWS_AT_ONCE;
        try (var progress = Progress.start("regressions on redrawn training sets", batches, "batches")) {
            for (int from = 0; from < samples.size(); from += DRAWS_AT_ONCE) {
                var some = samples.subList(from, Math.min(samples.size(), from + DRAWS_AT_ONCE));
                try (var path = coordinates.path(labels, classes, some)) {
                    path.start(model);
                    if (!validation.thorough()) {
                        path.roughly();
                    }
                    minimise(path, C, progress);
                    path.models().forEach(redrawn -> predictions.add(redrawn.predictions(coordinates.test())));
                }
            }
        }
        return predictions;
    }

    /** The predictions for the test rows of the regression at a given {@code C}: nothing is chosen. */
    static int[] predictions(
            float[][] train,
            int[] trainLabels,
            float[][] test,
            int classes,
            Scaling scaling,
            double C,
            Criterion criterion,
            Progress progress) {
        var coordinates = Coordinates.of(train, test, scaling);
        var sample = List.of(weighted(LogisticRegression.all(trainLabels.length), trainLabels, classes, criterion));
        try (var path = coordinates.path(trainLabels, classes, sample)) {
            minimise(path, C, progress);
            return path.models().get(0).predictions(coordinates.test());
        }
    }

    /** How often each row comes when as many rows as there are are drawn with replacement; drawn again if a class is missing. */
    private static double[] draw(int[] labels, int classes, Random random) {
        while (true) {
            var rows = random.ints(labels.length, 0, labels.length).toArray();
            if (Arrays.stream(rows).map(row -> labels[row]).distinct().count() == classes) {
                var counts = new double[labels.length];
                for (int row : rows) {
                    counts[row]++;
                }
                return counts;
            }
        }
    }

    /** What the examples of a sample weigh: as often as each is taken, or so that all classes weigh alike. */
    private static double[] weighted(double[] counts, int[] labels, int classes, Criterion criterion) {
        if (criterion != Criterion.BALANCED) {
            return counts;
        }
        var ofClass = new double[classes];
        for (int i = 0; i < counts.length; i++) {
            ofClass[labels[i]] += counts[i];
        }
        double all = Arrays.stream(ofClass).sum();
        var weights = new double[counts.length];
        Arrays.setAll(weights, i -> counts[i] * all / classes / ofClass[labels[i]]);
        return weights;
    }

    static void minimise(RegularizationPath path, double C, Progress progress) {
        try {
            path.minimise(C);
            progress.advance(1);
        } catch (CancellationException e) {
            progress.advance(0);
        }
    }
}
