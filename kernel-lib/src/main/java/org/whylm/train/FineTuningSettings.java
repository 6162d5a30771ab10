package org.whylm.train;

import com.google.gson.JsonObject;
import java.util.List;
import org.whylm.data.TaskSize;
import org.whylm.run.RecordJson;

/**
 * Fine-tuning with a linear classification head.
 *
 * @param tasks those of Table 1 that the model is fine-tuned for, each with its own limits
 * @param prompted names of those of them for which it is fine-tuned on texts and prompt too
 * @param blocks the last blocks that are trained, with the final norm; {@link Integer#MAX_VALUE}: the whole model, its input
 *     embeddings included
 * @param config the other keys: those of {@link FineTuningConfig} but clip, which is 1, and seed
 */
public record FineTuningSettings(List<TaskSize> tasks, List<String> prompted, int blocks, JsonObject config) {

    private static final double CLIP = 1;

    /** @throws IllegalArgumentException if a key is too many or too few, or a value is outside its range */
    public FineTuningSettings {
        config(config, 0);
    }

    /**
     * How a model is fine-tuned by these settings.
     *
     * @param seed of every random draw
     */
    public FineTuningConfig config(long seed) {
        return config(config, seed);
    }

    private static FineTuningConfig config(JsonObject config, long seed) {
        if (config.has("clip") || config.has("seed")) {
            throw new IllegalArgumentException("unknown key clip or seed: neither is a setting");
        }
        var keys = config.deepCopy();
        keys.addProperty("clip", CLIP);
        keys.addProperty("seed", seed);
        return RecordJson.read(keys, FineTuningConfig.class, "fineTuning");
    }
}
