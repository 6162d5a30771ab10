package org.whylm.features;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.whylm.lm.OutputEmbeddings;

/**
 * Features at every token of some texts.
 *
 * @param features one row a token, text after text: {@code n} rows in all
 * @param text {@code n}: the index of the text that each row is from
 */
public record TokenContexts(Features features, int[] text) {

    static TokenContexts of(OutputEmbeddings phi, float[][][] states, OutputEmbeddings.Prediction[] predictions) {
        var f = Arrays.stream(states).flatMap(Arrays::stream).toArray(float[][]::new);
        var conditionalMean = Arrays.stream(predictions)
                .flatMap(prediction -> Arrays.stream(prediction.conditionalMean()))
                .toArray(float[][]::new);
        var logPartition = new float[f.length];
        int at = 0;
        for (var prediction : predictions) {
            System.arraycopy(prediction.logPartition(), 0, logPartition, at, prediction.logPartition().length);
            at += prediction.logPartition().length;
        }
        var text = IntStream.range(0, states.length)
                .flatMap(index -> IntStream.generate(() -> index).limit(states[index].length))
                .toArray();
        return new TokenContexts(new Features(phi, f, conditionalMean, logPartition), text);
    }
}
