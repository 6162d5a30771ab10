package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.whylm.features.FeatureKind;
import org.whylm.features.WordList;
import org.whylm.lm.LanguageModel;
import org.whylm.run.Matrices;
import org.whylm.statistics.Accuracy;
import org.whylm.statistics.Statistic;

/**
 * A control for hand-picked features: as many random ones, drawn many times. Each draw is classified as the picked features are, at
 * the {@code C} that cross-validation chose for those. Where a task has several splits, the draws go round among them, and each is
 * compared on its own.
 *
 * @param picked the hand-picked features
 * @param random the random ones, a run a draw
 */
public record RandomFeatures(Result picked, Result random) {

    private static final int RESAMPLES = 2_000;

    /** Draws whose features are read at once. */
    private static final int DRAWS_A_GROUP = 50;

    /**
     * The probabilities of as many tokens, drawn from all of the model that stand for a text.
     *
     * @param picked of the probe, a linear classification
     */
    public static RandomFeatures words(TaskProbe probe, Result picked, LanguageModel model, int draws, long seed) {
        var lists = WordList.random(model, picked.dimension(), draws, seed);
        var groups = new ArrayList<FeatureKind.Vectors>();
        for (int from = 0; from < draws; from += DRAWS_A_GROUP) {
            var ids = lists.subList(from, Math.min(draws, from + DRAWS_A_GROUP)).stream()
                    .flatMapToInt(list -> IntStream.of(list.ids()));
            groups.add(FeatureKind.Words.probabilities(
                    "p_f random words", WordList.ofIds(model.tokenizer(), ids.toArray())));
        }
        return new RandomFeatures(picked, probe.evaluateDraws(groups, draws, picked));
    }

    /**
     * As many Gaussian directions of {@code f}: what logits of words, which are linear in {@code f}, have to beat.
     *
     * @param picked of the probe, a linear classification
     */
    public static RandomFeatures directions(TaskProbe probe, Result picked, int draws, long seed) {
        var random = new Random(seed);
        var groups = new ArrayList<FeatureKind.Vectors>();
        for (int from = 0; from < draws; from += DRAWS_A_GROUP) {
            int count = Math.min(draws - from, DRAWS_A_GROUP) * picked.dimension();
            groups.add(new FeatureKind.Directions(count, random.nextLong()));
        }
        return new RandomFeatures(picked, probe.evaluateDraws(groups, draws, picked));
    }

    /** Accuracy of each draw, in [0,1]. */
    public double[] accuracies() {
        return random.splits().stream()
                .flatMapToDouble(split -> split.runs().stream()
                        .mapToDouble(run -> Accuracy.of(run, split.labels()).value()))
                .toArray();
    }

    /** Mean accuracy of the draws. */
    public double mean() {
        return DoubleStream.of(accuracies()).average().orElseThrow();
    }

    /** Standard deviation of the accuracy from draw to draw. */
    public double standardDeviation() {
        double mean = mean();
        var accuracies = accuracies();
        double squares = DoubleStream.of(accuracies)
                .map(accuracy -> (accuracy - mean) * (accuracy - mean))
                .sum();
        return Math.sqrt(squares / (accuracies.length - 1));
    }

    /** The accuracy that a share of the draws stays below, in [0,1]. */
    public double quantile(double share) {
        var sorted = accuracies();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    /** Mean accuracy, from the 2.5% to the 97.5% quantile of the draws: their spread, not an interval of the mean. */
    public Statistic spread() {
        return Statistic.between(mean(), Math.min(mean(), quantile(0.025)), Math.max(mean(), quantile(0.975)));
    }

    /** How many draws do at least as well as the picked features, on the same sentences. */
    public int atLeastAsGood() {
        return splits().map(s -> atLeastAsGood(s, IntStream.range(0, sentences(s)), IntStream.range(0, draws(s))))
                .sum();
    }

    /**
     * The share of the draws that do at least as well as the picked features, with a percentile bootstrap interval over test sentences
     * and draws (2,000 resamples); the training set is the one at hand.
     */
    public Statistic shareAtLeastAsGood(long seed) {
        double total = splits().map(this::draws).sum();
        var random = new Random(seed);
        var shares = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            int reached = splits().map(s -> atLeastAsGood(
                            s, random.ints(sentences(s), 0, sentences(s)), random.ints(draws(s), 0, draws(s))))
                    .sum();
            shares[r] = reached / total;
        }
        return Statistic.ofResamples(atLeastAsGood() / total, shares, 0); // more sentences alone would not decide it
    }

    private int atLeastAsGood(int split, IntStream sentences, IntStream draws) {
        var labels = picked.splits().get(split).labels();
        var times = Matrices.counts(sentences.toArray(), labels.length);
        int own = right(picked.splits().get(split).runs().get(0), labels, times);
        var counts = random.splits().get(split).runs().stream()
                .mapToInt(run -> right(run, labels, times))
                .toArray();
        return (int) draws.filter(draw -> counts[draw] >= own).count();
    }

    private static int right(int[] predictions, int[] labels, int[] times) {
        return IntStream.range(0, labels.length)
                .filter(i -> predictions[i] == labels[i])
                .map(i -> times[i])
                .sum();
    }

    private IntStream splits() {
        return IntStream.range(0, picked.splits().size());
    }

    private int sentences(int split) {
        return picked.splits().get(split).labels().length;
    }

    private int draws(int split) {
        return random.splits().get(split).runs().size();
    }
}
