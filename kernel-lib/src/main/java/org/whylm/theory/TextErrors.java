package org.whylm.theory;

import java.util.Arrays;
import org.whylm.statistics.Statistic;

/**
 * How far predictions at contexts are from the truth, summed over the contexts of each text: texts are independent, the contexts
 * of one are not, so intervals resample texts.
 *
 * @param error a number a text: {@code Σ (predicted - true)²}
 * @param spread a number a text: {@code Σ (true - mean)²}, the mean being that of all contexts
 */
public record TextErrors(double[] error, double[] spread) {

    /** Squared errors below this part of the spread are rounding: there is nothing left to explain. */
    private static final double ROUNDING = 1e-6;

    /**
     * @param error {@code n}, of each context
     * @param spread {@code n}, of each context
     * @param text {@code n}: which text each context is from
     */
    static TextErrors of(double[] error, double[] spread, int[] text) {
        var texts = Arrays.stream(text).distinct().sorted().toArray();
        var sums = new TextErrors(new double[texts.length], new double[texts.length]);
        for (int i = 0; i < text.length; i++) {
            int at = Arrays.binarySearch(texts, text[i]);
            sums.error[at] += error[i];
            sums.spread[at] += spread[i];
        }
        return sums;
    }

    /**
     * {@code R² = 1 - Σ error / Σ spread}, the share of the variance that is explained; negative if the mean would do better. With a
     * percentile bootstrap interval over the texts.
     */
    public Statistic r2(long seed) {
        return Statistic.ofMeans(new double[][] {error, spread}, means -> 1 - means[0] / means[1], seed);
    }

    /** R² less that of another prediction of the same values, paired. */
    public Statistic gainOver(TextErrors other, long seed) {
        return Statistic.ofMeans(
                new double[][] {error, other.error, spread}, means -> (means[1] - means[0]) / means[2], seed);
    }

    /**
     * The share of another prediction's squared errors that this one is rid of, paired: 1 if it is exact, 0 if it is no better, or if
     * the other one is exact up to rounding.
     */
    public Statistic shareBeyond(TextErrors other, long seed) {
        return Statistic.ofMeans(
                new double[][] {error, other.error, spread},
                means -> (means[1] - means[0]) / Math.max(means[1], ROUNDING * means[2]),
                seed);
    }
}
