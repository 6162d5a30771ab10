package org.whylm.report;

import java.util.ArrayList;
import java.util.List;
import org.whylm.probe.ProbeResult;
import org.whylm.probe.SplitResults;

/**
 * A row of a table of accuracies: a task, read in one way.
 *
 * @param name what the table calls it
 * @param prompted whether the row is about features read behind the prompt
 * @param results of the task
 */
public record AccuracyRow(String name, boolean prompted, SplitResults results) {

    /** The rows of a task: without the prompt and, marked {@code *}, with it where it has one. */
    public static List<AccuracyRow> of(SplitResults results) {
        var rows = new ArrayList<AccuracyRow>();
        rows.add(new AccuracyRow(results.task(), false, results));
        if (results.splits().get(0).results().stream().anyMatch(ProbeResult::prompted)) {
            rows.add(new AccuracyRow(results.task() + "*", true, results));
        }
        return rows;
    }

    /** The kinds of features that the row has, by their labels. */
    List<String> kinds() {
        return results.splits().get(0).results().stream()
                .filter(result -> result.prompted() == prompted)
                .map(result -> result.features().label())
                .toList();
    }
}
