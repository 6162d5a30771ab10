package org.whylm.spark;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.whylm.features.ExtractionPlan;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureStore;
import org.whylm.lm.LanguageModel;
import org.whylm.run.Sha256;

/**
 * Extracts the features of texts from one model after another. The driver makes the plan, whole and before anything is computed, and
 * records it in the store; a job that is started again takes the recorded plan and computes the shards that are not committed.
 */
final class ExtractionJob {

    /**
     * What is read of each text.
     *
     * @param prompt what follows it; empty for the text alone
     * @param prefixes read after these many tokens instead; empty for whole texts
     */
    record Reading(String prompt, List<Integer> prefixes) {}

    /** What became of a job: shards computed now, and shards that a job before had committed. */
    record Outcome(int computed, int kept, long tokens) {

        Outcome and(Outcome other) {
            return new Outcome(computed + other.computed, kept + other.kept, tokens + other.tokens);
        }
    }

    /** A shard on its way to an executor. */
    private record Work(ModelSource model, String plan, ExtractionPlan.Shard shard) implements Serializable {}

    private final JavaSparkContext spark;
    private final String store;
    private final int threads;
    private final int partitions;

    /**
     * @param store the folder of the features
     * @param threads of the tensor engine in each executor
     * @param partitions tasks of a job; 0 for one a shard
     */
    ExtractionJob(JavaSparkContext spark, String store, int threads, int partitions) {
        this.spark = spark;
        this.store = store;
        this.threads = threads;
        this.partitions = partitions;
    }

    /** Computes what the store lacks of all texts from all models, as one job. */
    Outcome run(List<ModelSource> models, List<String> texts, Reading reading) {
        var target = new SharedStore(store, spark.hadoopConfiguration());
        var work = new ArrayList<Work>();
        for (var model : models) {
            work.addAll(plan(model, texts, reading, target));
        }
        if (work.isEmpty()) {
            return new Outcome(0, 0, 0);
        }
        long all = work.stream().mapToLong(w -> w.shard().tokens()).sum();
        var tokens = spark.sc().longAccumulator("tokens read");
        var settings = new SerializableConfiguration(spark.hadoopConfiguration());
        var location = store;
        int engineThreads = threads;
        var lines = new ProgressLines(tokens, all);
        try {
            var computed = spark.parallelize(work, partitions > 0 ? Math.min(partitions, work.size()) : work.size())
                    .map(shard -> compute(shard, location, engineThreads, tokens, settings.value()))
                    .collect();
            int count = (int) computed.stream().filter(done -> done).count();
            return new Outcome(count, work.size() - count, tokens.value());
        } finally {
            lines.stop();
            work.stream().map(Work::plan).distinct().forEach(target::sweep);
        }
    }

    private static boolean compute(Work work, String store, int threads, LongAccumulator tokens, Configuration hadoop) {
        var target = new SharedStore(store, hadoop);
        if (target.isCommitted(work.plan(), work.shard())) {
            return false;
        }
        var context = TaskContext.get();
        var segments = LoadedModel.compute(
                work.model(),
                threads,
                work.shard(),
                batch -> {
                    context.killTaskIfInterrupted();
                    tokens.add(batch);
                },
                hadoop);
        target.commit(work.plan(), work.shard().index(), segments);
        return true;
    }

    private List<Work> plan(ModelSource source, List<String> texts, Reading reading, SharedStore target) {
        try (var model = source.load(spark.hadoopConfiguration())) {
            var name = name(model.sha256(), texts, reading);
            var recorded = target.plan(name);
            var plan = recorded.flatMap(lines -> again(model, texts, reading, lines));
            if (plan.isEmpty()) {
                if (recorded.isPresent()) {
                    System.err.println(
                            "whylm-spark: the plan " + name + " in the store is damaged, or another version's:"
                                    + " what the store lacks is planned anew");
                    target.forget(name);
                }
                plan = Optional.of(plan(model, texts, reading, target::has));
                if (!plan.get().shards().isEmpty()) {
                    target.record(name, PlanRecord.lines(plan.get()));
                }
            }
            var known = new ModelSource(source.location(), model.sha256());
            return plan.get().shards().stream()
                    .map(shard -> new Work(known, name, shard))
                    .toList();
        }
    }

    /** The plan that was recorded, if these texts give it. */
    private static Optional<ExtractionPlan> again(
            LanguageModel model, List<String> texts, Reading reading, List<String> recorded) {
        var lacking = PlanRecord.lacking(recorded);
        var plan = plan(model, texts, reading, (key, hash) -> !lacking.contains(PlanRecord.feature(key, hash)));
        return Optional.of(plan).filter(same -> PlanRecord.lines(same).equals(recorded));
    }

    private static ExtractionPlan plan(
            LanguageModel model, List<String> texts, Reading reading, BiPredicate<FeatureStore.Key, String> stored) {
        var extractor = new FeatureExtractor(model, new FeatureStore(Path.of("")), FeatureExtractor.TRUNCATION);
        return reading.prefixes().isEmpty()
                ? extractor.plan(texts, reading.prompt(), stored)
                : extractor.planPrefixes(
                        texts,
                        stored,
                        reading.prefixes().stream().mapToInt(length -> length).toArray());
    }

    private static String name(String model, List<String> texts, Reading reading) {
        return Sha256.of(model + "\n" + reading + "\n"
                        + String.join("\n", texts.stream().map(Sha256::of).toList()))
                .substring(0, 24);
    }
}
