package org.whylm.probe;

import java.util.List;

/**
 * Results of a task on each of its splits: one where it has a fixed split, several random ones otherwise.
 *
 * @param splits the same kinds of features on each split, all of one task; at least one
 */
public record SplitResults(List<TaskResults> splits) {

    public SplitResults {
        splits = List.copyOf(splits);
        if (splits.isEmpty()) {
            throw new IllegalArgumentException("Results of no split");
        }
    }

    /** Name of the task. */
    public String task() {
        return splits.get(0).task();
    }

    /**
     * Whether these features were evaluated.
     *
     * @see TaskResults#has
     */
    public boolean has(String features, boolean prompted) {
        return splits.get(0).has(features, prompted);
    }

    /**
     * Mean test accuracy of one kind of features.
     *
     * @param features label of the kind of features
     * @throws IllegalArgumentException if there is no such result
     */
    public MeanAccuracy accuracy(String features, boolean prompted) {
        return MeanAccuracy.of(splits.stream()
                .map(split -> split.result(features, prompted).classification().test())
                .toList());
    }

    /** For each split, which of its test examples the classifier on these features gets right. */
    public List<boolean[]> correct(String features, boolean prompted) {
        return splits.stream().map(split -> split.correct(features, prompted)).toList();
    }

    /** For each split, which of its test examples chance gets right. */
    public List<boolean[]> chance() {
        return splits.stream().map(TaskResults::chance).toList();
    }
}
