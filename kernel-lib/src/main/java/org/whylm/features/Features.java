package org.whylm.features;

import java.util.Locale;
import java.util.function.Consumer;
import org.whylm.lm.OutputEmbeddings;
import org.whylm.run.Matrices;

/**
 * What a language model knows about {@code n} texts, read at each text's last token (or at the last token of text and prompt).
 *
 * @param outputEmbeddings {@code Φ}; valid until its model is closed
 * @param f hidden states {@code f(s)}, {@code n×d}
 * @param conditionalMean {@code Φp_f(s)}, {@code n×d}
 * @param logPartition {@code log Z_f(s)}, {@code n}, in nats
 */
public record Features(
        OutputEmbeddings outputEmbeddings, float[][] f, float[][] conditionalMean, float[] logPartition) {

    /** Of hidden states {@code f}, {@code n×d}, all that {@code Φ} makes of them. */
    public static Features of(OutputEmbeddings phi, float[][] f) {
        var prediction = phi.predict(f);
        return new Features(phi, f, prediction.conditionalMean(), prediction.logPartition());
    }

    /** Shapes; the numbers are too many to print. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "Features of %,d texts: f and conditionalMean %,d×%,d, logPartition %,d",
                size(),
                size(),
                size() == 0 ? 0 : f[0].length,
                size());
    }

    /** {@code n}. */
    public int size() {
        return f.length;
    }

    /** The features of some of the texts, by their rows, in that order. */
    public Features rows(int... rows) {
        var log = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            log[i] = logPartition[rows[i]];
        }
        return new Features(outputEmbeddings, Matrices.select(f, rows), Matrices.select(conditionalMean, rows), log);
    }

    /** All of {@code p_f}, a stretch of the vocabulary at a time, in order. */
    public void forEachWords(Consumer<OutputEmbeddings.Words> consumer) {
        outputEmbeddings.forEachWords(f, logPartition, consumer);
    }

    /** Logits {@code φ_w·f(s)} of a word list, {@code n×k}. */
    public float[][] wordLogits(WordList words) {
        return outputEmbeddings.logits(f, words.ids());
    }

    /** Log-probabilities {@code log p_f(s)(w)} of a word list, {@code n×k}, in nats. */
    public float[][] wordLogProbabilities(WordList words) {
        var values = wordLogits(words);
        for (int row = 0; row < values.length; row++) {
            for (int column = 0; column < values[row].length; column++) {
                values[row][column] -= logPartition[row];
            }
        }
        return values;
    }

    /** Probabilities {@code p_f(s)(w)} of a word list, {@code n×k}. */
    public float[][] wordProbabilities(WordList words) {
        var values = wordLogProbabilities(words);
        for (var row : values) {
            for (int column = 0; column < row.length; column++) {
                row[column] = (float) Math.exp(row[column]);
            }
        }
        return values;
    }
}
