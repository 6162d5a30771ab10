package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.whylm.features.FeatureKind;
import org.whylm.probe.Accuracy;
import org.whylm.probe.LinearClassification;
import org.whylm.probe.LogisticRegression;
import org.whylm.probe.ProbeResult;
import org.whylm.probe.Scaling;
import org.whylm.probe.SplitResults;
import org.whylm.probe.TaskResults;

/** Tables over fixed and random splits, and curves, as CSV; accuracies are chosen so that every number can be worked out. */
class SplitTablesTest {

    private static ProbeResult result(String task, FeatureKind kind, boolean prompted, int correct, int total) {
        var accuracy = new Accuracy(correct, total);
        var model = new LogisticRegression(new double[1][2], new double[1]);
        var classification =
                new LinearClassification(Scaling.STANDARDIZED, 1, List.of(), accuracy, accuracy, 0, 0, model);
        return new ProbeResult(task, kind, prompted, 2, classification, new boolean[total]);
    }

    private static TaskResults split(String task, int correct, int total, ProbeResult... more) {
        var results =
                new java.util.ArrayList<>(List.of(result(task, new FeatureKind.HiddenState(), false, correct, total)));
        results.addAll(List.of(more));
        var chance = new boolean[total];
        chance[0] = true;
        return new TaskResults(task, results, chance);
    }

    private static final List<AccuracyRow> ROWS = rows();

    private static List<AccuracyRow> rows() {
        var fixed = new SplitResults(
                List.of(split("fixed", 60, 100, result("fixed", new FeatureKind.ConditionalMean(), true, 90, 100))));
        var random = new SplitResults(List.of(split("random", 5, 10), split("random", 7, 10), split("random", 9, 10)));
        var rows = new java.util.ArrayList<>(AccuracyRow.of(fixed));
        rows.addAll(AccuracyRow.of(random));
        return rows;
    }

    @Test
    void aRowATaskWithTheMeanOverItsSplits() {
        assertEquals("""
                task,f,Φp_f,chance,splits
                fixed,60,,1,1
                fixed*,,90,1,1
                random,70,,10,3
                """, SplitTables.paperLayout("t", ROWS).toCsv());
    }

    @Test
    void whatATaskLacksIsBlank() {
        var both = split("both", 60, 100, result("both", new FeatureKind.ConditionalMean(), false, 90, 100));
        var tasks = List.of(both, split("one", 70, 100));
        assertEquals("""
                task,f,Φp_f,chance
                both,60,90,1
                one,70,,1
                """, AccuracyTables.paperLayout("t", tasks, Map.of()).toCsv());
        assertTrue(Figure.png(AccuracyTables.chart("t", tasks)).length > 0);
    }

    /** The deviations of 50, 70 and 90 give a standard error of {@code 20/√3}; 60 of 100 has Wilson's interval. */
    @Test
    void intervalsOfFixedAndErrorsOfRandomSplits() {
        assertEquals("""
                task,features,dimension,test,low,high,standard error
                fixed,f,2,60,50.2,69.1,
                fixed*,Φp_f,2,90,82.6,94.5,
                random,f,2,70,,,11.5
                """, SplitTables.details("t", ROWS).toCsv());
    }

    @Test
    void aCurveIsAPointARow() {
        var curve = new AccuracyCurve(
                "films",
                "kept",
                List.of(
                        new AccuracyCurve.Point(1, new Accuracy(60, 100)),
                        new AccuracyCurve.Point(2.345, new Accuracy(9, 10))));
        assertEquals(
                """
                curve,words,test,low,high
                "films, kept",1,60,50.2,69.1
                "films, kept",2.35,90,59.6,98.2
                """, AccuracyCurve.table("t", "title", "words", List.of(curve)).toCsv());
        var others = List.of(
                curve,
                new AccuracyCurve("films", "drawn", curve.points()),
                new AccuracyCurve("books", "kept", curve.points()));
        var series = AccuracyCurve.chart("title", "words", AccuracyCurve.Axis.LOGARITHMIC, others)
                .getSeriesMap();
        var kept = series.get("films, kept");
        assertEquals(90, kept.getYData()[1]);
        assertEquals(kept.getLineColor(), series.get("films, drawn").getLineColor());
        assertNotEquals(kept.getLineColor(), series.get("books, kept").getLineColor());
        assertEquals(kept.getLineStyle(), series.get("books, kept").getLineStyle());
        assertEquals(
                2,
                AccuracyCurve.reliability("title", List.of(curve))
                        .getSeriesMap()
                        .size());
    }
}
