package org.whylm.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Intervals over test sentences, training sets and runs, against numpy, scipy and statsmodels: {@code statistics/contrast.py}. */
class ContrastTest {

    private static boolean[] right(int k) {
        var right = new boolean[120];
        for (int i = 0; i < right.length; i++) {
            right[i] = (i * (2 * k + 3) + k * k) % 17 >= 4 + k % 3;
        }
        return right;
    }

    private static List<boolean[]> right(int from, int to) {
        return IntStream.range(from, to).mapToObj(ContrastTest::right).toList();
    }

    private static void assertStatistic(double value, double low, double high, Statistic statistic) {
        assertEquals(value, statistic.value(), 1e-12);
        assertEquals(low, statistic.low(), 1e-9);
        assertEquals(high, statistic.high(), 1e-9);
    }

    /** Few sentences and training sets that differ much: an accuracy is at most 1, a difference at least -1, by whatever rule. */
    @Test
    void noIntervalIsWiderThanWhatIsPossible() {
        boolean[] all = {true, true, true, true};
        boolean[] half = {true, false, true, false};
        boolean[] none = {false, false, false, false};
        var unsteady = new Outcomes(List.of(all), List.of(all, none, half, none));
        var accuracy = Statistic.accuracy(List.of(unsteady));
        assertTrue(accuracy.low() >= 0 && accuracy.low() < 0.5, accuracy::toString);
        assertEquals(1, accuracy.high());
        var difference = Statistic.difference(
                List.of(new Outcomes(List.of(none), List.of(none, all, half, all))), List.of(unsteady));
        assertEquals(-1, difference.low());
        assertTrue(difference.high() <= 1 && difference.high() > 0, difference::toString);
        var splits = Statistic.accuracy(List.of(Outcomes.of(all), Outcomes.of(none), Outcomes.of(half)));
        assertEquals(0, splits.low());
        assertEquals(1, splits.high());
    }

    @Test
    void aDifferenceKnowsItsTrainingSets() {
        var statistic = Statistic.difference(
                List.of(new Outcomes(List.of(right(0)), right(2, 8))),
                List.of(new Outcomes(List.of(right(1)), right(8, 14))));
        assertStatistic(0.05833333333333335, -0.23708559261398487, 0.35300189501500634, statistic);
        assertEquals(0.7676429567642957, statistic.trainingShare(), 1e-12);
        assertEquals(0.626926998160797, statistic.p(0.12), 1e-9);
    }

    @Test
    void aMeanOverRunsKnowsTheirSpread() {
        assertStatistic(
                -0.0590277777777778,
                -0.3446399455264347,
                0.2265843899708791,
                Statistic.difference(
                        List.of(new Outcomes(right(2, 5), List.of())), List.of(new Outcomes(right(5, 9), List.of()))));
    }

    @Test
    void aGainIsTheMeanOfWhatEachSentenceGains() {
        var one = IntStream.range(0, 4)
                .mapToObj(k -> List.of(Outcomes.of(right(k))))
                .toList();
        assertStatistic(
                -0.18333333333333332,
                -0.372236389056846,
                0.005569722390179305,
                Statistic.gainDifference(one.get(0), one.get(1), one.get(2), one.get(3)));
    }

    /** Three texts of each of two classes, all right in each of three runs: Wilson's lower end of 3 of 3, twice, by MOVER; no point. */
    @Test
    void aFewTextsThatAreRightInEveryRunAreNoCertainty() {
        boolean[] all = {true, true, true, true, true, true};
        int[] labels = {0, 0, 0, 1, 1, 1};
        var runs = new Outcomes(List.of(all, all, all), List.of());
        double margin = 3.841458820694124 / (3 + 3.841458820694124) / Math.sqrt(2);
        var balanced = Statistic.balancedAccuracy(runs, labels);
        assertStatistic(1, 1 - margin, 1, balanced);
        assertStatistic(0, -margin, margin, Statistic.balancedDifference(Outcomes.of(all), runs, labels));
    }

    @Test
    void holmIsThatOfStatsmodels() {
        assertArrayEquals(
                new double[] {0.04, 0.09, 0.09, 0.025, 0.5}, Holm.adjusted(0.01, 0.04, 0.03, 0.005, 0.5), 1e-12);
    }

    /**
     * Classifiers whose quality depends on their training set: over new training sets and sentences the interval holds the true
     * accuracy about as often as it promises, and one that is blind to the training set does not.
     */
    @Test
    void aClassifierThatDependsOnItsTrainingSetHasTheWiderInterval() {
        var random = new Random(7);
        int samples = 600;
        int covered = 0;
        int coveredBlind = 0;
        for (int s = 0; s < samples; s++) {
            var hard = random.doubles(800).toArray();
            var first = classifier(hard, random);
            var draws = IntStream.range(0, 20)
                    .mapToObj(b -> classifier(hard, random))
                    .toList();
            var statistic = Statistic.accuracy(List.of(new Outcomes(List.of(first), draws)));
            var blind = Statistic.accuracy(List.of(Outcomes.of(first)));
            assertTrue(statistic.high() - statistic.low() >= blind.high() - blind.low());
            covered += statistic.low() <= 0.75 && 0.75 <= statistic.high() ? 1 : 0;
            coveredBlind += blind.low() <= 0.75 && 0.75 <= blind.high() ? 1 : 0;
        }
        assertTrue(covered >= 0.93 * samples, covered + " of " + samples);
        assertTrue(coveredBlind < 0.80 * samples, coveredBlind + " of " + samples);
    }

    /** One that is right with probability 0.75 on average, give or take 0.03 by its training set, and not on every sentence alike. */
    private static boolean[] classifier(double[] hard, Random random) {
        double quality = 0.75 + 0.03 * random.nextGaussian();
        var correct = new boolean[hard.length];
        for (int i = 0; i < correct.length; i++) {
            correct[i] = (random.nextDouble() < 0.8 ? hard[i] : random.nextDouble()) < quality;
        }
        return correct;
    }

    /** Classifiers that disagree at random, sentence by sentence, are as good on every training set: that is not counted twice. */
    @Test
    void noiseThatIsFreshForEverySentenceIsNoTrainingVariance() {
        var random = new Random(11);
        double share = 0;
        for (int s = 0; s < 50; s++) {
            var draws = IntStream.range(0, 21)
                    .mapToObj(b -> {
                        var correct = new boolean[500];
                        for (int i = 0; i < correct.length; i++) {
                            correct[i] = random.nextDouble() < 0.8;
                        }
                        return correct;
                    })
                    .toList();
            share += Statistic.accuracy(List.of(new Outcomes(draws.subList(0, 1), draws.subList(1, 21))))
                            .trainingShare()
                    / 50;
        }
        assertTrue(share < 0.2, "share " + share);
    }

    @Test
    void bothSidesNeedTheSameDraws() {
        var six = List.of(new Outcomes(List.of(right(0)), right(2, 8)));
        var five = List.of(new Outcomes(List.of(right(1)), right(2, 7)));
        assertThrows(IllegalArgumentException.class, () -> Statistic.difference(six, five));
        assertEquals(
                Statistic.difference(six, six).value(),
                Statistic.difference(six, List.of(Outcomes.of(right(0)))).value());
    }
}
