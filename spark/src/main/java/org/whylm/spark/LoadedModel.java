package org.whylm.spark;

import java.util.List;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.whylm.features.ExtractionPlan;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureSegment;
import org.whylm.lm.LanguageModel;

/** The one model that an executor's JVM holds: loaded by the first task that needs it, closed by the first that needs another. */
final class LoadedModel {

    private static ModelSource source;
    private static LanguageModel model;

    private LoadedModel() {}

    /** Computes a shard. One at a time: a pass over the model uses all threads of the engine. */
    static synchronized List<FeatureSegment> compute(
            ModelSource wanted, int threads, ExtractionPlan.Shard shard, LongConsumer progress, Configuration hadoop) {
        if (!wanted.equals(source)) {
            if (model != null) {
                model.close();
                model = null;
                source = null;
            }
            System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
            model = wanted.load(hadoop);
            source = wanted;
        }
        return FeatureExtractor.compute(model, shard, progress);
    }
}
