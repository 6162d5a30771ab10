package org.whylm.lm;

/**
 * How a model attends.
 *
 * @param heads of queries, {@code H}
 * @param keyHeads heads of keys and values, {@code K}; divides {@code heads}
 * @param width dimension of one head, {@code h}
 * @param scale of the products of queries and keys
 */
record Heads(int heads, int keyHeads, int width, double scale) {

    Heads(int heads, int keyHeads, int width) {
        this(heads, keyHeads, width, 1 / Math.sqrt(width));
    }

    /** Each with keys and values of its own, that share the components of the states among them. */
    static Heads sharing(int dimension, int heads) {
        return new Heads(heads, heads, dimension / heads);
    }

    /** How many query heads share a head of keys and values, {@code H/K}. */
    int group() {
        return heads / keyHeads;
    }

    /** The same, with products divided by the root of another number than the width. */
    Heads scaled(double divisor) {
        return new Heads(heads, keyHeads, width, 1 / Math.sqrt(divisor));
    }

    /** @throws UnsupportedModelException if the sizes do not fit together */
    Heads checked(Settings settings) {
        if (heads % keyHeads != 0 || width % 2 != 0 || (heads + 2L * keyHeads) * width > Integer.MAX_VALUE) {
            throw settings.unsupported(heads + " heads for " + keyHeads + " heads of keys and values, each of " + width
                    + " components: the second number must divide the first, the third be even");
        }
        return this;
    }
}
