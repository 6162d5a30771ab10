package org.whylm.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.whylm.probe.BagOfWords;
import org.whylm.probe.Result;
import org.whylm.report.Columns;
import org.whylm.report.ResultTable;
import org.whylm.statistics.Holm;
import org.whylm.statistics.Statistic;

/**
 * What to do next, by rules that were fixed before any result was seen ({@code docs/your-task.md} words them). All are about balanced
 * accuracy on the test texts that are in training neither equal nor nearly so, and about the whole 95% interval over test
 * texts and redrawn training sets; where a threshold is inside it, the answer is open and says how many test texts would decide.
 *
 * <ol>
 *   <li>There is something to learn if some classifier is above chance, {@code 1/k}, at 1% after Holm's correction for all of them;
 *       there is nothing in reach if the upper ends of all are less than {@value #REACH} above it.
 *   <li>A language model is needed unless TF-IDF or a bag of words is less than {@value #MARGIN} behind the best of the model's features.
 *   <li>The task is natural for the model, in a few words, if the words are above chance (as in 1) and less than {@value #MARGIN} behind the
 *       best of the model's features; it is not if they are more than that behind.
 *   <li>More labels help if the recommended features gained from the last step of the learning curve.
 * </ol>
 *
 * @param headline what to do, in a sentence
 * @param because why, in a sentence or two
 * @param answers question by question
 * @param warnings what about the data makes numbers less than they seem
 * @param kept features of the classifier that is kept: {@code p_f words}, {@code Φp_f} or {@code f}; none if nothing was measured
 */
public record Recommendation(
        String headline, String because, List<Answer> answers, List<String> warnings, Optional<String> kept) {

    /** Balanced accuracy within which two classifiers do equally well. */
    static final double MARGIN = 0.02;

    /** An advantage over chance that a test set which shows none must be able to exclude. */
    static final double REACH = 0.10;

    private static final double LEVEL = 0.01;

    /** Test texts of a class below which its share of right answers says little. */
    private static final int FEW = 20;

    private static final double UNBALANCED = 0.8;

    /** What the evidence says. */
    public enum Says {
        YES,
        NO,
        OPEN;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * An answer with its evidence.
     *
     * @param statistic the difference that decided
     * @param sentence what was measured, in words and numbers
     */
    public record Answer(String question, Says says, Optional<Statistic> statistic, String sentence) {}

    /** For a task on which nothing can be measured. */
    static Recommendation nothing(TaskData task, String why) {
        return new Recommendation(
                "Nothing can be said about this task yet: label more texts.",
                "Nothing was measured, as " + why + ".",
                List.of(),
                warnings(task),
                Optional.empty());
    }

    /** From all that was measured. */
    public static Recommendation of(Solutions solutions, LearningCurves curves) {
        return new Rules(solutions, curves).recommendation();
    }

    /** The rules, in the order of the questions. */
    private static final class Rules {
        private final Solutions solutions;
        private final LearningCurves curves;
        private final TaskData task;
        private final List<Result> candidates;
        private final List<Result> aboveChance;
        private final Result best;
        private final Result bestOfModel;
        private final Result words;
        private final List<Answer> answers = new ArrayList<>();

        Rules(Solutions solutions, LearningCurves curves) {
            this.solutions = solutions;
            this.curves = curves;
            task = solutions.task();
            candidates = new ArrayList<>(solutions.ofModel());
            candidates.addAll(solutions.counting());
            best = Solutions.best(candidates);
            bestOfModel = Solutions.best(solutions.ofModel());
            words = solutions.result(PromptChoice.WORDS);
            aboveChance = aboveChance();
        }

        private List<Result> aboveChance() {
            double chance = chance();
            var p = Holm.adjusted(candidates.stream()
                    .mapToDouble(result -> result.balancedAccuracy().p(chance))
                    .toArray());
            var above = new ArrayList<Result>();
            for (int i = 0; i < p.length; i++) {
                if (p[i] < LEVEL && candidates.get(i).balancedAccuracy().value() > chance) {
                    above.add(candidates.get(i));
                }
            }
            return above;
        }

        /** Balanced accuracy of whoever knows nothing: one by the number of classes that have a test text. */
        private double chance() {
            return 1.0 / Arrays.stream(best.splits().get(0).labels()).distinct().count();
        }

        Recommendation recommendation() {
            var learnable = learnable();
            answers.add(learnable);
            if (learnable.says() != Says.YES) {
                return done(
                        learnable.says() == Says.NO
                                ? "Nothing tried is above chance: check the labels before anything else. The texts may not say what"
                                        + " the labels say."
                                : "Nothing tried is above chance, but so few test texts can hide what is there: check the labels, and"
                                        + " test on more texts.",
                        because() + " As far as these texts show, the task is not natural for this model.",
                        solutions.result("f"));
            }
            var needed = modelNeeded();
            var natural = natural();
            answers.add(needed);
            answers.add(natural);
            var use = use(natural);
            moreLabels(use).ifPresent(answers::add);
            prompt().ifPresent(answers::add);
            return done(headline(needed, natural), because(), use);
        }

        private Recommendation done(String headline, String because, Result use) {
            var ofModel = solutions.ofModel().stream().anyMatch(result -> result == use)
                    && !use.features().equals("p_f");
            return new Recommendation(
                    headline, because, answers, warnings(task), Optional.of(ofModel ? use.features() : "f"));
        }

        private Answer learnable() {
            var statistic = best.balancedAccuracy().minus(chance());
            var question = "Does anything tell the classes apart?";
            if (!aboveChance.isEmpty()) {
                var surest = Solutions.best(aboveChance);
                return new Answer(
                        question,
                        Says.YES,
                        Optional.of(surest.balancedAccuracy().minus(chance())),
                        String.format(
                                Locale.ROOT,
                                "%s is right on %s of the texts of a class, on average over the classes; chance is %s.",
                                named(surest),
                                percent(surest.balancedAccuracy()),
                                percent(chance())));
            }
            double highest = candidates.stream()
                    .mapToDouble(result -> result.balancedAccuracy().high())
                    .max()
                    .orElseThrow();
            boolean none = highest < chance() + REACH;
            return new Answer(
                    question,
                    none ? Says.NO : Says.OPEN,
                    Optional.of(statistic),
                    String.format(
                            Locale.ROOT,
                            "Of %d classifiers none is above chance, %s, on %,d test texts (1%%, corrected for their number); the best,"
                                    + " %s, has a balanced accuracy of %s. An advantage of %s %.0f points %s",
                            candidates.size(),
                            percent(chance()),
                            statistic.n(),
                            named(best),
                            percent(best.balancedAccuracy()),
                            none ? "more than" : "up to",
                            100 * (highest - chance()),
                            none
                                    ? "can be excluded for all of them."
                                    : "cannot be excluded" + wouldDecide(statistic, 0) + "."));
        }

        private Answer modelNeeded() {
            var without = solutions.counting();
            var question = "Is a language model needed?";
            if (without.isEmpty()) {
                return new Answer(question, Says.YES, Optional.empty(), "There is no word to count in these texts.");
            }
            var counting = Solutions.best(without);
            var behind = counting.balancedDifference(bestOfModel);
            return new Answer(
                    question,
                    behind.low() > -MARGIN ? Says.NO : behind.high() < -MARGIN ? Says.YES : Says.OPEN,
                    Optional.of(behind),
                    named(counting) + ", which needs none, is " + points(behind) + " against " + named(bestOfModel)
                            + ", the best of the model's features" + open(behind, -MARGIN) + ".");
        }

        private Answer natural() {
            var question = "Is the task natural for this model: do a few words do it?";
            int count = solutions.wordCount();
            if (!aboveChance.contains(words)) {
                boolean far = words != bestOfModel
                        && words.balancedDifference(bestOfModel).high() < -MARGIN;
                return new Answer(
                        question,
                        far ? Says.NO : Says.OPEN,
                        Optional.of(words.balancedAccuracy().minus(chance())),
                        String.format(
                                Locale.ROOT,
                                "The probabilities of %d words are not above chance (%s): nothing shows that the task is natural.",
                                count,
                                percent(words.balancedAccuracy())));
            }
            if (words == bestOfModel) {
                return new Answer(
                        question,
                        Says.YES,
                        Optional.of(words.balancedAccuracy().minus(chance())),
                        String.format(
                                Locale.ROOT,
                                "The probabilities of %d words%s do best of all the model's features: %s.",
                                count,
                                behindPrompt(),
                                percent(words.balancedAccuracy())));
            }
            var behind = words.balancedDifference(bestOfModel);
            return new Answer(
                    question,
                    behind.low() > -MARGIN ? Says.YES : behind.high() < -MARGIN ? Says.NO : Says.OPEN,
                    Optional.of(behind),
                    String.format(
                            Locale.ROOT,
                            "The probabilities of %d words%s are %s against %s%s. %s",
                            count,
                            behindPrompt(),
                            points(behind),
                            named(bestOfModel),
                            open(behind, -MARGIN),
                            againstRandom()));
        }

        private String againstRandom() {
            var random = solutions.result("p_f random words");
            var advantage = words.balancedDifference(random);
            return String.format(
                    Locale.ROOT,
                    "As many words drawn at random reach %s; the chosen ones are %s.",
                    percent(random.balancedAccuracy().value()),
                    points(advantage));
        }

        /** What is used: the words if they do as well as the best, else the better of the features. */
        private Result use(Answer natural) {
            return natural.says() == Says.YES
                    ? words
                    : Solutions.best(List.of(solutions.result("f"), solutions.result("Φp_f")));
        }

        private Optional<Answer> moreLabels(Result use) {
            var kind = use.features();
            return curves.lastGain(kind).map(gain -> {
                var sizes = curves.sizes();
                return new Answer(
                        "Would more labels help?",
                        gain.low() > 0 ? Says.YES : gain.high() < MARGIN ? Says.NO : Says.OPEN,
                        Optional.of(gain),
                        String.format(
                                Locale.ROOT,
                                "From %,d to %,d training texts the balanced accuracy of %s changed by %+.1f points [%.1f, %.1f].",
                                sizes.get(sizes.size() - 2),
                                sizes.get(sizes.size() - 1),
                                named(use),
                                100 * gain.value(),
                                100 * gain.low(),
                                100 * gain.high()));
            });
        }

        private Optional<Answer> prompt() {
            if (!solutions.prompted()) {
                return Optional.empty();
            }
            var plain = solutions.results().column("f");
            var prompted = solutions.results().column("f*");
            if (plain.isEmpty() || prompted.isEmpty()) {
                return Optional.empty();
            }
            var gain = prompted.get().balancedDifference(plain.get());
            return Optional.of(new Answer(
                    "Does the prompt help?",
                    gain.low() > 0 ? Says.YES : gain.high() < MARGIN ? Says.NO : Says.OPEN,
                    Optional.of(gain),
                    "Behind “…" + solutions.prompt() + "” f is " + points(gain) + " against f without a prompt"
                            + " (section 5 has the other features, and the other prompts)."));
        }

        private String headline(Answer needed, Answer natural) {
            if (needed.says() == Says.NO) {
                return "Count words: TF-IDF or a bag of words with logistic regression does as well as this language model."
                        + " No language model is needed.";
            }
            if (natural.says() == Says.YES) {
                return String.format(
                        Locale.ROOT,
                        "Read the probabilities of %d words%s: they do as well as all of the model's features."
                                + " The task is natural for this model.",
                        solutions.wordCount(),
                        behindPrompt());
            }
            var kind = use(natural).features();
            if (needed.says() == Says.OPEN) {
                return "Start with TF-IDF: whether this language model's features do better is undecided with so few test texts.";
            }
            return natural.says() == Says.NO
                    ? "Use the frozen model's features " + kind
                            + " with logistic regression. The task is not natural for this model"
                            + " in a few words; a larger model or fine-tuning may do more."
                    : "Use the frozen model's features " + kind
                            + " with logistic regression. Whether a few words would do is" + " undecided.";
        }

        /** What reaches how much, in plain words. */
        private String because() {
            var parts = new ArrayList<String>();
            parts.add("guessing " + percent(chance()));
            if (!solutions.counting().isEmpty()) {
                parts.add("counting words ("
                        + Solutions.best(solutions.counting()).features() + ") "
                        + percent(Solutions.best(solutions.counting())
                                .balancedAccuracy()
                                .value()));
            }
            parts.add(String.format(
                    Locale.ROOT,
                    "the model's probabilities of %d next words%s %s",
                    solutions.wordCount(),
                    behindPrompt(),
                    percent(words.balancedAccuracy().value())));
            var all = Solutions.best(solutions.ofModel().stream()
                    .filter(result -> result != words)
                    .toList());
            parts.add("all that the model makes of the text (" + all.features() + ") "
                    + percent(all.balancedAccuracy().value()));
            return String.format(
                    Locale.ROOT,
                    "Right answers on %,d test texts, averaged over the classes: %s.",
                    best.balancedAccuracy().n(),
                    String.join("; ", parts));
        }

        private String behindPrompt() {
            return solutions.prompted() ? " after “…" + solutions.prompt() + "”" : "";
        }

        private static String named(Result result) {
            return switch (result.features()) {
                case PromptChoice.WORDS -> "the words";
                case "f" -> "f (the hidden state)";
                case "p_f" -> "p_f (all probabilities)";
                case BagOfWords.LABEL -> "the bag of words";
                default -> result.features();
            };
        }

        private static String open(Statistic statistic, double threshold) {
            return statistic.low() <= threshold && threshold <= statistic.high()
                    ? ": undecided" + wouldDecide(statistic, threshold)
                    : "";
        }

        private static String wouldDecide(Statistic statistic, double threshold) {
            OptionalLong needed = statistic.needed(threshold);
            return String.format(Locale.ROOT, " with %,d test texts", statistic.n())
                    + (needed.isPresent()
                            ? String.format(
                                    Locale.ROOT, "; at this size of effect about %,d would decide", needed.getAsLong())
                            : "; no number of test texts alone would decide, as the training texts leave it open");
        }
    }

    /** What about the data makes numbers less than they seem. */
    private static List<String> warnings(TaskData task) {
        var warnings = new ArrayList<String>();
        var duplicates = task.duplicates();
        int test = task.data().test().size();
        int leaked = duplicates.equal() + duplicates.near();
        if (leaked > 0) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%s%,d of %,d test texts (%s) are in the training texts too: %,d equal, %,d nearly so. They are left out of"
                            + " everything below; a result that counts them is too good.",
                    task.given() && duplicates.equal() > 0 ? "The test set leaks: " : "",
                    leaked,
                    test,
                    percent((double) leaked / test),
                    duplicates.equal(),
                    duplicates.near()));
        }
        if (duplicates.contradictory() > 0) {
            warnings.add(String.format(
                    Locale.ROOT, "%,d texts have different labels in different rows.", duplicates.contradictory()));
        }
        if (!task.leftOut().isEmpty()) {
            warnings.add("Left out, as fewer than " + TaskData.LEAST + " training texts have the label: "
                    + String.join(", ", task.leftOut()) + ".");
        }
        var counts = Arrays.stream(task.unseen())
                .map(row -> task.testLabels()[row])
                .boxed()
                .toList();
        var few = IntStream.range(0, task.classes())
                .filter(label -> Collections.frequency(counts, label) < FEW)
                .boxed()
                .sorted(Comparator.comparingInt(label -> Collections.frequency(counts, label)))
                .toList();
        if (!few.isEmpty() && !counts.isEmpty()) {
            int rarest = few.get(0);
            warnings.add(String.format(
                    Locale.ROOT,
                    "%d of %d classes have fewer than %d test texts (“%s” has %d): what is said about them is rough.",
                    few.size(),
                    task.classes(),
                    FEW,
                    task.data().classes().get(rarest),
                    Collections.frequency(counts, rarest)));
        }
        int most = counts.stream()
                .mapToInt(label -> Collections.frequency(counts, label))
                .max()
                .orElse(0);
        if (most >= UNBALANCED * counts.size() && !counts.isEmpty()) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%s of the test texts are of one class: accuracy says little, as always answering it is right so often. Read balanced"
                            + " accuracy and macro-F1.",
                    percent((double) most / counts.size())));
        }
        return warnings;
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    static String percent(Statistic share) {
        return String.format(
                Locale.ROOT, "%.1f%% [%.1f, %.1f]", 100 * share.value(), 100 * share.low(), 100 * share.high());
    }

    /** A share or a difference of shares in percent, and its interval. */
    static String bracketed(Statistic share) {
        return String.format(
                Locale.ROOT, "%.1f [%.1f, %.1f]", 100 * share.value(), 100 * share.low(), 100 * share.high());
    }

    /** A difference in words and points. */
    static String points(Statistic difference) {
        double value = 100 * difference.value();
        var size = String.format(Locale.ROOT, "%.1f points %s", Math.abs(value), value < 0 ? "behind" : "ahead");
        return String.format(
                Locale.ROOT,
                "%s [%.1f, %.1f]",
                Math.abs(value) < 0.05 ? "level" : size,
                100 * difference.low(),
                100 * difference.high());
    }

    /** A row a question. */
    public ResultTable table() {
        return Columns.of(answers)
                .text("question", Answer::question)
                .text("answer", answer -> answer.says().toString())
                .percent(
                        "difference",
                        answer -> answer.statistic().map(Statistic::value).orElse(Double.NaN))
                .percent("low", answer -> answer.statistic().map(Statistic::low).orElse(Double.NaN))
                .percent(
                        "high",
                        answer -> answer.statistic().map(Statistic::high).orElse(Double.NaN))
                .text("evidence", Answer::sentence)
                .table("recommendation", headline);
    }
}
