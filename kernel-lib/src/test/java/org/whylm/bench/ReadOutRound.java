package org.whylm.bench;

import org.whylm.lm.MadeUpEmbeddings;

/** {@code Φp_f} and {@code log Z} of the rows of {@code states}, with the rows of {@code phi}, both of {@code d} columns. */
final class ReadOutRound implements Rounds.Round {

    private final MadeUpEmbeddings embeddings;
    private final float[][] states;

    ReadOutRound(Arguments arguments) {
        embeddings = MadeUpEmbeddings.of(arguments.floats("phi", arguments.number("d")));
        states = arguments.floats("states", arguments.number("d"));
    }

    @Override
    public double[] get() {
        var prediction = embeddings.get().predict(states);
        var head = Arguments.head(prediction.conditionalMean()[0]);
        head[0] = prediction.logPartition()[0];
        return head;
    }

    @Override
    public void close() {
        embeddings.close();
    }
}
