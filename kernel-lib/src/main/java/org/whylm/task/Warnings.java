package org.whylm.task;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.whylm.run.Matrices;

/** What about the data makes numbers less than they seem. */
final class Warnings {

    private Warnings() {}

    /** The same of what was read behind a prompt: words begin with their space. */
    static List<String> of(TaskData task, String prompt) {
        var warnings = of(task);
        if (prompt.matches("(?s)\\w.*")) {
            warnings.add("The prompt “" + prompt
                    + "” does not begin with a space: the model reads its first word as the end of the"
                    + " text's last.");
        }
        if (prompt.matches("(?s).*\\s")) {
            warnings.add("The prompt “" + prompt
                    + "” ends with a space, which models read as the beginning of the next word: most"
                    + " words are improbable after it.");
        }
        return warnings;
    }

    static List<String> of(TaskData task) {
        var warnings = new ArrayList<String>();
        var duplicates = task.duplicates();
        int test = task.data().test().size();
        int leaked = duplicates.equal() + duplicates.near();
        if (leaked > 0) {
            warnings.add(Wording.format(
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
            warnings.add(Wording.format(
                    "%,d of %,d test texts repeat another test text, equal or nearly so. Each is counted once.",
                    duplicates.repeatedInTest(), test));
        }
        if (duplicates.repeatedInTraining() > 0) {
            warnings.add(Wording.format(
                    "%,d of %,d training texts repeat another one: there is less to learn from than it seems.",
                    duplicates.repeatedInTraining(), task.data().train().size()));
        }
        if (duplicates.contradictory() > 0) {
            warnings.add(Wording.format(
                    "%,d %s different labels in different rows, case, accents and punctuation aside: if it is not these that"
                            + " make the difference, decide on one label, or take them out.",
                    duplicates.contradictory(), duplicates.contradictory() == 1 ? "text has" : "texts have"));
        }
        long trailing = task.texts().stream()
                .filter(text -> Character.isWhitespace(text.codePointBefore(text.length())))
                .count();
        if (trailing > 0) {
            warnings.add(Wording.format(
                    "%,d of %,d texts end with a space or a line break: the model reads it, counting words does not. If it is not to"
                            + " say anything of the label, take it off.",
                    trailing, task.texts().size()));
        }
        if (!task.leftOut().isEmpty()) {
            warnings.add("Left out, as fewer than " + TaskData.LEAST + " training texts have the label: "
                    + String.join(", ", task.leftOut()) + ".");
        }
        for (var alike : task.alike()) {
            warnings.add("“" + String.join("”, “", alike)
                    + "” are different labels: if they are one class, write them alike.");
        }
        var counts = Matrices.counts(task.unseenLabels(), task.classes());
        var few = IntStream.range(0, task.classes())
                .filter(label -> counts[label] > 0 && counts[label] < Questions.FEW)
                .boxed()
                .sorted(Comparator.comparingInt(label -> counts[label]))
                .toList();
        if (!few.isEmpty()) {
            int rarest = few.get(0);
            warnings.add(Wording.format(
                    "%d of %d classes %s fewer than %d test texts (“%s” has %d): what is said about %s is rough.",
                    few.size(),
                    task.classes(),
                    few.size() == 1 ? "has" : "have",
                    Questions.FEW,
                    task.data().classes().get(rarest),
                    counts[rarest],
                    few.size() == 1 ? "it" : "them"));
        }
        if (task.unbalanced()) {
            warnings.add(Wording.format(
                    "%s of the training texts are “%s”: accuracy says little, as always answering it is right so often. Every classifier"
                            + " weights the classes alike, as class_weight=\"balanced\" does in scikit-learn: its probabilities are those of"
                            + " classes that are equally frequent, and it answers a rare class too often rather than never.",
                    Wording.percent((double) task.counts()[task.mostFrequent()]
                            / task.data().train().size()),
                    task.data().classes().get(task.mostFrequent())));
        }
        return warnings;
    }
}
