package org.whylm.spark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureStore;
import org.whylm.lm.LanguageModels;

/**
 * What a job on {@code local[1]} takes beyond the local extractor, turn by turn in one process: {@code MODEL SENTENCES ROUNDS}. A job
 * loads the model once more, for the plan; the time of a loading is measured beside it and taken off.
 */
final class OverheadBenchmark {

    private static final String PROMPT = " This movie is";

    private OverheadBenchmark() {}

    @FunctionalInterface
    private interface Work {
        void run(Path store);
    }

    public static void main(String[] arguments) throws Exception {
        var location = arguments[0];
        var texts = Stores.texts(Integer.parseInt(arguments[1]));
        int rounds = Integer.parseInt(arguments[2]);
        var conf = new SparkConf()
                .setMaster("local[1]")
                .setAppName("overhead")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1");
        var seconds = new double[3][rounds];
        int threads = Runtime.getRuntime().availableProcessors();
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        try (var spark = new JavaSparkContext(conf);
                var model = LanguageModels.load(location)) {
            Work local = store -> new FeatureExtractor(model, new FeatureStore(store), FeatureExtractor.TRUNCATION)
                    .features(texts, PROMPT);
            Work job = store -> new ExtractionJob(spark, store.toString(), threads, 0)
                    .run(List.of(ModelSource.of(location)), texts, new ExtractionJob.Reading(PROMPT, List.of()));
            Work loading = store -> LanguageModels.load(location).close();
            new ExtractionJob(spark, Files.createTempDirectory("whylm").toString(), threads, 0)
                    .run(
                            List.of(ModelSource.of(location)),
                            texts.subList(0, 2),
                            new ExtractionJob.Reading(PROMPT, List.of()));
            for (int round = 0; round < rounds; round++) {
                for (int turn = 0; turn < 3; turn++) {
                    int which = (turn + round) % 3;
                    seconds[which][round] = seconds(List.of(local, job, loading).get(which));
                }
                seconds[1][round] -= seconds[2][round];
                System.out.printf(
                        Locale.ROOT,
                        "round %d: extractor %.1f s, job %.1f s (a loading, %.1f s, taken off)%n",
                        round + 1,
                        seconds[0][round],
                        seconds[1][round],
                        seconds[2][round]);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%d texts, %d rounds, medians: extractor %.1f s, job %.1f s: %+.1f %%%n",
                texts.size(),
                rounds,
                median(seconds[0]),
                median(seconds[1]),
                100 * (median(seconds[1]) / median(seconds[0]) - 1));
    }

    private static double seconds(Work work) throws Exception {
        var store = Files.createTempDirectory("whylm-overhead");
        try {
            long start = System.nanoTime();
            work.run(store);
            return (System.nanoTime() - start) / 1e9;
        } finally {
            FileUtil.fullyDelete(store.toFile());
        }
    }

    private static double median(double[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length % 2 == 1
                ? sorted[sorted.length / 2]
                : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
    }
}
