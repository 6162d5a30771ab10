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
import org.whylm.train.PretrainingLoss;

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
        return new ModelFamily("test", PretrainingLoss.CROSS_ENTROPY, models);
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

    /** Ten draws of each of three settings are three settings: the perfect order of three is one of six. */
    @Test
    void drawsOfASettingAreNotModelsOfTheirOwn() {
        var models = new ArrayList<ModelQuality>();
        for (int i = 0; i < 30; i++) {
            double size = i / 10 + i % 10 * 1e-3;
            var downstream = new ModelQuality.Downstream(new Accuracy(70, 100), new double[] {size, size});
            models.add(new ModelQuality("noise " + i / 10, 5 + size, Map.of("f", downstream)));
        }
        var family = new ModelFamily("noise", PretrainingLoss.CROSS_ENTROPY, models);
        assertEquals(3, family.count());
        assertEquals(1, family.rankCorrelation("f", 1).value());
        assertTrue(family.rankCorrelation("f", 1).low() <= 0, "as many unrelated settings have that order too");
        assertEquals(1.0 / 6, family.shareOfOrders("f", 1), 1e-3);
    }

    @Test
    void equallyGoodModelsHaveNoOrder() {
        var same = new double[] {0.5, 0.5, 0.5};
        var rank = family(new double[] {0, 1, 2}, same, 0.2).rankCorrelation("f", 1);
        assertEquals(0, rank.value());
        assertTrue(rank.low() < 0 && rank.high() > 0, rank.toString());
        assertEquals(
                0, family(new double[] {0, 1, 2}, same, 0).aboveCurve("f", 1).value());
    }

    /** A part of the loss that all models share moves no rank: what is left is what chance does to the orders of six models. */
    @Test
    void theIntervalIsPaired() {
        var alone = family(EXCESS, LOSS, 0).rankCorrelation("f", 1);
        var shared = family(EXCESS, LOSS, 0.2).rankCorrelation("f", 1);
        assertEquals(alone.low(), shared.low(), 1e-12);
        assertEquals(alone.high(), shared.high(), 1e-12);
    }

    /**
     * Oracle: the exact distribution of Spearman's coefficient, as in M. G. Kendall, "Rank Correlation Methods", table 2: of five,
     * 0.6 or more has probability 0.175, 0.9 or more 0.042, 1 has 0.0083; of four, 1 has 0.042.
     */
    @Test
    void fewModelsDecideNothingByChance() {
        var excess = new double[] {0, 1, 2, 3, 4};
        var some = family(excess, new double[] {0.4, 0.3, 0.2, 0.5, 0.6}, 0);
        assertEquals(0.6, some.rankCorrelation("f", 1).value(), 1e-12);
        assertEquals(0.175, some.shareOfOrders("f", 1), 5e-4);
        assertTrue(
                some.rankCorrelation("f", 1).low() < 0,
                some.rankCorrelation("f", 1).toString());

        var most = family(excess, new double[] {0.2, 0.3, 0.5, 0.4, 0.6}, 0);
        assertEquals(0.042, most.shareOfOrders("f", 1), 5e-4);
        assertTrue(
                most.rankCorrelation("f", 1).low() <= 0,
                most.rankCorrelation("f", 1).toString());

        var all = family(excess, new double[] {0.2, 0.3, 0.4, 0.5, 0.6}, 0);
        assertEquals(0.0083, all.shareOfOrders("f", 1), 5e-5);
        assertTrue(
                all.rankCorrelation("f", 1).low() > 0,
                all.rankCorrelation("f", 1).toString());

        var four = family(Arrays.copyOf(excess, 4), new double[] {0.2, 0.3, 0.4, 0.5}, 0);
        assertEquals(0.042, four.shareOfOrders("f", 1), 5e-4);
        assertTrue(
                four.rankCorrelation("f", 1).low() <= 0,
                four.rankCorrelation("f", 1).toString());
    }

    @Test
    void aReversedOrderIsRefuted() {
        var reversed = family(new double[] {0, 1, 2, 3, 4, 5}, new double[] {0.6, 0.5, 0.4, 0.3, 0.2, 0.1}, 0.1);
        assertTrue(reversed.rankCorrelation("f", 1).high() < 0);
        assertEquals(1.0 / 720, reversed.shareOfOrders("f", 1), 1e-12);
        assertTrue(reversed.overTheWorst("f", 1).get("model 5").high() < 0);
    }

    /** The order near the best may be another than that of all: here the loss first falls with ε, then rises. */
    @Test
    void nearTheBestAreModelsWithHalfTheLargestExcess() {
        var excess = new double[] {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1};
        var loss = new double[] {0.40, 0.39, 0.38, 0.37, 0.36, 0.35, 0.5, 0.6, 0.7};
        var near = family(excess, loss, 0.1).nearTheBest().orElseThrow();
        assertEquals(6, near.models().size());
        assertEquals(-1, near.rankCorrelation("f", 1).value(), 1e-12);
        assertTrue(near.rankCorrelation("f", 1).high() < 0);
        assertTrue(family(EXCESS, LOSS, 0).nearTheBest().isEmpty(), "four of six models: too few");
    }

    /** Checkpoints at chance: the best is not above the worst, by whatever the examples show. */
    @Test
    void theControlIsTheWorstModel() {
        var random = new Random(5);
        var models = new ArrayList<ModelQuality>();
        for (int i = 0; i < 6; i++) {
            var losses = random.doubles(300).toArray();
            models.add(
                    new ModelQuality("m" + i, i, Map.of("f", new ModelQuality.Downstream(new Accuracy(1, 2), losses))));
        }
        var control = new ModelFamily("chance", PretrainingLoss.CROSS_ENTROPY, models).overTheWorst("f", 1);
        assertEquals(List.of("m5"), List.copyOf(control.keySet()));
        assertTrue(control.get("m5").low() < 0 && control.get("m5").high() > 0, control.toString());
        assertEquals(
                0.69 - 0.31,
                family(EXCESS, LOSS, 0.2).overTheWorst("f", 1).get("model 5").value(),
                1e-12);
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
        var rank = new ModelFamily("noise", PretrainingLoss.QUAD, models).rankCorrelation("f", 1);
        assertTrue(rank.low() < 0 && rank.high() > 0, rank.toString());
    }

    /** Oracle: {@code scipy.optimize.linprog} on models 0, 2, 4 and 5, and its curve at models 1 and 3. */
    @Test
    void modelsLeftOutAreComparedWithTheCurveOverTheOthers() {
        var family = family(EXCESS, LOSS, 0);
        assertEquals(Map.of("model 1", List.of(1), "model 3", List.of(3)), family.leftOut());
        assertEquals(0.031838431635292985, family.mostAbove("f"), 1e-6);
        assertEquals(
                0.031838431635292985 / (0.69 - 0.31), family.aboveCurve("f", 1).value(), 1e-6);
        assertEquals(0.03052617853485301, family.distance("f", Rate.SQUARE_ROOT), 1e-6);
        assertEquals(0.07146666666666665, family.distance("f", Rate.LINEAR), 1e-6);
        assertEquals(
                0.07146666666666665 - 0.03052617853485301,
                family.squareRootCloser("f", 1).value(),
                1e-6);
    }

    /** Two models left out: whatever their distances, their signs alone would agree in half of all cases. */
    @Test
    void fewModelsLeftOutDoNotDecideTheShape() {
        var closer = family(EXCESS, LOSS, 0.2).squareRootCloser("f", 1);
        assertTrue(closer.low() <= 0 && closer.high() > 0, closer.toString());
    }

    /** Of thirteen models with losses exactly on a curve in the square root six are left out, all closer to it. */
    @Test
    void manyModelsOnTheCurveDo() {
        var excess = new double[13];
        var loss = new double[13];
        Arrays.setAll(excess, i -> i / 6.0);
        Arrays.setAll(loss, i -> 0.3 + 0.2 * Math.sqrt(excess[i]));
        var family = family(excess, loss, 0.1);
        assertTrue(family.squareRootCloser("f", 1).low() > 0);
        assertEquals(0, family.aboveCurve("f", 1).value(), 1e-6);
    }

    /** Draws of one setting are left out together: none of them is in the fit. */
    @Test
    void drawsOfASettingAreLeftOutTogether() {
        var models = new ArrayList<>(family(EXCESS, LOSS, 0).models());
        for (int draw = 1; draw <= 2; draw++) {
            var again = models.get(1);
            models.add(new ModelQuality("model 1", again.pretrainingLoss() + 0.001 * draw, again.downstream()));
        }
        var family = new ModelFamily("draws", PretrainingLoss.CROSS_ENTROPY, models);
        assertEquals(List.of(1, 2, 3), family.leftOut().get("model 1"));
        assertEquals(0.07146666666666665, family.distance("f", Rate.LINEAR), 1e-3);
    }

    @Test
    void theWorstModelIsNeverLeftOut() {
        var four = family(Arrays.copyOf(EXCESS, 4), Arrays.copyOf(LOSS, 4), 0);
        assertEquals(Map.of("model 1", List.of(1)), four.leftOut());
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
        var orders = ModelFamilies.orders("orders", families, 1).toCsv().lines().toList();
        assertEquals(
                "family,features,settings,rank correlation,low,high,\"orders as far, %\",best under worst,"
                        + "\"best under worst, low\",\"best under worst, high\"",
                orders.get(0));
        assertTrue(orders.get(1).startsWith("test,f,6,0.886,"), orders.get(1));
        assertTrue(orders.get(1).endsWith(",1.67,0.38,0.38,0.38"), orders.get(1));
        assertEquals("test,f,0.343,0.231,0.38,2,0.032,0.031,0.071", curves.get(1));
    }

    @Test
    void theChartHasPointsAndCurveOfEachFeature() {
        var chart = ModelFamilies.chart(family(EXCESS, LOSS, 0.2), 1);
        assertEquals(
                List.of("f", "f: 0.34 + 0.23·sqrt(ε)", "guessing, log 2"),
                chart.getSeriesMap().keySet().stream()
                        .filter(name -> !name.startsWith("interval"))
                        .toList());
        assertTrue(chart.getXAxisTitle().contains("cross-entropy"), chart.getXAxisTitle());
    }
}
