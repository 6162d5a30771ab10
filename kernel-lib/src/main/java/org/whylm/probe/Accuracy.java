package org.whylm.probe;

/**
 * The share of examples that a classifier labels correctly, with Wilson's score interval (E. B. Wilson, 1927), which stays
 * inside [0,1] and is sound for small samples and for shares near 0 and 1.
 *
 * @param correct how many examples were labelled correctly
 * @param total how many there were
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

    /** The share of correct labels, in [0,1]. */
    public double value() {
        return (double) correct / total;
    }

    /** Lower end of the 95% interval. */
    public double low() {
        return correct == 0 ? 0 : centre() - halfWidth();
    }

    /** Upper end of the 95% interval. */
    public double high() {
        return correct == total ? 1 : centre() + halfWidth();
    }

    private double centre() {
        return (correct + Z * Z / 2) / (total + Z * Z);
    }

    private double halfWidth() {
        return Z / (total + Z * Z) * Math.sqrt((double) correct * (total - correct) / total + Z * Z / 4);
    }
}
