package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.whylm.features.FeatureKind;
import org.whylm.features.WordList;
import org.whylm.lm.LanguageModel;
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
     * The probabilities of as many tokens, drawn from all that stand for a text.
     *
     * @param picked of the probe, a linear classification
     * @param model whose features the probe has
     * @param draws how many draws
     * @param seed of the draws
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
     * @param draws how many draws
     * @param seed of the draws
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
        return splits().boxed()
                .flatMapToDouble(s -> Arrays.stream(counts(random, s, everySentence(s)))
                        .mapToDouble(count -> (double) count / sentences(s)))
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
        return splits().map(s -> atLeastAsGood(s, everySentence(s), draws(s))).sum();
    }

    /**
     * The share of the draws that do at least as well as the picked features, with a percentile bootstrap interval over test sentences
     * and draws (2,000 resamples); the training set is the one at hand.
     */
    public Statistic shareAtLeastAsGood(long seed) {
        int total = splits().map(s -> draws(s).length).sum();
        var random = new Random(seed);
        var shares = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            int reached = 0;
            for (int s = 0; s < picked.splits().size(); s++) {
                var sentences = random.ints(sentences(s), 0, sentences(s)).toArray();
                int draws = draws(s).length;
                reached +=
                        atLeastAsGood(s, sentences, random.ints(draws, 0, draws).toArray());
            }
            shares[r] = (double) reached / total;
        }
        return Statistic.ofResamples(
                (double) atLeastAsGood() / total, shares, 0); // more sentences alone would not decide it
    }

    private int atLeastAsGood(int split, int[] sentences, int[] draws) {
        int own = counts(picked, split, sentences)[0];
        var counts = counts(random, split, sentences);
        return (int) Arrays.stream(draws).filter(draw -> counts[draw] >= own).count();
    }

    /** How many of some sentences each run gets right. */
    private static int[] counts(Result result, int split, int[] sentences) {
        var labels = result.splits().get(split).labels();
        var runs = result.splits().get(split).runs();
        var multiplicity = new int[labels.length];
        for (int i : sentences) {
            multiplicity[i]++;
        }
        return runs.stream().mapToInt(run -> count(run, labels, multiplicity)).toArray();
    }

    private static int count(int[] predictions, int[] labels, int[] multiplicity) {
        int count = 0;
        for (int i = 0; i < labels.length; i++) {
            count += predictions[i] == labels[i] ? multiplicity[i] : 0;
        }
        return count;
    }

    private IntStream splits() {
        return IntStream.range(0, picked.splits().size());
    }

    private int sentences(int split) {
        return picked.splits().get(split).labels().length;
    }

    private int[] everySentence(int split) {
        return IntStream.range(0, sentences(split)).toArray();
    }

    private int[] draws(int split) {
        return IntStream.range(0, random.splits().get(split).runs().size()).toArray();
    }
}
