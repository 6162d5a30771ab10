package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.whylm.probe.ModelQuality;
import org.whylm.statistics.Accuracy;
import org.whylm.theory.UpperCurve.Rate;
import org.whylm.train.Loss;

class ModelFamilyTest {

    private static final double[] EXCESS = {0, 0.11, 0.35, 0.8, 1.7, 2.6};
    private static final double[] LOSS = {0.31, 0.42, 0.40, 0.55, 0.52, 0.69};

    /** Models whose test examples all have the mean loss, plus a common part for each example that averages to 0. */
    private static ModelFamily family(double[] excess, double[] loss, double spread) {
        var models = new ArrayList<ModelQuality>();
        for (int i = 0; i < excess.length; i++) {
            var losses = new double[100];
            for (int example = 0; example < losses.length; example++) {
                losses[example] = loss[i] + spread * (example - 49.5) / 49.5;
            }
            models.add(new ModelQuality(
                    "model " + i,
                    5 + excess[i],
                    Map.of("f", new ModelQuality.Downstream(new Accuracy(70, 100), losses))));
        }
        Collections.shuffle(models, new Random(1));
        return new ModelFamily("test", Loss.CROSS_ENTROPY, models);
    }

    @Test
    void excessIsAgainstTheBest() {
        var family = family(EXCESS, LOSS, 0);
        assertArrayEquals(EXCESS, family.excess(), 1e-12);
        assertArrayEquals(LOSS, family.downstreamLoss("f"), 1e-12);
        assertEquals("model 0", family.models().get(0).model());
        assertEquals(List.of("f"), family.features());
    }

    /** Oracle: {@code scipy.stats.spearmanr} (1.17). */
    @Test
    void rankCorrelationIsScipys() {
        assertEquals(
                0.8857142857142858,
                family(EXCESS, LOSS, 0).rankCorrelation("f", 1).value(),
                1e-12);
    }

    @Test
    void equallyGoodModelsHaveNoOrder() {
        var same = new double[] {0.5, 0.5, 0.5};
        assertEquals(
                "0.0000",
                family(new double[] {0, 1, 2}, same, 0.2)
                        .rankCorrelation("f", 1)
                        .toString());
    }

    /** A part of the loss that all models share moves no rank and no difference to a curve's shape. */
    @Test
    void theIntervalIsPaired() {
        var rank = family(EXCESS, LOSS, 0.2).rankCorrelation("f", 1);
        assertEquals(rank.low(), rank.high(), 1e-12);
    }

    /** Two models whose losses differ by noise alone: their order is undecided, and so is the rank correlation. */
    @Test
    void theIntervalShowsWhatTheExamplesLeaveOpen() {
        var random = new Random(3);
        var models = new ArrayList<ModelQuality>();
        for (int i = 0; i < 3; i++) {
            var losses = random.doubles(200).toArray();
            models.add(
                    new ModelQuality("m" + i, i, Map.of("f", new ModelQuality.Downstream(new Accuracy(1, 2), losses))));
        }
        var rank = new ModelFamily("noise", Loss.QUAD, models).rankCorrelation("f", 1);
        assertTrue(rank.low() < 0 && rank.high() > 0, rank.toString());
    }

    /** Oracle: {@code scipy.optimize.linprog} on models 0, 2, 4 and 5, and its curve at models 1 and 3. */
    @Test
    void modelsLeftOutAreComparedWithTheCurveOverTheOthers() {
        var family = family(EXCESS, LOSS, 0);
        assertArrayEquals(new int[] {1, 3}, family.leftOut().toArray());
        assertEquals(0.031838431635292985, family.aboveCurve("f", 1).value(), 1e-6);
        assertEquals(0.03052617853485301, family.distance("f", Rate.SQUARE_ROOT), 1e-6);
        assertEquals(0.07146666666666665, family.distance("f", Rate.LINEAR), 1e-6);
        assertEquals(
                0.07146666666666665 - 0.03052617853485301,
                family.squareRootCloser("f", 1).value(),
                1e-6);
    }

    @Test
    void theWorstModelIsNeverLeftOut() {
        var four = family(Arrays.copyOf(EXCESS, 4), Arrays.copyOf(LOSS, 4), 0);
        assertArrayEquals(new int[] {1}, four.leftOut().toArray());
        assertThrows(IllegalArgumentException.class, () -> family(new double[2], new double[2], 0));
        assertThrows(IllegalArgumentException.class, () -> four.downstreamLoss("g"));
    }

    @Test
    void tablesHoldEveryModelAndCurve() {
        var families = List.of(family(EXCESS, LOSS, 0.2));
        var csv = ModelFamilies.table("models", families, 1).toCsv().lines().toList();
        assertEquals(1 + EXCESS.length, csv.size());
        assertTrue(csv.get(2).startsWith("test,model 1,5.11,0.11,f,0.42,"), csv.get(2));
        var curves = ModelFamilies.curves("curves", families).toCsv().lines().toList();
        assertEquals("test,f,0.343,0.231,0.032,0.031,0.071", curves.get(1));
    }

    @Test
    void theChartHasPointsAndCurveOfEachFeature() {
        var chart = ModelFamilies.chart(family(EXCESS, LOSS, 0.2));
        assertEquals(
                List.of("f", "f: 0.34 + 0.23·sqrt(ε)"),
                List.copyOf(chart.getSeriesMap().keySet()));
        assertTrue(chart.getXAxisTitle().contains("cross-entropy"), chart.getXAxisTitle());
    }
}
