package org.whylm.statistics;

/**
 * The share of examples that a classifier labels correctly, with Wilson's score interval (E. B. Wilson, 1927), which stays
 * inside [0,1] and is sound for small samples and for shares near 0 and 1.
 */
public record Accuracy(int correct, int total) {

    /** The quantile of the standard normal distribution that leaves 2.5% on either side. */
    private static final double Z = 1.959963984540054;

    /** @throws IllegalArgumentException unless {@code 0 ≤ correct ≤ total} and {@code total > 0} */
    public Accuracy {
        if (total <= 0 || correct < 0 || correct > total) {
            throw new IllegalArgumentException("An accuracy of " + correct + " correct of " + total
                    + ": needs at least one example, and between none and all of them correct");
        }
    }

    /** The accuracy of a classifier, by what it predicts. */
    public static Accuracy of(int[] predictions, int[] labels) {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += predictions[i] == labels[i] ? 1 : 0;
        }
        return new Accuracy(right, labels.length);
    }

    /** The share of correct labels, in [0,1]. */
    public double value() {
        return (double) correct / total;
    }

    /** Lower end of the 95% interval. */
    public double low() {
        return low(Z);
    }

    /** Upper end of the 95% interval. */
    public double high() {
        return high(Z);
    }

    /** Lower end of the interval that a quantile {@code z} of the standard normal distribution gives. */
    double low(double z) {
        return correct == 0 ? 0 : centre(z) - halfWidth(z);
    }

    double high(double z) {
        return correct == total ? 1 : centre(z) + halfWidth(z);
    }

    private double centre(double z) {
        return (correct + z * z / 2) / (total + z * z);
    }

    private double halfWidth(double z) {
        return z / (total + z * z) * Math.sqrt((double) correct * (total - correct) / total + z * z / 4);
    }
}
