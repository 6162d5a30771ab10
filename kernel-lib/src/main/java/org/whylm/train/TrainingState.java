package org.whylm.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Where a run stands.
 *
 * @param data SHA-256 of the training data
 * @param losses of the updates done
 */
record TrainingState(TrainingConfig config, String data, List<Double> losses) {

    TrainingState {
        Objects.requireNonNull(config, "no config");
        Objects.requireNonNull(data, "no data");
        losses = List.copyOf(losses);
    }

    void requireSame(Path directory, TrainingConfig otherConfig, String otherData) {
        if (!config.equals(otherConfig)) {
            throw new IllegalArgumentException(
                    "The run in " + directory + " has other settings: " + config + ", asked for were " + otherConfig);
        }
        if (!data.equals(otherData)) {
            throw new IllegalArgumentException(
                    "The run in " + directory + " was on other data: SHA-256 " + data + ", given were " + otherData);
        }
    }
}
