package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.whylm.run.Matrices;
import org.whylm.run.Progress;

/**
 * How {@code C} is chosen. The folds are those of scikit-learn's {@code StratifiedKFold}, not shuffled.
 *
 * @param grid the values of {@code C}, rising
 * @param folds number of folds, 2 or more
 * @param criterion what decides between them; of values of {@code C} with the same mean accuracy the smallest is chosen
 * @param draws how many training sets of the same size are drawn from the training split, with replacement, for the variance that the
 *     choice of training examples brings; {@code C} stays
 * @param seed of these draws; the same draws for all features of a split
 * @param thorough whether every value of the grid is tried and fitted to the last; else none after two in a row below
 *     the best, as the largest take most of the time, and none but the chosen one as exactly
 */
public record CrossValidation(double[] grid, int folds, Criterion criterion, int draws, long seed, boolean thorough) {

    private static final double[] WIDE = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 1e1, 1e2, 1e3};
    private static final double[] NARROW = {1e-3, 1e-2, 1e-1, 1, 1e1, 1e2};
    private static final int FOLDS = 5;

    /**
     * @param grid the values of {@code C}, in any order
     * @throws IllegalArgumentException if a value is not finite and positive, there is none, or there are fewer than two folds
     */
    public CrossValidation {
        Checks.regularization(grid);
        if (folds < 2) {
            throw new IllegalArgumentException(folds + " folds: cross-validation needs two or more");
        }
        grid = grid.clone();
        Arrays.sort(grid);
    }

    /** The same without redrawn training sets. */
    public CrossValidation(double[] grid, int folds, Criterion criterion) {
        this(grid, folds, criterion, 0, 0, true);
    }

    /**
     * The way of the authors' script: by accuracy over 5 folds, {@code C} from 10<sup>-6</sup> to 10<sup>3</sup> by decades;
     * 10<sup>-3</sup> to 10<sup>2</sup> from 10,000 training examples on.
     */
    public static CrossValidation ofScript(int trainExamples) {
        return new CrossValidation(trainExamples < 10_000 ? WIDE : NARROW, FOLDS, Criterion.ACCURACY);
    }

    /** The same with another criterion. */
    public CrossValidation by(Criterion criterion) {
        return new CrossValidation(grid, folds, criterion, draws, seed, thorough);
    }

    /** The same with redrawn training sets. */
    public CrossValidation redrawing(int draws, long seed) {
        return new CrossValidation(grid, folds, criterion, draws, seed, thorough);
    }

    /** The same, which tries no larger {@code C} once two in a row are worse, and fits exactly at the chosen one only. */
    public CrossValidation quick() {
        return new CrossValidation(grid, folds, criterion, draws, seed, false);
    }

    /** Every {@code C} that was tried, rising; the one chosen; and the regression on all examples there. */
    record Choice(List<LinearClassification.Candidate> candidates, double C, LogisticRegression model) {}

    /**
     * Tries the grid on {@link StratifiedFolds#samples}.
     *
     * @param share of {@code C} that the loss of each example is multiplied by
     */
    Choice choose(RegularizationPath path, double share, Progress progress) {
        var models = new ArrayList<LogisticRegression>();
        var candidates = new ArrayList<LinearClassification.Candidate>();
        int best = 0;
        while (candidates.size() < grid.length && !isDone(candidates)) {
            int c = candidates.size();
            LinearClassification.minimise(path, share * grid[c], progress);
            models.add(path.models().get(folds));
            candidates.add(path.heldOut(grid[c], folds, criterion));
            best = candidates.get(c).isBetterThan(candidates.get(best), criterion) ? c : best;
        }
        return new Choice(candidates, grid[best], models.get(best));
    }

    /** Whether accuracies so far, balanced where that is the criterion, leave nothing to try: one is perfect, or the last two are worse. */
    private boolean isDone(List<LinearClassification.Candidate> tried) {
        double best = tried.stream()
                .mapToDouble(LinearClassification.Candidate::accuracy)
                .max()
                .orElse(0);
        boolean worse = tried.size() > 2
                && tried.subList(tried.size() - 2, tried.size()).stream()
                        .allMatch(candidate -> candidate.accuracy() < best);
        return criterion != Criterion.LOG_LOSS && (best == 1 || worse && !thorough);
    }

    /** The same with no more folds than the rarest class has examples, but two at least. */
    public CrossValidation within(int[] labels) {
        var counts = Matrices.counts(labels, Arrays.stream(labels).max().orElse(-1) + 1);
        int rarest = Arrays.stream(counts).filter(count -> count > 0).min().orElse(0);
        return new CrossValidation(grid, Math.max(2, Math.min(folds, rarest)), criterion, draws, seed, thorough);
    }
}
