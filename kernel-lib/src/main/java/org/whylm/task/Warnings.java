package org.whylm.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** What about the data makes numbers less than they seem. */
final class Warnings {

    private Warnings() {}

    static List<String> of(TaskData task) {
        var warnings = new ArrayList<String>();
        var duplicates = task.duplicates();
        int test = task.data().test().size();
        int leaked = duplicates.equal() + duplicates.near();
        if (leaked > 0) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%s%,d of %,d test texts (%s) are in the training texts too: %,d equal, %,d nearly so. They are left out of"
                            + " everything below; a result that counts them is too good. split.csv names them.",
                    task.given() && duplicates.equal() > 0 ? "The test set leaks: " : "",
                    leaked,
                    test,
                    Wording.percent((double) leaked / test),
                    duplicates.equal(),
                    duplicates.near()));
        }
        if (duplicates.repeatedInTest() > 0) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%,d of %,d test texts repeat another test text. Each is counted once.",
                    duplicates.repeatedInTest(),
                    test));
        }
        if (duplicates.repeatedInTraining() > 0) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%,d of %,d training texts repeat another one: there is less to learn from than it seems.",
                    duplicates.repeatedInTraining(),
                    task.data().train().size()));
        }
        if (duplicates.contradictory() > 0) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%,d %s different labels in different rows: decide on one, or take them out.",
                    duplicates.contradictory(),
                    duplicates.contradictory() == 1 ? "text has" : "texts have"));
        }
        if (!task.leftOut().isEmpty()) {
            warnings.add("Left out, as fewer than " + TaskData.LEAST + " training texts have the label: "
                    + String.join(", ", task.leftOut()) + ".");
        }
        for (var alike : task.alike()) {
            warnings.add("“" + String.join("”, “", alike)
                    + "” are different labels: if they are one class, write them alike.");
        }
        var counts = Arrays.stream(task.unseen())
                .map(row -> task.testLabels()[row])
                .boxed()
                .toList();
        var few = IntStream.range(0, task.classes())
                .filter(label -> counts.contains(label) && Collections.frequency(counts, label) < Questions.FEW)
                .boxed()
                .sorted(Comparator.comparingInt(label -> Collections.frequency(counts, label)))
                .toList();
        if (!few.isEmpty()) {
            int rarest = few.get(0);
            warnings.add(String.format(
                    Locale.ROOT,
                    "%d of %d classes %s fewer than %d test texts (“%s” has %d): what is said about %s is rough.",
                    few.size(),
                    task.classes(),
                    few.size() == 1 ? "has" : "have",
                    Questions.FEW,
                    task.data().classes().get(rarest),
                    Collections.frequency(counts, rarest),
                    few.size() == 1 ? "it" : "them"));
        }
        if (task.unbalanced()) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%s of the training texts are “%s”: accuracy says little, as always answering it is right so often. Every classifier"
                            + " weights the classes alike, as class_weight=\"balanced\" does in scikit-learn: its probabilities are those of"
                            + " classes that are equally frequent, and it answers a rare class too often rather than never.",
                    Wording.percent((double) Collections.frequency(
                                    Arrays.stream(task.trainLabels()).boxed().toList(), task.mostFrequent())
                            / task.data().train().size()),
                    task.data().classes().get(task.mostFrequent())));
        }
        return warnings;
    }
}
