package org.whylm.train;

import java.nio.file.Path;
import java.util.List;

/**
 * Where a run stands.
 *
 * @param data SHA-256 of the training data
 * @param losses of the updates done
 */
record TrainingState(TrainingConfig config, String data, List<Double> losses) {

    TrainingState {
        losses = List.copyOf(losses);
    }

    /** @throws IllegalArgumentException if another run would go on from here */
    void requireSame(Path directory, TrainingState other) {
        if (!config.equals(other.config)) {
            throw new IllegalArgumentException(
                    "The run in " + directory + " has other settings: " + config + ", asked for were " + other.config);
        }
        if (!data.equals(other.data)) {
            throw new IllegalArgumentException(
                    "The run in " + directory + " was on other data: SHA-256 " + data + ", given were " + other.data);
        }
    }
}
