package org.whylm.task;

import static org.whylm.task.Wording.capital;
import static org.whylm.task.Wording.percent;
import static org.whylm.task.Wording.points;
import static org.whylm.task.Wording.rounded;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.whylm.probe.BagOfWords;
import org.whylm.probe.Result;
import org.whylm.run.Matrices;
import org.whylm.statistics.Statistic;
import org.whylm.task.Recommendation.Answer;
import org.whylm.task.Recommendation.Says;

/**
 * The questions and their answers, by rules that were fixed before any result was seen ({@code docs/your-task.md} words them). All are about
 * balanced accuracy on the test texts that are in training neither equal nor nearly so, and about the whole 95% interval over test
 * texts and redrawn training sets; where a threshold is inside it, the answer is open and says how many test texts would decide. It is
 * open, too, where a class has fewer than {@value #HARDLY_ANY} test texts and one of them would turn it.
 */
final class Questions {

    /** Balanced accuracy within which two classifiers do equally well. */
    static final double MARGIN = 0.02;

    /** An advantage over chance that a test set which shows none must be able to exclude. */
    static final double REACH = 0.10;

    /** Level of the tests against chance. */
    static final double LEVEL = 0.01;

    /** How probably such an advantage is to be seen by as many test texts as are asked for. */
    private static final double POWER = 0.9;

    /** Test texts of a class below which no answer may hang on one of them. */
    private static final int HARDLY_ANY = 5;

    /** Test texts of a class below which its share of right answers says little. */
    static final int FEW = 20;

    /** Number of test texts from which there is no use in saying how many would decide. */
    private static final long OUT_OF_REACH = 100_000;

    private final Solutions solutions;
    private final LearningCurves curves;
    private final TaskData task;
    private final Wording wording;
    private final List<Result> candidates;
    private final List<Result> aboveChance;
    private final Result best;
    private final Result bestOfModel;
    private final Result words;
    private final int[] labels;
    private final int[] tests;

    Questions(Solutions solutions, LearningCurves curves) {
        this.solutions = solutions;
        this.curves = curves;
        task = solutions.task();
        wording = new Wording(solutions);
        candidates = solutions.trained();
        aboveChance = solutions.aboveChance();
        best = Solutions.best(candidates);
        bestOfModel = Solutions.best(solutions.ofModel());
        words = solutions.result(PromptChoice.WORDS);
        labels = best.splits().get(0).labels();
        tests = Matrices.counts(labels, task.classes());
    }

    boolean isAboveChance(Result result) {
        return aboveChance.contains(result);
    }

    /**
     * There is something to learn if some classifier is above chance, {@code 1/k}, at 1% after Holm's correction for all of them; there is
     * nothing in reach if the upper ends of all are less than {@value #REACH} above it. Where one class has four fifths of the texts,
     * above chance is who ranks texts of the others above its own in more than half of the pairs.
     */
    Answer learnable() {
        var question =
                task.unbalanced() ? "Can " + wording.others() + " be found?" : "Does anything tell the classes apart?";
        var surest = surest(aboveChance.isEmpty() ? candidates : aboveChance);
        var advantage = solutions.advantage(surest);
        if (!aboveChance.isEmpty()) {
            return new Answer(
                    question,
                    Says.YES,
                    Optional.of(advantage),
                    capital(wording.named(surest)) + wording.reaches(surest));
        }
        double highest = candidates.stream()
                .mapToDouble(result -> solutions.advantage(result).high())
                .max()
                .orElseThrow();
        boolean none = highest < REACH;
        return new Answer(
                question,
                none ? Says.NO : Says.OPEN,
                Optional.of(advantage),
                Wording.format(
                        "Of %d classifiers none is surely above chance on %,d test texts (at 1%%, %s). The best, %s,%s"
                                + " An advantage of %s %.0f points %s.",
                        candidates.size(),
                        advantage.n(),
                        task.unbalanced() ? "the best of the cross-validation first" : "corrected for their number",
                        wording.named(surest),
                        wording.reaches(surest),
                        none ? "more than" : "up to",
                        100 * highest,
                        none ? "can be excluded for all of them" : "cannot be excluded"));
    }

    /** The result with the largest advantage over chance; the first of equals. */
    private Result surest(List<Result> results) {
        return results.stream()
                .max(Comparator.comparingDouble(
                        result -> solutions.advantage(result).value()))
                .orElseThrow();
    }

    /** How many test texts, of classes as these, would show an advantage of {@link #REACH} nine times in ten. */
    long wouldShow() {
        var statistic = solutions.advantage(surest(candidates));
        var normal = new NormalDistribution();
        double stricter = (normal.inverseCumulativeProbability(1 - LEVEL / 2 / candidates.size())
                        + normal.inverseCumulativeProbability(POWER))
                / normal.inverseCumulativeProbability(0.975);
        double margin = Math.max(statistic.high() - statistic.value(), statistic.value() - statistic.low());
        return (long) Math.ceil(statistic.n() * Math.pow(margin * stricter / REACH, 2));
    }

    /** Whether each rare class that has test texts can be found, by the classifier that is best on all classes. */
    Optional<Answer> rare() {
        var rare = task.rare().stream().filter(label -> tests[label] > 0).toList();
        if (rare.isEmpty()) {
            return Optional.empty();
        }
        var ranked = rare.stream().map(best::areaUnderRoc).toList();
        var least = Collections.min(ranked, Comparator.comparingDouble(Statistic::low));
        var worst = Collections.min(ranked, Comparator.comparingDouble(Statistic::high));
        var says = least.low() > 0.5 ? Says.YES : worst.high() < 0.5 + REACH ? Says.NO : Says.OPEN;
        return Optional.of(new Answer(
                rare.size() == 1 ? "Is the rare class found?" : "Are the rare classes found?",
                says,
                Optional.of((says == Says.NO ? worst : least).minus(0.5)),
                rare.stream().map(this::found).collect(Collectors.joining(" "))));
    }

    private String found(int label) {
        return Wording.format(
                "%s answers %s for %,d of its %,d test texts and for %,d others; it ranks a text of it above another in %s of the pairs.%s",
                capital(wording.named(best)),
                wording.quoted(label),
                recognised(best, label),
                tests[label],
                Matrices.counts(best.splits().get(0).runs().get(0), task.classes())[label] - recognised(best, label),
                percent(best.areaUnderRoc(label)),
                candidates.stream().allMatch(result -> recognised(result, label) == 0)
                        ? " No classifier here recognises one."
                        : "");
    }

    private long recognised(Result result, int label) {
        var given = result.splits().get(0).runs().get(0);
        return IntStream.range(0, labels.length)
                .filter(i -> labels[i] == label && given[i] == label)
                .count();
    }

    /** Rare classes of whose test texts the best classifier misses more than it finds, with how many it finds. */
    List<String> missed() {
        return task.rare().stream()
                .filter(label -> 2 * recognised(best, label) < tests[label])
                .map(label -> Wording.format(
                        "%s: %d of its %d test texts are recognised",
                        wording.quoted(label), recognised(best, label), tests[label]))
                .toList();
    }

    /** A language model is needed unless TF-IDF or a bag of words is less than {@value #MARGIN} behind the best of the model's features. */
    Answer modelNeeded() {
        var question = "Is a language model needed?";
        if (solutions.counting().isEmpty()) {
            return new Answer(question, Says.YES, Optional.empty(), "There is no word to count in these texts.");
        }
        var counting = Solutions.best(solutions.counting());
        return compare(
                question,
                counting,
                bestOfModel,
                Says.NO,
                capital(wording.named(counting)) + ", which needs none, is ",
                ", the best of the model's features",
                ".");
    }

    /**
     * The task is natural for the model, in a few words, if the words are above chance (as in {@link #learnable}) and less than
     * {@value #MARGIN} behind the best of the model's other features; it is not if they are more than that behind.
     */
    Answer natural() {
        var question = "Is the task natural for this model: do a few words do it?";
        var probabilities = "The probabilities of " + solutions.wordCount() + " words";
        var other = solutions.bestBesideWords();
        if (!isAboveChance(words)) {
            boolean far = says(words.balancedDifference(other), Says.YES) == Says.NO;
            return new Answer(
                    question,
                    far ? Says.NO : Says.OPEN,
                    Optional.of(solutions.advantage(words)),
                    probabilities
                            + " are not surely above chance: nothing shows that the task is natural. With them a classifier"
                            + wording.reaches(words));
        }
        var random = solutions.result("p_f random words").balancedAccuracy().value();
        return compare(
                question,
                words,
                other,
                Says.YES,
                probabilities + wording.behindPrompt() + " are ",
                "",
                ". As many words drawn at random reach " + percent(random) + " on average.");
    }

    /** Whether the model's own answer does as well as what was trained. */
    Optional<Answer> untrained() {
        if (solutions.zeroShot().isEmpty()) {
            return Optional.empty();
        }
        var untrained = Solutions.best(solutions.zeroShot());
        return Optional.of(compare(
                "Would the model's own answer do, without training?",
                untrained,
                best,
                Says.YES,
                "Taking the class whose name is the more probable next word" + wording.behindPrompt()
                        + (Solutions.isCalibrated(untrained) ? ", beside its mean over the training texts," : "")
                        + " is right on " + percent(untrained.balancedAccuracy()) + " of the texts of a class, ",
                "",
                "."));
    }

    /** Whether one result is within the margin behind another, in a sentence with their difference. */
    private Answer compare(
            String question, Result one, Result other, Says within, String before, String after, String end) {
        var behind = one.balancedDifference(other);
        return new Answer(
                question,
                says(behind, within),
                Optional.of(behind),
                before + points(behind) + " against " + wording.named(other) + after + open(behind) + end);
    }

    /** What a difference says: whether it is within the margin or beyond it, by its whole interval, and whatever one text would be. */
    private Says says(Statistic behind, Says within) {
        boolean beyond = behind.high() + ofOneText() < -MARGIN;
        return behind.low() - ofOneText() > -MARGIN
                ? within
                : !beyond ? Says.OPEN : within == Says.YES ? Says.NO : Says.YES;
    }

    /** What one test text of the rarest class weighs in a balanced accuracy; 0 where that class has some. */
    private double ofOneText() {
        return rarest() < HARDLY_ANY
                ? 1.0
                        / rarest()
                        / Arrays.stream(tests).filter(count -> count > 0).count()
                : 0;
    }

    private int rarest() {
        return Arrays.stream(tests).filter(count -> count > 0).min().orElseThrow();
    }

    private String open(Statistic behind) {
        if (holdsMargin(behind)) {
            return ": undecided" + wouldDecide(behind);
        }
        return says(behind, Says.YES) == Says.OPEN
                ? ": undecided, as one of the " + rarest() + " test texts of a class would turn it"
                : "";
    }

    private static boolean holdsMargin(Statistic behind) {
        return behind.low() <= -MARGIN && -MARGIN <= behind.high();
    }

    private static String wouldDecide(Statistic behind) {
        var needed = behind.needed(-MARGIN);
        var with = Wording.format(" with %,d test texts", behind.n());
        if (needed.isPresent() && needed.getAsLong() < OUT_OF_REACH) {
            return with + "; at this size of effect about " + rounded(needed.getAsLong()) + " would decide";
        }
        return with + "; more test texts alone would hardly decide, as "
                + (needed.isPresent() || behind.value() == -MARGIN
                        ? "the difference is as good as on the threshold"
                        : "which training texts there are moves it as much");
    }

    /** How many test texts would decide an open comparison, where that is within reach; none if it is open for one text of a class. */
    static OptionalLong wouldDecide(Answer answer) {
        return answer.says() != Says.OPEN
                ? OptionalLong.empty()
                : answer.statistic().filter(Questions::holdsMargin).stream()
                        .flatMapToLong(it -> it.needed(-MARGIN).stream())
                        .filter(needed -> needed < OUT_OF_REACH)
                        .findFirst();
    }

    /** What a gain says: whether there is one, or less than the margin, by its whole interval, and whatever one text would be. */
    private Says gains(Statistic gain) {
        return gain.low() - ofOneText() > 0 ? Says.YES : gain.high() + ofOneText() < MARGIN ? Says.NO : Says.OPEN;
    }

    /**
     * More labels help if the recommended features gained from the last step of the learning curve. Of a few test texts all may be right
     * from any number of training texts: that says nothing of further ones.
     */
    Optional<Answer> moreLabels(Result advised) {
        var kind = solutions.counting().contains(advised) ? BagOfWords.TF_IDF : advised.features();
        boolean rough = task.rare().stream().anyMatch(label -> tests[label] < FEW);
        return curves.lastGain(kind).map(gain -> {
            var sizes = curves.sizes();
            var says = gains(gain);
            return new Answer(
                    "Would more labels help?",
                    says == Says.NO && rough ? Says.OPEN : says,
                    Optional.of(gain),
                    Wording.format(
                            "From %,d to %,d training texts the balanced accuracy of %s changed by %s.",
                            sizes.get(sizes.size() - 2), sizes.get(sizes.size() - 1), kind, Wording.change(gain)));
        });
    }

    /** Whether {@code f} gains from the prompt. */
    Optional<Answer> prompt() {
        var plain = solutions.results().column("f");
        var prompted = solutions.results().column("f*");
        if (!solutions.prompted() || plain.isEmpty() || prompted.isEmpty()) {
            return Optional.empty();
        }
        var gain = prompted.get().balancedDifference(plain.get());
        return Optional.of(new Answer(
                "Does the prompt help?",
                gains(gain),
                Optional.of(gain),
                "Behind “…" + solutions.prompt() + "” f is " + points(gain) + " against f without a prompt"
                        + " (section 5 has the other features, and the other prompts)."));
    }
}
