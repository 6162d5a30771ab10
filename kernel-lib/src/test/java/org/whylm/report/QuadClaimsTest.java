package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.whylm.probe.BagOfWords;
import org.whylm.probe.Result;
import org.whylm.probe.TaskResults;
import org.whylm.run.Workspace;
import org.whylm.statistics.Verdict;

/** Planted results for the claims of notebook 04 as {@code findings.json} has them: what is known decides the verdict. */
class QuadClaimsTest {

    private static final int SENTENCES = 1000;
    private static final int RUNS = 3;

    /** Runs that are right on as many sentences, a few of them others from run to run. */
    private static List<Result> runs(String features, double accuracy, int runs) {
        var results = new ArrayList<Result>();
        for (int run = 0; run < runs; run++) {
            var random = new Random(31L * features.hashCode() + run);
            var predictions = new int[SENTENCES];
            for (int i = 0; i < SENTENCES; i++) {
                double difficulty = (i + 0.5) / SENTENCES + 0.05 * random.nextGaussian();
                predictions[i] = difficulty < accuracy ? 1 : 0;
            }
            var labels = new int[SENTENCES];
            Arrays.fill(labels, 1);
            results.add(Result.of("movies", features, false, labels, predictions));
        }
        return results;
    }

    private static TaskResults movies(double quad, double conditionalMean, double crossEntropy, double reinitialised) {
        var all = new ArrayList<Result>();
        all.addAll(runs("f (Quad)", quad, RUNS));
        all.addAll(runs("Φp_f (cross-entropy)", conditionalMean, RUNS));
        all.addAll(runs("f (cross-entropy)", crossEntropy, RUNS));
        all.addAll(runs("f (re-initialised)", reinitialised, RUNS));
        all.addAll(runs("f (untrained)", 0.55, RUNS));
        all.addAll(runs("f (untouched)", crossEntropy, 1));
        all.addAll(runs(BagOfWords.LABEL, 0.65, 1));
        return new TaskResults("movies", List.of(), Map.of()).with(all.toArray(Result[]::new));
    }

    private static Verdict verdict(String id, TaskResults results) {
        var claims = Claims.of("04-quad-objective", Workspace.current(), subject -> "not planted");
        claims.evaluate(results);
        return claims.verdicts().entrySet().stream()
                .filter(entry -> entry.getKey().claim().id().equals(id)
                        && entry.getKey().subject().equals("movies"))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    @Test
    void asGoodAndAboveAllControlsIsHeld() {
        var results = movies(0.85, 0.85, 0.86, 0.70);
        assertInstanceOf(Verdict.Held.class, verdict("quad-near-phi-p", results));
        assertInstanceOf(Verdict.Held.class, verdict("quad-near-f", results));
        assertInstanceOf(Verdict.Held.class, verdict("quad-learns", results));
        assertInstanceOf(Verdict.Held.class, verdict("cross-entropy-learns", results));
    }

    @Test
    void farBehindIsRefuted() {
        var results = movies(0.78, 0.88, 0.90, 0.70);
        assertInstanceOf(Verdict.Refuted.class, verdict("quad-near-phi-p", results));
        assertInstanceOf(Verdict.Refuted.class, verdict("quad-near-f", results));
    }

    @Test
    void onTheThresholdIsUndecided() {
        var results = movies(0.82, 0.85, 0.87, 0.70);
        assertInstanceOf(Verdict.Undecided.class, verdict("quad-near-phi-p", results));
        assertInstanceOf(Verdict.Undecided.class, verdict("quad-near-f", results));
    }

    /** As on the rows of the first runs: random blocks do as well, so nothing was learned that the task needs. */
    @Test
    void whatRandomBlocksDoAsWellIsNotTested() {
        var results = movies(0.85, 0.85, 0.86, 0.85);
        var near = assertInstanceOf(Verdict.NotTested.class, verdict("quad-near-phi-p", results));
        assertTrue(near.why().contains("f (re-initialised)"), near.why());
        assertInstanceOf(Verdict.NotTested.class, verdict("quad-near-f", results));
        assertInstanceOf(Verdict.Undecided.class, verdict("quad-learns", results));
    }

    @Test
    void whatTheWordsAloneDoAsWellIsNotTested() {
        var results = movies(0.65, 0.65, 0.66, 0.56);
        var near = assertInstanceOf(Verdict.NotTested.class, verdict("quad-near-phi-p", results));
        assertTrue(near.why().contains(BagOfWords.LABEL), near.why());
        assertInstanceOf(Verdict.NotTested.class, verdict("quad-learns", results));
    }

    @Test
    void theFigureHasAPointForEachRunAndALineForEachControl() {
        var results = movies(0.8, 0.85, 0.86, 0.7);
        var chart = RunsFigure.of(
                "Quad",
                List.of(results),
                List.of("f (cross-entropy)", "f (Quad)"),
                List.of("f (re-initialised)", BagOfWords.LABEL));
        var series = chart.getSeriesMap();
        assertEquals(RUNS, series.get("f (Quad)").getXData().length);
        var expected = results.result("f (Quad)", false).runAccuracies();
        for (int run = 0; run < RUNS; run++) {
            assertEquals(100 * expected[run], series.get("f (Quad)").getYData()[run], 1e-12);
        }
        double line =
                100 * results.result("f (re-initialised)", false).accuracy().value();
        assertEquals(line, series.get("f (re-initialised)").getYData()[0], 1e-12);
        assertTrue(series.containsKey(BagOfWords.LABEL));
    }

    @Test
    void resultsAreNamedForWhatTrainedThemAndRunsAdded() {
        var once = new TaskResults("movies", runs("f", 0.8, 1), Map.of()).by("Quad");
        var again = new TaskResults("movies", runs("f", 0.8, 2).subList(1, 2), Map.of()).by("Quad");
        var both = once.and(again);
        assertEquals(2, both.result("f (Quad)", false).runAccuracies().length);
        assertTrue(both.as("f (Quad)", "f (re-initialised)").has("f (re-initialised)", false));
    }
}
