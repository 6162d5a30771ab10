package org.whylm.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Reading;

/** Tokens a second of {@code f} and of {@code f} with {@code Φp_f}, by batch size, for the default model. */
final class ForwardBenchmark {

    private static final int LENGTH = 32;
    private static final int REPETITIONS = 5;

    private ForwardBenchmark() {}

    public static void main(String[] arguments) {
        try (var model = LanguageModels.load("smollm2")) {
            for (int budget : new int[] {256, 512, 1024, 2048, 4096}) {
                System.out.printf(
                        "%5d tokens a batch: f %6.0f tokens/s, f and two read-outs a text %6.0f tokens/s%n",
                        budget, tokensPerSecond(model, budget, false), tokensPerSecond(model, budget, true));
            }
        }
    }

    private static double tokensPerSecond(LanguageModel model, int budget, boolean readOut) {
        var random = new Random(1);
        var readings = new ArrayList<Reading>();
        for (int text = 0; text < budget / LENGTH; text++) {
            var ids = random.ints(LENGTH, 0, model.vocabularySize()).toArray();
            readings.add(new Reading(ids, new int[] {LENGTH - 4, LENGTH - 1}));
        }
        var seconds = new double[REPETITIONS + 1];
        for (int repetition = 0; repetition <= REPETITIONS; repetition++) {
            long start = System.nanoTime();
            var states = model.hiddenStates(readings);
            if (readOut) {
                model.outputEmbeddings()
                        .predict(states.stream().flatMap(Arrays::stream).toArray(float[][]::new));
            }
            seconds[repetition] = (System.nanoTime() - start) / 1e9;
        }
        var counted = Arrays.copyOfRange(seconds, 1, seconds.length);
        Arrays.sort(counted);
        return budget / counted[REPETITIONS / 2];
    }
}
