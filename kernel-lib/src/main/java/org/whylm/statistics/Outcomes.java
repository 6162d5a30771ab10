package org.whylm.statistics;

import java.util.List;
import java.util.stream.Stream;

/**
 * Which examples of one test set a classifier gets right, and how that varies with what it was trained on.
 *
 * @param runs for each training run, which examples are right: several where the features themselves were trained from several
 *     seeds, one otherwise
 * @param draws the same of classifiers trained on redrawn training sets; none if that was not tried
 */
public record Outcomes(List<boolean[]> runs, List<boolean[]> draws) {

    /** @throws IllegalArgumentException if there is no run, or the numbers of examples differ or are zero */
    public Outcomes {
        runs = List.copyOf(runs);
        draws = List.copyOf(draws);
        if (runs.isEmpty()) {
            throw new IllegalArgumentException("Outcomes of no classifier");
        }
        int n = runs.get(0).length;
        if (n == 0 || Stream.concat(runs.stream(), draws.stream()).anyMatch(each -> each.length != n)) {
            throw new IllegalArgumentException("Outcomes need the same examples in each run and draw, at least one");
        }
    }

    /** Outcomes of one classifier. */
    public static Outcomes of(boolean[] correct) {
        return new Outcomes(List.of(correct), List.of());
    }

    int examples() {
        return runs.get(0).length;
    }

    /** For each example, the share of the runs that get it right, {@code n}. */
    double[] scores() {
        var scores = new double[examples()];
        for (var run : runs) {
            for (int i = 0; i < scores.length; i++) {
                scores[i] += run[i] ? 1 : 0;
            }
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] /= runs.size(); // fifty times 1/50 is more than 1
        }
        return scores;
    }

    /** The same under a draw of the training set; what was not redrawn stays as it is. */
    double[] scores(int draw) {
        return draws.isEmpty() ? scores() : of(draws.get(draw)).scores();
    }

    /** The same for some of the examples, by their index. */
    Outcomes on(int[] rows) {
        return new Outcomes(
                runs.stream().map(run -> select(run, rows)).toList(),
                draws.stream().map(draw -> select(draw, rows)).toList());
    }

    private static boolean[] select(boolean[] all, int[] rows) {
        var some = new boolean[rows.length];
        for (int i = 0; i < rows.length; i++) {
            some[i] = all[rows[i]];
        }
        return some;
    }
}
