package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.run.Workspace;
import org.whylm.statistics.Statistic;
import org.whylm.theory.Bound;
import org.whylm.theory.MeasuredBound;
import org.whylm.theory.StatementCheck;

/** What the tables and figures of the theory show. */
class TheoryReportTest {

    @Test
    void checksShowSlackOrGap() {
        var table = TheoryReport.checks(
                "checks",
                List.of(
                        new StatementCheck("equal", StatementCheck.Kind.EQUALITY, 10, 0, 3e-12),
                        new StatementCheck("below", StatementCheck.Kind.INEQUALITY, 10, 2, -0.01234)));
        assertEquals("""
                statement,instances,violations,least slack,gap below 10^
                equal,10,0,,-11
                below,10,2,-0.012,
                """, table.toCsv());
    }

    @Test
    void measuredBoundsShowWhereTheyEnd() {
        var table = TheoryReport.measured("real", Map.of("T1", new MeasuredBound(0.45678, 100, Math.log(2))));
        // log10((log 2)² / (2·100²)) = -4.6194
        assertEquals("""
                classifier,loss of p_f,chance,B,log10 ε/γ below
                T1,0.4568,0.6931,100,-4.6
                """, table.toCsv());
    }

    @Test
    void simplexPlacesTheWordsAtTheCorners() {
        var corners = new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        var chart = TheoryReport.simplex("words", List.of("a", "b", "c"), Map.of(), List.of(), Map.of("p", corners));
        assertArrayEquals(
                new double[] {0, 1, 0.5}, chart.getSeriesMap().get("p").getXData(), 1e-15);
        assertArrayEquals(
                new double[] {0, 0, Math.sqrt(3) / 2},
                chart.getSeriesMap().get("p").getYData(),
                1e-15);
    }

    @Test
    void simplexRefusesWhatIsNotInItsPlane() {
        var outside = Map.of("p", new double[][] {{0.5, 0.5, 0.5}});
        assertThrows(
                IllegalArgumentException.class,
                () -> TheoryReport.simplex("words", List.of("a", "b", "c"), Map.of(), List.of(), outside));
    }

    /** A logarithmic axis has no place for 0: such points are left out, the others stay. */
    @Test
    void logarithmicFiguresLeaveOutZeros() {
        var bounds = List.of(new Bound(0.5, 0.1, 1, 0.5, 1), new Bound(0, 0, 1, 0.5, 1), new Bound(0.2, 0.2, 1, 0, 1));
        var chart = TheoryReport.lossAgainstBound("losses", Map.of("T1", bounds));
        assertArrayEquals(
                new double[] {1.1, 0.2}, chart.getSeriesMap().get("T1").getXData(), 1e-12);
        assertArrayEquals(
                new double[] {0.5, 0.2}, chart.getSeriesMap().get("T1").getYData(), 1e-12);
        var transfer = TheoryReport.transfer("transfer", Map.of("T1", bounds));
        assertArrayEquals(new double[] {1}, transfer.getSeriesMap().get("T1").getXData(), 1e-12);
    }

    /** The run's own table goes before the expected one; Quad's losses are of another objective. */
    @Test
    void furtherTrainingBoundsTheExcessFromBelow(@TempDir Path folder) throws IOException {
        var workspace = new Workspace(folder);
        assertEquals(Optional.empty(), TheoryReport.gainOfFurtherTraining(workspace, "quick"));
        var expected = folder.resolve("expected/quick/table-2-losses.csv");
        Files.createDirectories(expected.getParent());
        Files.writeString(
                expected, "objective,seed,before,after\ncross-entropy,1,5,4.5\ncross-entropy,2,5,4.25\nQuad,1,5,1\n");
        var gain = TheoryReport.gainOfFurtherTraining(workspace, "quick").orElseThrow();
        assertEquals(0.625, gain.value(), 1e-12);
        assertEquals(0.625 + 12.7062 * 0.125, gain.high(), 1e-4, "Student's t of one degree of freedom at 97.5%");
        gain = Statistic.between(0.625, 0.5, 0.75);
        var bound = new MeasuredBound(0.5, 100, Math.log(2));
        assertEquals(
                100 * Math.sqrt(2 * 0.5) - Math.log(2), bound.aboveChance(gain).low(), 1e-12);

        var small = new MeasuredBound(0.69, 1e-6, Math.log(2)).aboveChance(gain);
        assertTrue(small.low() > 0 && small.low() < 1e-6, "no classifier will do from 1/8 on: " + small);

        var own = folder.resolve("build/tables/quick/table-2-losses.csv");
        Files.createDirectories(own.getParent());
        Files.writeString(own, "objective,seed,before,after\ncross-entropy,1,5,4\n");
        assertEquals(
                Optional.empty(),
                TheoryReport.gainOfFurtherTraining(workspace, "quick"),
                "the run's own table has one run: no interval");
    }
}
