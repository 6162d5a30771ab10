package org.whylm.task;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.whylm.features.Features;
import org.whylm.features.WordList;
import org.whylm.lm.Tokenizer;
import org.whylm.probe.LogisticRegression;
import org.whylm.probe.Standardization;
import org.whylm.run.Matrices;

/**
 * The words that a model finds most probable after some texts, whatever their labels; and the choice, by labels, of the few that tell
 * the classes apart.
 *
 * @param ids token ids of the {@value #SIZE} words with the largest mean probability
 * @param probabilities {@code p_f(s)(w)} of each, {@code n×}words
 */
record WordPool(int[] ids, float[][] probabilities) {

    private static final int SIZE = 1_000;

    /** Words are chosen by their weights in a logistic regression on all of the pool, standardised, at this {@code C}. */
    private static final double C = 1e-4;

    private static final int WORDS = 20;
    private static final int LEAST_A_CLASS = 3;

    /** The pool by mean probabilities after the first {@code n} texts, those of training. */
    static WordPool of(Features features, Tokenizer tokenizer, int n) {
        var means = new double[features.outputEmbeddings().vocabularySize()];
        features.rows(IntStream.range(0, n).toArray()).forEachWords(words -> {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < words.size(); j++) {
                    means[words.from() + j] += words.probabilities()[i * words.size() + j];
                }
            }
        });
        var ids = Arrays.stream(Matrices.order(Math.min(means.length, tokenizer.size()), word -> -means[word]))
                .filter(tokenizer::has)
                .limit(SIZE)
                .toArray();
        return new WordPool(ids, features.wordProbabilities(WordList.ofIds(tokenizer, ids)));
    }

    /**
     * By some texts and their labels, for each class the words with the largest weight for it, by their place in the pool, the heaviest first:
     * {@value #WORDS} in all, but at least {@value #LEAST_A_CLASS} a class. A word that speaks for two classes is the first one's.
     */
    int[][] choose(int[] rows, int[] labels, int classes) {
        int ofClass = Math.max(LEAST_A_CLASS, WORDS / classes);
        var weights =
                LogisticRegression.fit(standardized(rows), labels, classes, C).weights();
        var taken = new LinkedHashSet<Integer>();
        var chosen = new int[classes][];
        for (int k = 0; k < classes; k++) {
            var weight = classes > 2
                    ? weights[k]
                    : Arrays.stream(weights[0]).map(k == 1 ? w -> w : w -> -w).toArray();
            chosen[k] = heaviest(weight, taken, ofClass);
            Arrays.stream(chosen[k]).forEach(taken::add);
        }
        return chosen;
    }

    private static int[] heaviest(double[] weight, Set<Integer> taken, int count) {
        return Arrays.stream(Matrices.order(weight.length, word -> -weight[word]))
                .filter(word -> weight[word] > 0 && !taken.contains(word))
                .limit(count)
                .toArray();
    }

    private float[][] standardized(int[] rows) {
        var some = Matrices.select(probabilities, rows);
        var values = Standardization.of(some).rows(some, 0, rows.length);
        return Matrices.rows(Matrices.floats(new double[][] {values}), ids.length);
    }

    /** The words of all classes, class by class, by their place in the pool. */
    static int[] together(int[][] chosen) {
        return Arrays.stream(chosen).flatMapToInt(Arrays::stream).toArray();
    }

    /** Probabilities of words of the pool, {@code n×}words. */
    float[][] columns(int[] chosen) {
        return Arrays.stream(probabilities)
                .map(row -> {
                    var columns = new float[chosen.length];
                    for (int j = 0; j < chosen.length; j++) {
                        columns[j] = row[chosen[j]];
                    }
                    return columns;
                })
                .toArray(float[][]::new);
    }
}
