package org.whylm.train;

/**
 * How a learning rate moves over a run: it rises linearly to its highest, then falls along half a cosine to 0.
 *
 * @param steps updates in all
 * @param warmUp updates over which it rises
 */
record Schedule(int steps, int warmUp) {

    /**
     * The rate of an update.
     *
     * @param highest the highest rate
     * @param step counted from 0
     */
    double rate(double highest, int step) {
        if (step < warmUp) {
            return highest * (step + 1) / warmUp;
        }
        double done = (double) (step - warmUp) / Math.max(1, steps - warmUp);
        return highest * (1 + Math.cos(Math.PI * done)) / 2;
    }
}
