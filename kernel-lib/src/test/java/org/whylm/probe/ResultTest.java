package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.whylm.statistics.Accuracy;
import org.whylm.statistics.Statistic;

/** Balanced accuracy and macro-F1, against {@code balanced_accuracy_score} and {@code f1_score} of scikit-learn 1.7. */
class ResultTest {

    private static final int[] LABELS = {0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 0, 3};
    private static final int[] PREDICTIONS = {0, 0, 1, 0, 0, 1, 1, 0, 2, 4, 0, 0};
    private static final Result RESULT = Result.of("t", "f", false, LABELS, PREDICTIONS);

    @Test
    void isScikitLearns() {
        assertEquals(0.6666667, RESULT.accuracy().value(), 1e-6);
        assertEquals(0.5, RESULT.balancedAccuracy().value(), 1e-9);
        assertEquals(0.4205128, RESULT.macroF1(1).value(), 1e-6);
        var right = Result.of("t", "f", false, LABELS, LABELS);
        assertEquals(1, right.macroF1(1).value(), 1e-12);
        assertEquals(right.balancedAccuracy().low(), right.macroF1(1).low(), 1e-12, "twelve texts are no certainty");
    }

    @Test
    void ofOneClassBalancedAccuracyIsAccuracyWithItsInterval() {
        var one = RESULT.on(0, 1, 2, 3, 4);
        assertEquals(new Accuracy(4, 5).value(), one.balancedAccuracy().value(), 1e-12);
        assertEquals(new Accuracy(4, 5).low(), one.balancedAccuracy().low(), 1e-12);
        assertEquals(new Accuracy(4, 5).high(), one.balancedAccuracy().high(), 1e-12);
    }

    /** Against {@code roc_auc_score}; the interval excludes one half where the Mann-Whitney test does, and no ranking is certain. */
    @Test
    void areasUnderTheRocAreScikitLearnsWithAnIntervalThatCovers() {
        double[] scores = {.1, .4, .35, .8, .4, .9, .05, .6, .4, .2};
        int[] labels = {0, 0, 1, 1, 1, 0, 0, 1, 0, 0};
        var area = Statistic.areaUnderRoc(scores, labels, 1);
        assertEquals(0.7083333333, area.value(), 1e-9);
        double z = (area.value() - 0.5) / Math.sqrt(11 / (12.0 * 4 * 6));
        assertEquals(2 * new NormalDistribution().cumulativeProbability(-z), area.p(0.5), 1e-4);
        assertTrue(Statistic.areaUnderRoc(new double[] {1, 2, 3, 4}, new int[] {0, 0, 1, 1}, 1)
                        .low()
                < 0.8);
        var random = new Random(7);
        int covered = 0;
        for (int sample = 0; sample < 400; sample++) {
            var of = IntStream.range(0, 200)
                    .mapToDouble(i -> random.nextGaussian() + (i < 4 ? 1.8124 : 0)) // an area of 0.9
                    .toArray();
            var rare = new int[200];
            Arrays.fill(rare, 0, 4, 1);
            var sampled = Statistic.areaUnderRoc(of, rare, 1);
            covered += sampled.low() <= 0.9 && 0.9 <= sampled.high() ? 1 : 0;
        }
        assertTrue(covered >= 370, covered + " of 400 intervals cover");
    }

    /** Scores of 40 and 50, whose probabilities are both 1 in double precision, and of -40 and -50. */
    @Test
    void rankingsKnowWhatRoundsToCertainty() {
        double[] scores = {50, 40, 40, -40, -40, -50};
        int[] labels = {1, 1, 0, 1, 0, 0};
        var probabilities = Arrays.stream(scores)
                .mapToObj(score -> new double[] {1 / (1 + Math.exp(score)), 1 / (1 + Math.exp(-score))})
                .toArray(double[][]::new);
        assertEquals(probabilities[0][1], probabilities[1][1]);
        var split = new Result.Split(labels, List.of(labels), List.of(), Optional.empty(), probabilities);
        var result = new Result("t", "f", false, 1, List.of(split));
        assertEquals(7.0 / 9, result.areaUnderRoc(1).value(), 1e-12, "as roc_auc_score of the scores");
        assertEquals(7.0 / 9, result.areaUnderRoc(0).value(), 1e-12);
    }

    /** Nineteen of twenty texts of one class: who always answers it is no better than a coin. */
    @Test
    void alwaysTheMostFrequentClassIsChance() {
        var labels = IntStream.range(0, 100).map(i -> i < 2 ? 1 : 0).toArray();
        var majority = Result.of("t", "chance", false, labels, new int[100]);
        var balanced = majority.balancedAccuracy();
        assertEquals(0.5, balanced.value(), 1e-12);
        assertTrue(balanced.high() > 0.7, "two texts say little of their class");
        assertEquals(0, majority.balancedDifference(majority).value(), 1e-12);
        assertEquals(1, balanced.p(0.5), 1e-6);
    }

    /** Coverage: of 400 samples of two rare classes and a frequent one about 95 in a hundred intervals hold the truth. */
    @Test
    void intervalsOverClassesCover() {
        var random = new Random(5);
        double[] right = {0.9, 0.6, 0.5};
        var labels =
                IntStream.range(0, 185).map(i -> i < 150 ? 0 : i < 170 ? 1 : 2).toArray();
        int covered = 0;
        for (int sample = 0; sample < 400; sample++) {
            var predictions = Arrays.stream(labels)
                    .map(label -> random.nextDouble() < right[label] ? label : 3)
                    .toArray();
            var balanced = Result.of("t", "f", false, labels, predictions).balancedAccuracy();
            double truth = Arrays.stream(right).average().orElseThrow();
            covered += balanced.low() <= truth && truth <= balanced.high() ? 1 : 0;
        }
        assertTrue(covered >= 370 && covered <= 395, covered + " of 400");
    }

    /** Runs that answer only one class, now this one, now that: each class's share moves from 0 to 1, their mean not at all. */
    @Test
    void whatRunsTakeFromOneClassAndGiveToAnotherCancels() {
        var labels = IntStream.range(0, 100).map(i -> i % 2).toArray();
        var zeros = new int[100];
        var ones = IntStream.range(0, 100).map(i -> 1).toArray();
        var split = new Result.Split(labels, List.of(zeros, ones, zeros, ones), List.of(), Optional.empty());
        var balanced = new Result("t", "f", false, 0, List.of(split)).balancedAccuracy();
        assertEquals(0.5, balanced.value(), 1e-12);
        assertTrue(balanced.high() - balanced.low() < 0.25, balanced.toString());
    }

    /** Where the classes are as frequent, balanced accuracy is accuracy, and its interval about as wide, training sets included. */
    @Test
    void ofEquallyFrequentClassesItIsAccuracy() {
        var random = new Random(6);
        var labels = IntStream.range(0, 200).map(i -> i % 2).toArray();
        var draws = IntStream.range(0, 20)
                .mapToObj(draw -> {
                    double share = 0.7 + 0.1 * random.nextGaussian();
                    return Arrays.stream(labels)
                            .map(label -> random.nextDouble() < share ? label : 1 - label)
                            .toArray();
                })
                .toList();
        var split = new Result.Split(labels, List.of(draws.get(0)), draws, Optional.empty());
        var result = new Result("t", "f", false, 0, List.of(split));
        assertEquals(result.accuracy().value(), result.balancedAccuracy().value(), 1e-12);
        assertEquals(result.accuracy().low(), result.balancedAccuracy().low(), 0.01);
        assertEquals(result.accuracy().high(), result.balancedAccuracy().high(), 0.01);
        assertEquals(
                result.accuracy().trainingShare(), result.balancedAccuracy().trainingShare(), 0.02);
    }
}
