package org.whylm.probe;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Splits for cross-validation in which every fold has the classes in the proportions of the whole. */
final class StratifiedFolds {

    private StratifiedFolds() {}

    /** What each example weighs in the regressions of a cross-validation: for each fold 0 if it is in that, else 1; and last, in one on all. */
    static List<double[]> samples(int[] labels, int classes, int folds) {
        var assignment = assign(labels, classes, folds);
        return IntStream.rangeClosed(0, folds)
                .mapToObj(fold -> Arrays.stream(assignment)
                        .mapToDouble(of -> of == fold ? 0 : 1)
                        .toArray())
                .toList();
    }

    /**
     * The fold in which each example is held out: the assignment of scikit-learn's {@code StratifiedKFold} without shuffling. Classes
     * are numbered by first appearance; the sorted labels are dealt to the folds in turn, which settles how many examples of a class
     * each fold gets; those are then taken in the order of the data.
     *
     * @param labels {@code n} labels in {@code 0..classes-1}, each class with at least {@code folds} examples
     * @return {@code n} fold numbers in {@code 0..folds-1}
     */
    static int[] assign(int[] labels, int classes, int folds) {
        var rank = new int[classes];
        Arrays.fill(rank, -1);
        var counts = new int[classes];
        int seen = 0;
        for (int label : labels) {
            if (rank[label] < 0) {
                rank[label] = seen++;
            }
            counts[rank[label]]++;
        }
        var remaining = new int[classes][folds];
        int position = 0;
        for (int k = 0; k < seen; k++) {
            for (int i = 0; i < counts[k]; i++) {
                remaining[k][position++ % folds]++;
            }
        }
        var fold = new int[labels.length];
        var current = new int[classes];
        for (int i = 0; i < labels.length; i++) {
            int k = rank[labels[i]];
            while (remaining[k][current[k]] == 0) {
                current[k]++;
            }
            remaining[k][current[k]]--;
            fold[i] = current[k];
        }
        return fold;
    }
}
