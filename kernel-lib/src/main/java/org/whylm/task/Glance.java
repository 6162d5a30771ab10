package org.whylm.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModel;
import org.whylm.run.Matrices;

/** The task at a glance: sizes, classes, balance, lengths, what is there twice, what is cut. */
final class Glance {

    /** Tokens a word from which a text counts as read in pieces. */
    private static final int PIECES = 2;

    /** Share of such texts from which it is said. */
    private static final double MIXED = 0.05;

    private final TaskData task;
    private final List<String> texts;
    private final int[] lengths;
    private final int room;
    private final List<TaskReport.Fact> facts = new ArrayList<>();

    Glance(TaskData task, LanguageModel model) {
        this.task = task;
        texts = task.texts();
        lengths = texts.stream()
                .mapToInt(text -> model.tokenizer().encode(text).length)
                .toArray();
        room = Math.min(FeatureExtractor.TRUNCATION, model.maximumLength());
        addFacts();
    }

    List<TaskReport.Fact> facts() {
        return facts;
    }

    private void addFacts() {
        var data = task.data();
        int n = data.train().size();
        add("training texts", "%,d", n);
        add(
                "test texts",
                "%,d, %s",
                data.test().size(),
                task.given() ? "as given" : "a fifth of all, by the hash of their letters and digits");
        add("classes", "%d", task.classes());
        var train = task.counts();
        var test = Matrices.counts(task.testLabels(), task.classes());
        for (int label = 0; label < task.classes(); label++) {
            add(
                    "class " + data.classes().get(label),
                    "%,d training texts (%s), %,d test texts",
                    train[label],
                    Wording.percent((double) train[label] / n),
                    test[label]);
        }
        if (!task.leftOut().isEmpty()) {
            add("left out", "%s: fewer than %d training texts", String.join(", ", task.leftOut()), TaskData.LEAST);
        }
        var duplicates = task.duplicates();
        add("test texts that are in training, equal", "%,d", duplicates.equal());
        add("test texts that are in training, nearly", "%,d", duplicates.near());
        add("test texts that repeat another test text", "%,d", duplicates.repeatedInTest());
        add("test texts that count", "%,d", task.unseen().length);
        add("training texts there already", "%,d", duplicates.repeatedInTraining());
        add("texts with different labels", "%,d", duplicates.contradictory());
        if (lengths.length > 0) {
            var sorted = Arrays.stream(lengths).sorted().toArray();
            int last = sorted.length - 1;
            add(
                    "tokens of a text",
                    "%,d in the middle, %,d to %,d",
                    sorted[sorted.length / 2],
                    sorted[0],
                    sorted[last]);
            add("texts cut after " + room + " tokens", "%,d", cut());
        }
    }

    private void add(String what, String format, Object... values) {
        facts.add(new TaskReport.Fact(what, Wording.format(format, values)));
    }

    private long cut() {
        return Arrays.stream(lengths).filter(length -> length > room).count();
    }

    /**
     * What a reader must know where many texts are of a language that the model hardly knows, and where texts are longer than what is
     * read of them: classifiers that count words see all.
     */
    List<String> warnings() {
        var warnings = new ArrayList<String>();
        long inPieces = IntStream.range(0, lengths.length)
                .filter(i -> lengths[i] >= PIECES * texts.get(i).strip().split("\\s+").length)
                .count();
        double share = (double) inPieces / Math.max(1, lengths.length);
        if (share >= MIXED) {
            warnings.add(Wording.percent(share)
                    + " of the texts are read in pieces, two tokens a word or more, as texts of a language that the model hardly"
                    + " knows are. "
                    + (share > 1 - MIXED
                            ? "Another model may know it."
                            : "What is said here is of the mixture: run the report on each language alone too."));
        }
        if (cut() > 0) {
            warnings.add(Wording.format(
                    "%,d of %,d texts are longer than the %d tokens that the model reads of one: its features are of their"
                            + " beginnings, counting words is of all of them.",
                    cut(), lengths.length, room));
        }
        return warnings;
    }
}
