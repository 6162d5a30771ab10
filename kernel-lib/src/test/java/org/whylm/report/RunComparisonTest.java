package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.whylm.statistics.Outcomes;
import org.whylm.statistics.Statistic;

class RunComparisonTest {

    private static boolean[] correct(int n, double share, long seed) {
        var random = new Random(seed);
        var correct = new boolean[n];
        for (int i = 0; i < n; i++) {
            correct[i] = random.nextDouble() < share;
        }
        return correct;
    }

    private static boolean[] firstRight(int right, int n) {
        var correct = new boolean[n];
        java.util.Arrays.fill(correct, 0, right, true);
        return correct;
    }

    /** Runs of 70, 80 and 90 of 100: mean 0.8, spread 0.1, so the variance is 0.01/3 + 0.8·0.2/100. */
    @Test
    void standardErrorAddsRunsAndExamples() {
        var runs = List.of(firstRight(70, 100), firstRight(80, 100), firstRight(90, 100));
        assertEquals(Math.sqrt(0.01 / 3 + 0.0016), RunComparison.standardError(runs), 1e-12);
        assertEquals(Math.sqrt(0.0016), RunComparison.standardError(List.of(firstRight(80, 100))), 1e-12);
    }

    /** 95% intervals of equally good runs hold 0 about that often. */
    @Test
    void intervalsCoverZeroWhereThereIsNoDifference() {
        int covered = 0;
        for (int draw = 0; draw < 40; draw++) {
            var a = List.of(correct(200, 0.7, 7L * draw), correct(200, 0.7, 7L * draw + 1));
            var b = List.of(correct(200, 0.7, 7L * draw + 3), correct(200, 0.7, 7L * draw + 4));
            var difference = Statistic.difference(new Outcomes(a, List.of()), new Outcomes(b, List.of()));
            covered += difference.low() <= 0 && difference.high() >= 0 ? 1 : 0;
        }
        assertTrue(covered >= 34, covered + " of 40");
    }

    @Test
    void tableHasMeansAndDetails() {
        var comparison = new RunComparison();
        comparison.add("movies", "f (Quad)", firstRight(70, 100));
        comparison.add("movies", "f (Quad)", firstRight(80, 100));
        comparison.add("movies", "bag of words", firstRight(50, 100));
        comparison.add("products", "f (Quad)", firstRight(60, 100));
        assertEquals(
                "task,f (Quad),bag of words\nmovies,75,50\nproducts,60,\n",
                comparison.table("t", "f (Quad)").toCsv());
        assertTrue(comparison.details("t").toCsv().contains("movies,f (Quad),2,75,6.6,70,80\n"));
        assertTrue(comparison.isClearlyAbove("movies", "f (Quad)", "bag of words"));
        assertFalse(comparison.isClearlyAbove("movies", "bag of words", "f (Quad)"));
        assertThrows(IllegalArgumentException.class, () -> comparison.difference("products", "bag of words", "f", 1));
    }
}
