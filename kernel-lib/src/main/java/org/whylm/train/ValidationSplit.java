package org.whylm.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Training examples in two parts with the classes in the proportions of the whole.
 *
 * @param training indices of those to learn from, ascending
 * @param validation indices of the others, ascending
 */
record ValidationSplit(int[] training, int[] validation) {

    /**
     * @param labels of the training examples
     * @param share of each class that is held out, rounded
     * @throws IllegalArgumentException if a part is empty
     */
    static ValidationSplit of(int[] labels, double share, long seed) {
        var random = new Random(seed);
        var training = IntStream.builder();
        var validation = IntStream.builder();
        int classes = Arrays.stream(labels).max().orElse(-1) + 1;
        for (int label = 0; label < classes; label++) {
            var members = shuffled(labels, label, random);
            int heldOut = Math.toIntExact(Math.round(share * members.size()));
            members.subList(0, heldOut).forEach(validation::add);
            members.subList(heldOut, members.size()).forEach(training::add);
        }
        var split = new ValidationSplit(
                training.build().sorted().toArray(), validation.build().sorted().toArray());
        if (split.training.length == 0 || split.validation.length == 0) {
            throw new IllegalArgumentException("Of " + labels.length + " training examples a share of " + share
                    + " for validation leaves " + split.training.length + " to learn from and "
                    + split.validation.length + " to validate on: give more examples");
        }
        return split;
    }

    private static List<Integer> shuffled(int[] labels, int label, Random random) {
        var members = new ArrayList<>(IntStream.range(0, labels.length)
                .filter(example -> labels[example] == label)
                .boxed()
                .toList());
        Collections.shuffle(members, random);
        return members;
    }
}
