package org.whylm.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {

    @ParameterizedTest
    @CsvSource({
        "> 0, 0.01, 0.1, 0.2, held",
        "> 0, 0.0, 0.1, 0.2, undecided",
        ">= 0, 0.0, 0.1, 0.2, held",
        "> 0, -0.2, -0.1, 0.0, refuted",
        ">= 0, -0.2, -0.1, 0.0, undecided",
        "< 0.2, 0.0, 0.1, 0.2, undecided",
        "<= 0.2, 0.0, 0.1, 0.2, held",
        "<= 0.2, 0.3, 0.4, 0.5, refuted",
        "> -0.05, -0.9, -0.04, 0.2, undecided",
        "> 1e-6, 2e-6, 1, 2, held",
        "<= 0, 0, 0, 0, held",
        "< 0, 0, 0, 0, refuted",
    })
    void aVerdictFollowsFromTheWholeInterval(String rule, double low, double value, double high, String verdict) {
        assertEquals(
                verdict,
                Rule.of(rule).decide(Statistic.between(value, low, high)).toString());
    }

    @ParameterizedTest
    @CsvSource({"= 0", "> ", "low > 0", ">0", "> 0 or more", "0 <"})
    void anythingElseIsNoRule(String rule) {
        var error = assertThrows(IllegalArgumentException.class, () -> Rule.of(rule));
        assertTrue(error.getMessage().contains("\"" + rule + "\""), error.getMessage());
    }

    /** A planted effect of 4 points against thresholds below, at and above it. */
    @ParameterizedTest
    @CsvSource({"-0.02, held", "0.04, undecided", "0.10, refuted"})
    void aPlantedEffectGivesTheThreeVerdicts(double threshold, String verdict) {
        var random = new Random(5);
        int n = 4000;
        var correct = new boolean[n];
        var other = new boolean[n];
        for (int i = 0; i < n; i++) {
            double u = random.nextDouble();
            correct[i] = u < 0.80;
            other[i] = u < 0.70 || u > 0.94;
        }
        var rule = Rule.of("> " + threshold);
        assertEquals(
                verdict, rule.decide(StatisticTest.difference(correct, other)).toString());
        assertEquals(
                verdict.equals("held") ? "refuted" : verdict.equals("refuted") ? "held" : verdict,
                Rule.of("< " + threshold)
                        .decide(StatisticTest.difference(correct, other))
                        .toString());
    }

    /** With a fifth more test sentences than it says and the same shares of right and wrong it is decided, with a fifth fewer not. */
    @Test
    void whatWouldDecideDecides() {
        var few = difference(600);
        long needed = few.needed(0).orElseThrow();
        assertEquals("undecided", Rule.of("> 0").decide(few).toString());
        assertEquals(
                "held", Rule.of("> 0").decide(difference((int) (1.2 * needed))).toString());
        assertEquals(
                "undecided",
                Rule.of("> 0").decide(difference((int) (0.8 * needed))).toString());
    }

    /** Right: both on 75%, the first alone on 6%, the second alone on 4.5%. */
    private static Statistic difference(int n) {
        var correct = new boolean[n];
        var other = new boolean[n];
        for (int i = 0; i < n; i++) {
            double share = (i + 0.5) / n;
            correct[i] = share < 0.81;
            other[i] = share < 0.75 || share > 0.955;
        }
        return StatisticTest.difference(correct, other);
    }

    /** The p-value is the level of the interval that ends at the threshold: below 0.05 if and only if the verdict is not open. */
    @Test
    void pValuesAndVerdictsAreOfOneInterval() {
        var statistic = difference(2000);
        assertEquals(0.05, statistic.p(statistic.low()), 1e-6);
        assertEquals(0.05, statistic.p(statistic.high()), 1e-6);
        assertEquals(1, statistic.p(statistic.value()), 1e-6);
        var mean = Statistic.mean(new Random(1).doubles(200).toArray(), 3);
        assertTrue(mean.p(mean.low() - 1e-6) <= 0.0502 && mean.p(mean.low() + 1e-3) > 0.05);
        assertTrue(Double.isNaN(Statistic.exact(1).p(0)));
    }

    /** Oracle: {@code scipy.stats.ttest_1samp} and {@code t.interval} (1.17) of 1, 2, 4, 7 against 0. */
    @Test
    void fewRunsHaveStudentsInterval() {
        var runs = Statistic.ofRuns(1, 2, 4, 7);
        assertEquals(3.5, runs.value());
        assertEquals(-0.7099807, runs.low(), 1e-6);
        assertEquals(7.7099807, runs.high(), 1e-6);
        assertEquals(0.0772743, runs.p(0), 1e-6);
        assertEquals(
                "undecided: the threshold is inside the interval",
                Rule.of("> 0").decide(runs).explained());
        assertEquals(5, runs.within(0, 5).high());
        assertEquals(0, runs.within(0, 5).low());
        assertThrows(IllegalArgumentException.class, () -> Statistic.ofRuns(1));
    }

    /** Where the estimate is the threshold, or the interval ends at it, no number of sentences is named that is none. */
    @Test
    void whatNoNumberOfSentencesDecides() {
        var even = difference(600).minus(difference(600).value() + 1e-9);
        assertEquals(
                "undecided: no number of test sentences in reach would decide at this effect",
                Rule.of("> 0").decide(even).explained());
        var touching = difference(600).minus(difference(600).low());
        assertEquals(601, touching.needed(0).orElseThrow(), "the end of the interval is the threshold");
    }

    @Test
    void unitsAreWritten() {
        var measured = Measured.of(Statistic.between(0.014, -0.005, 0.033), 0);
        assertEquals("+1.4 points [-0.5, +3.3]", Unit.POINTS.of(measured));
        assertEquals("0.014 nats [-0.005, 0.033]", new Unit("nats").of(measured));
        assertEquals("more than -8 points", Rule.of("> -0.08").words(Unit.POINTS));
        assertEquals("at most 0.0001", Rule.of("<= 1e-4").words(new Unit("")));
    }
}
