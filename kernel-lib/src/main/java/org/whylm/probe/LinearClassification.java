package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.whylm.data.TextDataset;
import org.whylm.run.Matrices;
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

    /** Accuracy on the test split. */
    public Accuracy test() {
        return Accuracy.of(predictions, testLabels);
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
     * The same for a data set.
     *
     * @param features {@code (n+m)×d}: of its {@code n} training examples, then of its {@code m} test examples
     * @see #evaluate(float[][], int[], float[][], int[], int, Scaling, CrossValidation)
     */
    public static LinearClassification evaluate(
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
        Checks.everyClass(trainLabels, classes, validation.folds());

        var coordinates = examples.get();
        var training = new Training(coordinates, trainLabels, classes, validation.criterion());
        CrossValidation.Choice choice;
        try (var path = training.path(StratifiedFolds.samples(trainLabels, classes, validation.folds()));
                var progress = Progress.start("logistic regression", validation.grid().length, "values of C")) {
            if (!validation.thorough()) {
                path.roughly();
            }
            choice = validation.choose(path, 1, progress);
        }
        double C = choice.C();
        var model = validation.thorough() ? choice.model() : training.exactly(C, choice.model());
        var draws = training.redrawn(C, model, validation);
        var costs = Arrays.stream(training.weighted(LogisticRegression.all(trainLabels.length)))
                .map(weight -> weight * C);
        return new LinearClassification(
                scaling,
                C,
                List.copyOf(choice.candidates()),
                model.accuracy(coordinates.train(), trainLabels),
                testLabels,
                model.predictions(coordinates.test()),
                model.allProbabilities(coordinates.test()),
                draws,
                model.logLoss(coordinates.train(), trainLabels),
                model.logLoss(coordinates.test(), testLabels),
                coordinates.restoration().restore(model, trainLabels, costs.toArray()));
    }

    /** The predictions for a data set's test examples of the regression at a given {@code C}: nothing is chosen. */
    static int[] predictions(
            TextDataset data, float[][] features, Scaling scaling, double C, Criterion criterion, Progress progress) {
        int n = data.train().size();
        var coordinates =
                Coordinates.of(Arrays.copyOf(features, n), Arrays.copyOfRange(features, n, features.length), scaling);
        var training =
                new Training(coordinates, data.trainLabels(), data.classes().size(), criterion);
        try (var path = training.path(List.of(LogisticRegression.all(n)))) {
            minimise(path, C, progress);
            return path.models().get(0).predictions(coordinates.test());
        }
    }

    /** The training split, and what the examples of a sample weigh: as often as each is taken, or so that all classes weigh alike. */
    private record Training(Coordinates coordinates, int[] labels, int classes, Criterion criterion) {

        /** @param samples how often each example is taken */
        RegularizationPath path(List<double[]> samples) {
            return coordinates.path(
                    labels, classes, samples.stream().map(this::weighted).toList());
        }

        double[] weighted(double[] counts) {
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

        /** The minimum near a regression that was fitted roughly. */
        LogisticRegression exactly(double C, LogisticRegression rough) {
            try (var path = path(List.of(LogisticRegression.all(labels.length)));
                    var progress = Progress.start("logistic regression", 1, "value of C")) {
                path.start(rough);
                minimise(path, C, progress);
                return path.models().get(0);
            }
        }

        /** The predictions for the test rows of regressions on training sets drawn from the training rows, which start from {@code model}. */
        List<int[]> redrawn(double C, LogisticRegression model, CrossValidation validation) {
            var random = new Random(validation.seed());
            var samples = Stream.generate(() -> draw(random))
                    .limit(validation.draws())
                    .toList();
            var predictions = new ArrayList<int[]>();
            int batches = (samples.size() + DRAWS_AT_ONCE - 1) / DRAWS_AT_ONCE;
            if (batches == 0) {
                return predictions;
            }
            try (var progress = Progress.start("regressions on redrawn training sets", batches, "batches")) {
                for (int from = 0; from < samples.size(); from += DRAWS_AT_ONCE) {
                    var some = samples.subList(from, Math.min(samples.size(), from + DRAWS_AT_ONCE));
                    try (var path = path(some)) {
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

        /** How often each row comes when as many rows as there are are drawn with replacement; drawn again if a class is missing. */
        private double[] draw(Random random) {
            var rows = Stream.generate(
                            () -> random.ints(labels.length, 0, labels.length).toArray())
                    .filter(drawn -> Arrays.stream(Matrices.select(labels, drawn))
                                    .distinct()
                                    .count()
                            == classes)
                    .findFirst()
                    .orElseThrow();
            return Arrays.stream(Matrices.counts(rows, labels.length))
                    .asDoubleStream()
                    .toArray();
        }
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
