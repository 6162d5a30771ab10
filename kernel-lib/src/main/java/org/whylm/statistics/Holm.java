package org.whylm.statistics;

import java.util.Comparator;
import java.util.stream.IntStream;

/** S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979). */
public final class Holm {

    private Holm() {}

    /** The p-values of a family of tests, adjusted so that each may be compared with the level of the whole family. */
    public static double[] adjusted(double... p) {
        var adjusted = new double[p.length];
        var order = IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.comparingDouble(test -> p[test]))
                .toList();
        double largest = 0;
        for (int rank = 0; rank < p.length; rank++) {
            int test = order.get(rank);
            largest = Math.max(largest, Math.min(1, (p.length - rank) * p[test]));
            adjusted[test] = largest;
        }
        return adjusted;
    }
}
