package org.whylm.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModel;

/** The task at a glance: sizes, classes, balance, lengths, what is there twice, what is cut. */
final class Glance {

    /** Tokens a word from which a text counts as read in pieces. */
    private static final int PIECES = 2;

    /** Share of such texts from which it is said. */
    private static final double MIXED = 0.05;

    private Glance() {}

    static List<TaskReport.Fact> of(TaskData task, LanguageModel model) {
        var facts = new ArrayList<TaskReport.Fact>();
        var data = task.data();
        add(facts, "training texts", "%,d", data.train().size());
        add(
                facts,
                "test texts",
                "%,d, %s",
                data.test().size(),
                task.given() ? "as given" : "a fifth of all, by the hash of their letters and digits");
        add(facts, "classes", "%d", task.classes());
        for (int label = 0; label < task.classes(); label++) {
            long train = count(task.trainLabels(), label);
            long test = count(task.testLabels(), label);
            add(
                    facts,
                    "class " + data.classes().get(label),
                    "%,d training texts (%s), %,d test texts",
                    train,
                    Wording.percent((double) train / data.train().size()),
                    test);
        }
        if (!task.leftOut().isEmpty()) {
            add(
                    facts,
                    "left out",
                    "%s: fewer than %d training texts",
                    String.join(", ", task.leftOut()),
                    TaskData.LEAST);
        }
        var duplicates = task.duplicates();
        add(facts, "test texts that are in training, equal", "%,d", duplicates.equal());
        add(facts, "test texts that are in training, nearly", "%,d", duplicates.near());
        add(facts, "test texts that repeat another test text", "%,d", duplicates.repeatedInTest());
        add(facts, "test texts that count", "%,d", task.unseen().length);
        add(facts, "training texts there already", "%,d", duplicates.repeatedInTraining());
        add(facts, "texts with different labels", "%,d", duplicates.contradictory());
        var texts = task.texts();
        if (!texts.isEmpty()) {
            lengths(facts, texts, model);
        }
        return List.copyOf(facts);
    }

    /** What a reader must know where many texts are of a language that the model hardly knows: it reads their words in pieces. */
    static Optional<String> mixture(TaskData task, LanguageModel model) {
        var texts = task.texts();
        double share = (double) texts.stream()
                        .filter(text -> model.tokenizer().encode(text).length
                                >= PIECES * text.strip().split("\\s+").length)
                        .count()
                / Math.max(1, texts.size());
        return share < MIXED
                ? Optional.empty()
                : Optional.of(Wording.percent(share)
                        + " of the texts are read in pieces, two tokens a word or more, as texts of"
                        + " a language that the model hardly knows are. "
                        + (share > 1 - MIXED
                                ? "Another model may know it."
                                : "What is said here is of the mixture: run the report on each language alone too."));
    }

    /** What a reader must know where texts are longer than what is read of them: classifiers that count words see all. */
    static Optional<String> cut(TaskData task, LanguageModel model) {
        var texts = task.texts();
        long cut = texts.stream()
                .filter(text -> model.tokenizer().encode(text).length > room(model))
                .count();
        return cut == 0
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "%,d of %,d texts are longer than the %d tokens that the model reads of one: its features are of their"
                                + " beginnings, counting words is of all of them.",
                        cut,
                        texts.size(),
                        room(model)));
    }

    private static int room(LanguageModel model) {
        return Math.min(FeatureExtractor.TRUNCATION, model.maximumLength());
    }

    private static void lengths(List<TaskReport.Fact> facts, List<String> texts, LanguageModel model) {
        var lengths = texts.stream()
                .mapToInt(text -> model.tokenizer().encode(text).length)
                .sorted()
                .toArray();
        int room = room(model);
        long cut = Arrays.stream(lengths).filter(length -> length > room).count();
        add(
                facts,
                "tokens of a text",
                "%,d in the middle, %,d to %,d",
                lengths[lengths.length / 2],
                lengths[0],
                lengths[lengths.length - 1]);
        add(facts, "texts cut after " + room + " tokens", "%,d", cut);
    }

    private static void add(List<TaskReport.Fact> facts, String what, String format, Object... values) {
        facts.add(new TaskReport.Fact(what, String.format(Locale.ROOT, format, values)));
    }

    private static long count(int[] labels, int label) {
        return Arrays.stream(labels).filter(each -> each == label).count();
    }
}
