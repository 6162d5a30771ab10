package org.whylm.task;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.whylm.probe.BagOfWords;
import org.whylm.probe.Result;
import org.whylm.probe.TfIdf;
import org.whylm.report.Columns;
import org.whylm.report.ResultTable;
import org.whylm.statistics.Statistic;

/**
 * What to do next, by rules that were fixed before any result was seen ({@code docs/your-task.md} words them). All are about balanced
 * accuracy on the test texts that are in training neither equal nor nearly so, and about the whole 95% interval over test
 * texts and redrawn training sets; where a threshold is inside it, the answer is open and says how many test texts would decide. It is
 * open, too, where a class has fewer than {@value #HARDLY_ANY} test texts and one of them would turn it.
 *
 * <ol>
 *   <li>There is something to learn if some classifier is above chance, {@code 1/k}, at 1% after Holm's correction for all of them;
 *       there is nothing in reach if the upper ends of all are less than {@value #REACH} above it. Where one class has four fifths of the
 *       texts, above chance is who ranks texts of the others above its own in more than half of the pairs.
 *   <li>A language model is needed unless TF-IDF or a bag of words is less than {@value #MARGIN} behind the best of the model's features.
 *   <li>The task is natural for the model, in a few words, if the words are above chance (as in 1) and less than {@value #MARGIN} behind the
 *       best of the model's features; it is not if they are more than that behind.
 *   <li>More labels help if the recommended features gained from the last step of the learning curve.
 * </ol>
 *
 * @param headline what to do, in a sentence
 * @param because why, in a sentence or two
 * @param steps what to do, one after the other
 * @param answers question by question
 * @param warnings what about the data makes numbers less than they seem
 * @param kept features of the classifier that is kept: {@code p_f words}, {@code Φp_f} or {@code f}; none if nothing was measured
 */
public record Recommendation(
        String headline,
        String because,
        List<String> steps,
        List<Answer> answers,
        List<String> warnings,
        Optional<String> kept) {

    /** Balanced accuracy within which two classifiers do equally well. */
    static final double MARGIN = 0.02;

    /** An advantage over chance that a test set which shows none must be able to exclude. */
    static final double REACH = 0.10;

    /** Level of the tests against chance. */
    static final double LEVEL = 0.01;

    /** How probably such an advantage is to be seen by as many test texts as are asked for. */
    private static final double POWER = 0.9;

    private static final String CHECK_LABELS =
            "Read twenty texts with their labels: could you tell the label from the text alone, as a model must?";

    /** Test texts of a class below which no answer may hang on one of them. */
    private static final int HARDLY_ANY = 5;

    /** Test texts of a class below which its share of right answers says little. */
    private static final int FEW = 20;

    /** Number of test texts from which there is no use in saying how many would decide. */
    private static final long OUT_OF_REACH = 100_000;

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
        boolean classes = task.classes() > 1;
        return new Recommendation(
                "Nothing can be said about this task yet: "
                        + (classes ? "it lacks texts to test on." : "label more texts."),
                "Nothing was measured, as " + why + ".",
                List.of(
                        classes
                                ? "Test on texts of every class that are not in the training texts: name them with --test, or label more."
                                : "Label more texts, of each class some twenty at least, and run the report again."),
                List.of(),
                warnings(task),
                Optional.empty());
    }

    /** From all that was measured. */
    public static Recommendation of(Solutions solutions, LearningCurves curves) {
        return new Rules(solutions, curves).recommendation();
    }

    /** The same with a further warning. */
    Recommendation warning(String further) {
        var all = Stream.concat(warnings.stream(), Stream.of(further)).toList();
        return new Recommendation(headline, because, steps, answers, all, kept);
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
        private final List<String> steps = new ArrayList<>();

        Rules(Solutions solutions, LearningCurves curves) {
            this.solutions = solutions;
            this.curves = curves;
            task = solutions.task();
            candidates = solutions.trained();
            best = Solutions.best(candidates);
            bestOfModel = Solutions.best(solutions.ofModel());
            words = solutions.result(PromptChoice.WORDS);
            aboveChance = solutions.aboveChance();
        }

        private double chance() {
            return solutions.chance();
        }

        Recommendation recommendation() {
            var learnable = learnable();
            answers.add(learnable);
            if (learnable.says() != Says.YES) {
                steps.add(CHECK_LABELS);
                if (learnable.says() == Says.OPEN && task.unbalanced()) {
                    steps.add(
                            "Collect more texts of " + others() + ", until " + FEW
                                    + " test texts are of it: so many show a classifier that ranks three of four pairs rightly.");
                } else if (learnable.says() == Says.OPEN) {
                    steps.add("Label more texts: about " + rounded(wouldShow())
                            + " test texts, classes as frequent as here, would most probably show an"
                            + " advantage of 10 points over chance, or exclude it.");
                }
                return done(
                        learnable.says() == Says.NO
                                ? "Nothing tried is above chance: check the labels before anything else. The texts may not say what"
                                        + " the labels say."
                                : unlearned(),
                        because()
                                + (learnable.says() == Says.NO
                                        ? " As far as these texts show, the task is not natural for this model."
                                        : " Nothing shows that the task is natural for this model."),
                        solutions.result("f"));
            }
            rare().ifPresent(answers::add);
            var needed = modelNeeded();
            var natural = natural();
            answers.add(needed);
            answers.add(natural);
            untrained().ifPresent(answers::add);
            var use = use(natural);
            boolean counts = counts(needed) && (needed.says() == Says.NO || natural.says() != Says.YES);
            var advised = counts ? Solutions.best(solutions.counting()) : use;
            var more = moreLabels(advised);
            more.ifPresent(answers::add);
            prompt().ifPresent(answers::add);
            useIt(advised);
            more.ifPresent(answer -> steps.add(
                    switch (answer.says()) {
                        case YES -> "Label more texts: the last ones still helped.";
                        case NO -> "Label no more texts for this: the last ones gained less than 2 points.";
                        case OPEN -> "Label more texts if that is cheap: whether they would help is open.";
                    }));
            decide(needed, "counting words would do");
            if (aboveChance.contains(words)) {
                decide(natural, "a few words would do");
            }
            return done(
                    (task.unbalanced() ? capital(others()) + " can be found, rare as it is. " : "")
                            + headline(needed, natural),
                    because(),
                    use);
        }

        private Recommendation done(String headline, String because, Result use) {
            return new Recommendation(headline, because, steps, answers, warnings(task), Optional.of(use.features()));
        }

        private void useIt(Result advised) {
            if (solutions.counting().contains(advised)) {
                var C = advised.splits()
                        .get(0)
                        .classification()
                        .map(it -> "C="
                                + new BigDecimal(it.C())
                                        .round(new MathContext(6))
                                        .stripTrailingZeros()
                                        .toPlainString());
                steps.add("Count words and fit a logistic regression: in scikit-learn "
                        + (advised.features().equals(TfIdf.LABEL)
                                ? "TfidfVectorizer()"
                                : "CountVectorizer(binary=True)")
                        + " and LogisticRegression(" + C.orElse("")
                        + (task.unbalanced() ? ", class_weight=\"balanced\"" : "") + ") are those of this report.");
            } else {
                steps.add(
                        "./whylm task predict labels new texts with the classifier that the report keeps; --abstain-below leaves out the unsure.");
            }
        }

        /** Whether counting words is what to begin with: it is above chance, and does as well, or it is open and it is not seen to be behind. */
        private boolean counts(Answer needed) {
            return (needed.says() == Says.NO
                            || needed.says() == Says.OPEN
                                    && needed.statistic().orElseThrow().value() > -MARGIN)
                    && aboveChance.contains(Solutions.best(solutions.counting()));
        }

        private void decide(Answer answer, String whether) {
            var needed = answer.statistic().map(it -> it.needed(-MARGIN)).orElse(OptionalLong.empty());
            if (answer.says() == Says.OPEN && needed.isPresent() && needed.getAsLong() < OUT_OF_REACH) {
                steps.add("Test on about " + rounded(needed.getAsLong()) + " texts if you must know whether " + whether
                        + ".");
            }
        }

        /** What is said where nothing is above chance, and the test texts are too few to say that there is nothing. */
        private String unlearned() {
            if (task.unbalanced()) {
                return "It cannot be said whether " + others()
                        + " can be found: nothing tried surely ranks its texts above others, and there are too few of them to say that"
                        + " nothing does. Collect more texts of it, and check its labels.";
            }
            return String.format(
                    Locale.ROOT,
                    "It cannot be said whether these labels can be learned: nothing tried is surely above chance, and %,d test texts are"
                            + " too few to say that there is nothing. Check the labels, and label more texts.",
                    labels().length);
        }

        private Answer learnable() {
            var question =
                    task.unbalanced() ? "Can " + others() + " be found?" : "Does anything tell the classes apart?";
            if (!aboveChance.isEmpty()) {
                var surest = surest(aboveChance);
                return new Answer(
                        question,
                        Says.YES,
                        Optional.of(solutions.advantage(surest)),
                        capital(named(surest)) + reaches(surest));
            }
            var surest = surest(candidates);
            var statistic = solutions.advantage(surest);
            double highest = candidates.stream()
                    .mapToDouble(result -> solutions.advantage(result).high())
                    .max()
                    .orElseThrow();
            return new Answer(
                    question,
                    highest < REACH ? Says.NO : Says.OPEN,
                    Optional.of(statistic),
                    String.format(
                            Locale.ROOT,
                            "Of %d classifiers none is surely above chance on %,d test texts (%s). The best, %s,%s"
                                    + " An advantage of %s %.0f points %s be excluded%s.",
                            candidates.size(),
                            statistic.n(),
                            task.unbalanced()
                                    ? "at 1%, the best of the cross-validation first"
                                    : "at 1%, corrected for their number",
                            named(surest),
                            reaches(surest),
                            highest < REACH ? "more than" : "up to",
                            100 * highest,
                            highest < REACH ? "can" : "cannot",
                            highest < REACH ? " for all of them" : ""));
        }

        /** What a classifier reaches, beside chance. */
        private String reaches(Result result) {
            if (task.unbalanced()) {
                return " puts a text of " + others() + " above one of " + quoted(task.mostFrequent()) + " in "
                        + percent(result.areaUnderRoc(task.mostFrequent()))
                        + " of such pairs (the area under the ROC curve); chance is 50%.";
            }
            return " is right on " + percent(result.balancedAccuracy())
                    + " of the texts of a class, on average over the classes; chance is " + percent(chance()) + ".";
        }

        /** The classes other than the most frequent one. */
        private String others() {
            return IntStream.range(0, task.classes())
                    .filter(label -> label != task.mostFrequent())
                    .mapToObj(this::quoted)
                    .collect(Collectors.joining(" or "));
        }

        private String quoted(int label) {
            return "“" + task.data().classes().get(label) + "”";
        }

        /** The result with the largest advantage over chance; the first of equals. */
        private Result surest(List<Result> results) {
            return results.stream()
                    .reduce((a, b) -> solutions.advantage(b).value()
                                    > solutions.advantage(a).value()
                            ? b
                            : a)
                    .orElseThrow();
        }

        /** Whether each rare class that has test texts can be found, by the classifier that is best on all classes. */
        private Optional<Answer> rare() {
            var found = task.rare().stream()
                    .filter(label -> count(labels(), label) > 0)
                    .map(label -> Map.entry(label, best.areaUnderRoc(label)))
                    .toList();
            var least = found.stream().map(Map.Entry::getValue).min(Comparator.comparingDouble(Statistic::low));
            return least.map(statistic -> new Answer(
                    found.size() == 1 ? "Is the rare class found?" : "Are the rare classes found?",
                    statistic.low() > 0.5 ? Says.YES : statistic.high() < 0.5 + REACH ? Says.NO : Says.OPEN,
                    Optional.of(statistic.minus(0.5)),
                    found.stream()
                            .map(each -> found(each.getKey(), each.getValue()))
                            .collect(Collectors.joining(" "))));
        }

        private String found(int label, Statistic area) {
            var labels = labels();
            var given = best.splits().get(0).runs().get(0);
            long right = IntStream.range(0, labels.length)
                    .filter(i -> labels[i] == label && given[i] == label)
                    .count();
            return String.format(
                    Locale.ROOT,
                    "%s answers %s for %,d of its %,d test texts and for %,d others; it ranks a text of it above another in %s of the pairs.",
                    capital(named(best)),
                    quoted(label),
                    right,
                    count(labels, label),
                    count(given, label) - right,
                    percent(area));
        }

        private int[] labels() {
            return best.splits().get(0).labels();
        }

        private static long count(int[] values, int value) {
            return Arrays.stream(values).filter(each -> each == value).count();
        }

        /** How many test texts, of classes as these, would show an advantage of {@link #REACH} nine times in ten. */
        private long wouldShow() {
            var statistic = solutions.advantage(surest(candidates));
            var normal = new NormalDistribution();
            double stricter = (normal.inverseCumulativeProbability(1 - LEVEL / 2 / candidates.size())
                            + normal.inverseCumulativeProbability(POWER))
                    / normal.inverseCumulativeProbability(0.975);
            double margin = Math.max(statistic.high() - statistic.value(), statistic.value() - statistic.low());
            return (long) Math.ceil(statistic.n() * Math.pow(margin * stricter / REACH, 2));
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
                    says(behind, Says.NO, Says.YES),
                    Optional.of(behind),
                    capital(named(counting)) + ", which needs none, is " + points(behind) + " against "
                            + named(bestOfModel) + ", the best of the model's features" + open(behind) + ".");
        }

        private Answer natural() {
            var question = "Is the task natural for this model: do a few words do it?";
            int count = solutions.wordCount();
            if (!aboveChance.contains(words)) {
                boolean far = words != bestOfModel
                        && says(words.balancedDifference(bestOfModel), Says.YES, Says.NO) == Says.NO;
                return new Answer(
                        question,
                        far ? Says.NO : Says.OPEN,
                        Optional.of(solutions.advantage(words)),
                        String.format(
                                Locale.ROOT,
                                "The probabilities of %d words are not surely above chance: nothing shows that the task is natural. With them a classifier%s",
                                count,
                                reaches(words)));
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
                    says(behind, Says.YES, Says.NO),
                    Optional.of(behind),
                    String.format(
                            Locale.ROOT,
                            "The probabilities of %d words%s are %s against %s%s. %s",
                            count,
                            behindPrompt(),
                            points(behind),
                            named(bestOfModel),
                            open(behind),
                            againstRandom()));
        }

        private String againstRandom() {
            return "As many words drawn at random reach "
                    + percent(solutions
                            .result("p_f random words")
                            .balancedAccuracy()
                            .value()) + " on average.";
        }

        /** What is used: the words if they do as well as the best, else the better of the features. */
        private Result use(Answer natural) {
            return natural.says() == Says.YES
                    ? words
                    : Solutions.best(List.of(solutions.result("f"), solutions.result("Φp_f")));
        }

        /** Whether the model's own answer does as well as what was trained. */
        private Optional<Answer> untrained() {
            var zeroShot = solutions.zeroShot();
            if (zeroShot.isEmpty()) {
                return Optional.empty();
            }
            var untrained = Solutions.best(zeroShot);
            var behind = untrained.balancedDifference(best);
            return Optional.of(new Answer(
                    "Would the model's own answer do, without training?",
                    says(behind, Says.YES, Says.NO),
                    Optional.of(behind),
                    "Taking the class whose name is the more probable next word" + behindPrompt() + " is right on "
                            + percent(untrained.balancedAccuracy()) + " of the texts of a class, " + points(behind)
                            + " against "
                            + named(best) + open(behind) + "."));
        }

        private Optional<Answer> moreLabels(Result advised) {
            var kind = solutions.counting().contains(advised) ? TfIdf.LABEL : advised.features();
            // Of a few test texts all may be right from any number of training texts: that says nothing of further
            // ones.
            boolean rough = task.rare().stream().anyMatch(label -> count(labels(), label) < FEW);
            return curves.lastGain(kind).map(gain -> {
                var sizes = curves.sizes();
                return new Answer(
                        "Would more labels help?",
                        gain.low() > 0 ? Says.YES : gain.high() < MARGIN && !rough ? Says.NO : Says.OPEN,
                        Optional.of(gain),
                        String.format(
                                Locale.ROOT,
                                "From %,d to %,d training texts the balanced accuracy of %s changed by %+.1f points [%.1f, %.1f].",
                                sizes.get(sizes.size() - 2),
                                sizes.get(sizes.size() - 1),
                                kind,
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
            if (gain.high() < 0) {
                steps.add("Run the report again with --prompt \"\": without the prompt f does better.");
            }
            return Optional.of(new Answer(
                    "Does the prompt help?",
                    gain.low() > 0 ? Says.YES : gain.high() < MARGIN ? Says.NO : Says.OPEN,
                    Optional.of(gain),
                    "Behind “…" + solutions.prompt() + "” f is " + points(gain) + " against f without a prompt"
                            + " (section 5 has the other features, and the other prompts)."));
        }

        private String headline(Answer needed, Answer natural) {
            if (needed.says() == Says.NO && counts(needed)) {
                return "Count words: " + named(Solutions.best(solutions.counting()))
                        + " with logistic regression does as well as this"
                        + " language model. No language model is needed."
                        + (natural.says() == Says.YES
                                ? " The task is natural too: a few words after the text do it."
                                : "");
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
            if (counts(needed)) {
                return "Start by counting words (" + named(Solutions.best(solutions.counting()))
                        + "): whether this language model's features do better is undecided with so few test texts.";
            }
            return natural.says() == Says.NO
                    ? "Use the frozen model's features " + kind
                            + " with logistic regression. The task is not natural for this model"
                            + " in a few words; a larger model or fine-tuning may do more."
                            + (needed.says() == Says.OPEN ? " Whether counting words would do is undecided." : "")
                    : "Use the frozen model's features " + kind
                            + " with logistic regression. Whether a few words would do is undecided"
                            + (needed.says() == Says.OPEN ? ", and whether counting words would." : ".");
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

        private String named(Result result) {
            var name =
                    switch (result.features()) {
                        case PromptChoice.WORDS -> "the words";
                        case "f" -> "f (the hidden state)";
                        case "p_f" -> "p_f (all probabilities)";
                        case BagOfWords.LABEL -> "the bag of words";
                        default -> result.features();
                    };
            boolean plain = solutions.prompted()
                    && !result.prompted()
                    && !solutions.counting().contains(result);
            return plain ? name + " without the prompt" : name;
        }

        /** What a difference says: whether it is within the margin or beyond it, by its whole interval, and whatever one text would be. */
        private Says says(Statistic behind, Says within, Says beyond) {
            return behind.low() - ofOneText() > -MARGIN
                    ? within
                    : behind.high() + ofOneText() < -MARGIN ? beyond : Says.OPEN;
        }

        /** What one test text of the rarest class weighs in a balanced accuracy; 0 where that class has some. */
        private double ofOneText() {
            long rarest = rarest();
            return rarest < HARDLY_ANY
                    ? 1.0 / rarest / Arrays.stream(labels()).distinct().count()
                    : 0;
        }

        private long rarest() {
            return Arrays.stream(labels())
                    .mapToLong(label -> count(labels(), label))
                    .min()
                    .orElseThrow();
        }

        private String open(Statistic behind) {
            if (behind.low() <= -MARGIN && -MARGIN <= behind.high()) {
                return ": undecided" + wouldDecide(behind, -MARGIN);
            }
            return says(behind, Says.YES, Says.NO) == Says.OPEN
                    ? ": undecided, as one of the " + rarest() + " test texts of a class would turn it"
                    : "";
        }

        private static String wouldDecide(Statistic statistic, double threshold) {
            var needed = statistic.needed(threshold);
            var with = String.format(Locale.ROOT, " with %,d test texts", statistic.n());
            if (needed.isPresent() && needed.getAsLong() < OUT_OF_REACH) {
                return with + "; at this size of effect about " + rounded(needed.getAsLong()) + " would decide";
            }
            return with + "; more test texts alone would hardly decide, as "
                    + (needed.isPresent() || statistic.value() == threshold
                            ? "the difference is as good as on the threshold"
                            : "which training texts there are moves it as much");
        }

        private static String capital(String name) {
            return name.startsWith("the ") ? "T" + name.substring(1) : name;
        }

        /** Two digits: more would be a pretence. */
        private static String rounded(long texts) {
            long unit = (long) Math.pow(10, Math.max(0, (long) Math.log10(texts) - 1));
            return String.format(Locale.ROOT, "%,d", (texts + unit - 1) / unit * unit);
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
                            + " everything below; a result that counts them is too good. split.csv names them.",
                    task.given() && duplicates.equal() > 0 ? "The test set leaks: " : "",
                    leaked,
                    test,
                    percent((double) leaked / test),
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
                .filter(label -> Collections.frequency(counts, label) < FEW)
                .boxed()
                .sorted(Comparator.comparingInt(label -> Collections.frequency(counts, label)))
                .toList();
        if (!few.isEmpty() && !counts.isEmpty()) {
            int rarest = few.get(0);
            warnings.add(String.format(
                    Locale.ROOT,
                    "%d of %d classes %s fewer than %d test texts (“%s” has %d): what is said about %s is rough.",
                    few.size(),
                    task.classes(),
                    few.size() == 1 ? "has" : "have",
                    FEW,
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
                    percent((double) Collections.frequency(
                                    Arrays.stream(task.trainLabels()).boxed().toList(), task.mostFrequent())
                            / task.data().train().size()),
                    task.data().classes().get(task.mostFrequent())));
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
