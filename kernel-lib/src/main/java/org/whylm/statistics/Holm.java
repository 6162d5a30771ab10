package org.whylm.statistics;

import org.whylm.run.Matrices;

/** S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979). */
public final class Holm {

    private Holm() {}

    /** The p-values of a family of tests, adjusted so that each may be compared with the level of the whole family. */
    public static double[] adjusted(double... p) {
        var adjusted = new double[p.length];
        var order = Matrices.order(p.length, test -> p[test]);
        double largest = 0;
        for (int rank = 0; rank < p.length; rank++) {
            int test = order[rank];
            largest = Math.max(largest, Math.min(1, (p.length - rank) * p[test]));
            adjusted[test] = largest;
        }
        return adjusted;
    }
}
