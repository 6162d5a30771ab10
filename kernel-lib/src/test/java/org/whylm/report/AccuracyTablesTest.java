package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.whylm.probe.Result;
import org.whylm.probe.TaskResults;

class AccuracyTablesTest {

    private static Result result(String features, boolean prompted, int right, int n, int draws) {
        var labels = new int[n];
        Arrays.fill(labels, 1);
        var predictions = new int[n];
        Arrays.fill(predictions, 0, right, 1);
        var drawn = new int[draws][];
        for (int b = 0; b < draws; b++) {
            drawn[b] = new int[n];
            Arrays.fill(drawn[b], 0, right - b, 1);
        }
        var split = new Result.Split(labels, List.of(predictions), List.of(drawn), Optional.empty());
        return new Result("t", features, prompted, 0, List.of(split));
    }

    private static final TaskResults RESULTS = new TaskResults(
                    "t",
                    List.of(
                            result("f", false, 8, 10, 2),
                            result("f", true, 9, 10, 2),
                            result("FT", false, 3, 4, 0),
                            result(TaskResults.CHANCE, false, 5, 10, 0)),
                    Map.of())
            .with(result("f", true, 7, 10, 0));

    @Test
    void rowsAreTasksAndColumnsAreFeatures() {
        assertEquals(
                "task,f,FT,chance\nt,80,75,50\nt*,80,,50\n",
                AccuracyTables.paperLayout("t", List.of(RESULTS)).toCsv());
    }

    /** A test set of fewer sentences has its own rows; runs and draws have columns of their own. */
    @Test
    void predictionsOfEverySentenceStandBesideTheDetails() {
        var table = AccuracyTables.details("t", List.of(RESULTS));
        var lines = table.beside().get("predictions").split("\n");
        assertEquals("task,split,sentence,label,f,f~1,f~2,f*,f*#2,f*~1,f*~2,chance,FT", lines[0]);
        assertEquals(1 + 10 + 4, lines.length);
        assertEquals("t,1,8,1,1,1,0,1,0,1,1,0,", lines[8]);
        assertEquals("t,1,4,1,,,,,,,,,0", lines[14]);
        assertTrue(table.toCsv().contains("t,yes,f,,,,,80,"), table.toCsv());
    }
}
