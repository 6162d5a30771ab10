package org.whylm.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StatisticTest {

    /** The four kinds of pairs of Newcombe (1998), Table II and III: both right, only the first, only the second, neither. */
    private static Statistic difference(int both, int first, int second, int neither) {
        var n = both + first + second + neither;
        var correct = new boolean[n];
        var other = new boolean[n];
        for (int i = 0; i < n; i++) {
            correct[i] = i < both + first;
            other[i] = i < both || i >= both + first && i < both + first + second;
        }
        return difference(correct, other);
    }

    static Statistic difference(boolean[] correct, boolean[] other) {
        return Statistic.difference(List.of(Outcomes.of(correct)), List.of(Outcomes.of(other)));
    }

    /** Newcombe (1998), Table III, row method 10, and Altman et al., "Statistics with confidence" (2000), p. 53. */
    @Test
    void theIntervalOfADifferenceIsThePublishedOne() {
        assertEquals("0.2000 [0.0569, 0.3404]", difference(36, 12, 2, 0).toString());
        assertEquals("0.1220 [0.0115, 0.2265]", difference(14, 5, 0, 22).toString());
    }

    @Test
    void exchangingTheClassifiersMirrorsTheInterval() {
        var there = difference(50, 9, 4, 7);
        var back = difference(50, 4, 9, 7);
        assertEquals(-there.low(), back.high(), 1e-12);
        assertEquals(-there.high(), back.low(), 1e-12);
    }

    @Test
    void equalClassifiersStillHaveAnInterval() {
        var same = difference(100, 0, 0, 0);
        assertEquals(0, same.value());
        assertTrue(same.low() < -0.01 && same.high() > 0.01, same.toString());
    }

    /** What a 95% interval promises: it holds the true difference in about 95 of 100 samples. */
    @Test
    void intervalsCoverTheTruth() {
        var random = new Random(3);
        var paired = 0;
        var bootstrap = 0;
        var samples = 1000;
        for (int s = 0; s < samples; s++) {
            var correct = new boolean[150];
            var other = new boolean[150];
            for (int i = 0; i < correct.length; i++) {
                var u = random.nextDouble();
                correct[i] = u < 0.85;
                other[i] = u < 0.70 || u > 0.95;
            }
            var interval = difference(correct, other);
            paired += interval.low() <= 0.1 && 0.1 <= interval.high() ? 1 : 0;
            if (s < 100) {
                var none = List.of(Outcomes.of(new boolean[150]));
                var gain = Statistic.gainDifference(
                        none, List.of(Outcomes.of(correct)), none, List.of(Outcomes.of(other)));
                bootstrap += gain.low() <= 0.1 && 0.1 <= gain.high() ? 1 : 0;
            }
        }
        assertTrue(paired >= 930 && paired <= 985, paired + " of " + samples);
        assertTrue(bootstrap >= 88, bootstrap + " of 100");
    }

    @Test
    void theMeanOfANormalSampleHasTheUsualInterval() {
        var random = new Random(5);
        var values = random.doubles(2000).map(u -> 3 * u).toArray();
        var mean = Statistic.mean(values, 1);
        var half = 1.96 * 3 / Math.sqrt(12 * 2000.0);
        assertEquals(mean.value() - half, mean.low(), 0.1 * half);
        assertEquals(mean.value() + half, mean.high(), 0.1 * half);
        assertEquals(mean, Statistic.mean(values, 1), "same seed, same interval");
    }

    /** Differences 0.25, 0 and 0.5 of three splits; the half width is scipy's {@code t.ppf(0.975, 2)} times the corrected deviation. */
    @Test
    void severalSplitsHaveTheCorrectedResampledInterval() {
        var none = Outcomes.of(new boolean[4]);
        var one = Outcomes.of(new boolean[] {true, false, false, false});
        var two = Outcomes.of(new boolean[] {true, true, false, false});
        var statistic = Statistic.difference(List.of(one, none, two), List.of(none, none, none));
        assertEquals(0.25, statistic.value(), 1e-12);
        assertEquals(0.25 - 0.717108788291577, statistic.low(), 1e-9);
        assertEquals(0.25 + 0.717108788291577, statistic.high(), 1e-9);
        assertThrows(IllegalArgumentException.class, () -> Statistic.difference(List.of(one, two), List.of(none)));
    }

    @Test
    void wrongInputIsNamed() {
        assertThrows(IllegalArgumentException.class, () -> Statistic.between(1, 2, 3));
        assertThrows(IllegalArgumentException.class, () -> Statistic.exact(Double.NaN));
        var error = assertThrows(IllegalArgumentException.class, () -> difference(new boolean[3], new boolean[4]));
        assertTrue(error.getMessage().contains("3 and 4"), error.getMessage());
    }
}
