package org.whylm.task;

import static org.whylm.task.Wording.percent;
import static org.whylm.task.Wording.rounded;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.whylm.probe.BagOfWords;
import org.whylm.probe.Result;
import org.whylm.task.Recommendation.Answer;
import org.whylm.task.Recommendation.Says;

/** What to do, from the answers: one sentence, why, and one step after the other. */
final class Advice {

    private static final String CHECK_LABELS =
            "Read twenty texts with their labels: could you tell the label from the text alone, as a model must?";

    private final Solutions solutions;
    private final TaskData task;
    private final Questions questions;
    private final Wording wording;
    private final List<Answer> answers = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();

    private Advice(Solutions solutions, LearningCurves curves) {
        this.solutions = solutions;
        task = solutions.task();
        questions = new Questions(solutions, curves);
        wording = new Wording(solutions);
    }

    static Recommendation of(Solutions solutions, LearningCurves curves) {
        var advice = new Advice(solutions, curves);
        var learnable = advice.questions.learnable();
        advice.answers.add(learnable);
        return learnable.says() == Says.YES ? advice.learned() : advice.unlearned(learnable.says() == Says.NO);
    }

    /** Where nothing is surely above chance. */
    private Recommendation unlearned(boolean nothing) {
        steps.add(CHECK_LABELS);
        if (!nothing) {
            steps.add(
                    task.unbalanced()
                            ? "Collect more texts of " + wording.others() + ", until " + Questions.FEW
                                    + " test texts are of it: so many show a classifier that ranks three of four pairs rightly."
                            : "Label more texts: about " + rounded(questions.wouldShow())
                                    + " test texts, classes as frequent as here, would most probably show an advantage of 10 points over"
                                    + " chance, or exclude it.");
        }
        var open = task.unbalanced()
                ? "It cannot be said whether " + wording.others()
                        + " can be found: nothing tried surely ranks its texts above others, and there are too few of them to say that"
                        + " nothing does. Collect more texts of it, and check its labels."
                : Wording.format(
                        "It cannot be said whether these labels can be learned: nothing tried is surely above chance, and %,d test texts"
                                + " are too few to say that there is nothing. Check the labels, and label more texts.",
                        task.unseen().length);
        return recommendation(
                nothing
                        ? "Nothing tried is above chance: check the labels before anything else. The texts may not say what"
                                + " the labels say."
                        : open,
                nothing
                        ? " As far as these texts show, the task is not natural for this model."
                        : " Nothing shows that the task is natural for this model.",
                solutions.result("f"));
    }

    private Recommendation learned() {
        questions.rare().ifPresent(answers::add);
        var needed = questions.modelNeeded();
        var natural = questions.natural();
        answers.add(needed);
        answers.add(natural);
        questions.untrained().ifPresent(answers::add);
        var use = natural.says() == Says.YES || wordsAhead(natural)
                ? solutions.result(PromptChoice.WORDS)
                : Solutions.best(List.of(solutions.result("f"), solutions.result("Φp_f")));
        boolean counts = counts(needed) && (needed.says() == Says.NO || natural.says() != Says.YES);
        var advised = counts ? Solutions.best(solutions.counting()) : use;
        var more = questions.moreLabels(advised);
        var prompt = questions.prompt();
        more.ifPresent(answers::add);
        prompt.ifPresent(answers::add);
        if (prompt.isPresent() && prompt.get().statistic().orElseThrow().high() < 0) {
            steps.add("Run the report again with --prompt \"\": without the prompt f does better.");
        }
        steps.add(
                counts
                        ? countWith(advised)
                        : "./whylm task predict labels new texts with the classifier that the report keeps; --abstain-below leaves out"
                                + " the unsure.");
        more.ifPresent(answer -> steps.add(
                switch (answer.says()) {
                    case YES -> "Label more texts: twice as many still helped.";
                    case NO -> "Label no more texts for this: twice as many gained less than 2 points.";
                    case OPEN -> "Label more texts if that is cheap: whether they would help is open.";
                }));
        if (!task.untested().isEmpty()) {
            steps.add("Test on texts of " + task.untested() + " too: none of the test texts that count is.");
        }
        questions.missed().forEach(missed -> steps.add("Collect more texts of " + missed + "."));
        decide(needed, "counting words would do");
        if (questions.isAboveChance(solutions.result(PromptChoice.WORDS))) {
            decide(natural, "a few words would do");
        }
        return recommendation(
                (task.unbalanced() ? wording.found() : "")
                        + headline(needed, natural, use)
                        + (task.untested().isEmpty() ? "" : " None of this was tested on " + task.untested() + "."),
                "",
                use);
    }

    private Recommendation recommendation(String headline, String further, Result use) {
        return new Recommendation(
                headline,
                because() + further,
                steps,
                answers,
                Warnings.of(task, solutions.prompt()),
                Optional.of(use.features()));
    }

    private String countWith(Result counting) {
        var C = counting.splits()
                .get(0)
                .classification()
                .map(it -> "C="
                        + new BigDecimal(it.C())
                                .round(new MathContext(6))
                                .stripTrailingZeros()
                                .toPlainString());
        boolean large = task.data().train().size() > BagOfWords.LARGE;
        var most = large ? "max_features=" + BagOfWords.LARGE : "";
        return "Count words and fit a logistic regression: in scikit-learn "
                + (counting.features().equals(BagOfWords.TF_IDF)
                        ? "TfidfVectorizer(" + most + ")"
                        : "CountVectorizer(binary=True" + (large ? ", " + most : "") + ")")
                + " and LogisticRegression(" + C.orElse("")
                + (task.unbalanced() ? ", class_weight=\"balanced\"" : "") + ") are those of this report"
                + (large ? ", which takes the words that most texts have." : ".");
    }

    /** Whether counting words is what to begin with: it is above chance, and does as well, or it is open and it is not seen to be behind. */
    private boolean counts(Answer needed) {
        boolean notBehind =
                needed.says() == Says.OPEN && needed.statistic().orElseThrow().value() > -Questions.MARGIN;
        return (needed.says() == Says.NO || notBehind) && questions.isAboveChance(Solutions.best(solutions.counting()));
    }

    /** Whether words are what to begin with: it is open whether they do as well, and they are not seen to be behind. */
    private boolean wordsAhead(Answer natural) {
        return natural.says() == Says.OPEN
                && questions.isAboveChance(solutions.result(PromptChoice.WORDS))
                && natural.statistic().orElseThrow().value() >= 0;
    }

    private void decide(Answer answer, String whether) {
        Questions.wouldDecide(answer)
                .ifPresent(needed -> steps.add(
                        "Test on about " + rounded(needed) + " texts if you must know whether " + whether + "."));
    }

    private String headline(Answer needed, Answer natural, Result use) {
        if (needed.says() == Says.NO && counts(needed)) {
            return "Count words: " + wording.named(Solutions.best(solutions.counting()))
                    + " with logistic regression does as well as this language model. No language model is needed."
                    + (natural.says() == Says.YES ? " The task is natural too: a few words after the text do it." : "");
        }
        if (natural.says() == Says.YES) {
            return "Read the probabilities of " + solutions.wordCount() + " words" + wording.behindPrompt()
                    + ": they do as well as all of the model's features. The task is natural for this model.";
        }
        if (counts(needed)) {
            return "Start by counting words (" + wording.named(Solutions.best(solutions.counting()))
                    + "): whether this language model's features do better is undecided with so few test texts.";
        }
        boolean open = needed.says() == Says.OPEN;
        if (wordsAhead(natural)) {
            return "Start with the probabilities of " + solutions.wordCount() + " words" + wording.behindPrompt()
                    + ": whether the model's other features do better is undecided with so few test texts"
                    + (open ? ", and whether counting words would do." : ".");
        }
        return "Use the frozen model: a logistic regression on "
                + (use.features().equals("f") ? "its hidden state f." : "the mean embedding of its next word, Φp_f.")
                + (natural.says() == Says.NO
                        ? " A few words do not do it: the task is not natural for this model. A larger model or fine-tuning may do more."
                                + (open ? " Whether counting words would do is undecided." : "")
                        : " Whether a few words would do is undecided"
                                + (open ? ", and whether counting words would." : "."));
    }

    /** What reaches how much, in plain words. */
    private String because() {
        var words = solutions.result(PromptChoice.WORDS);
        var all = solutions.bestBesideWords();
        var parts = new ArrayList<>(List.of("guessing " + percent(solutions.chance())));
        if (!solutions.counting().isEmpty()) {
            var counting = Solutions.best(solutions.counting());
            parts.add("counting words (" + counting.features() + ") "
                    + percent(counting.balancedAccuracy().value()));
        }
        parts.add("the model's probabilities of " + solutions.wordCount() + " next words" + wording.behindPrompt() + " "
                + percent(words.balancedAccuracy().value()));
        parts.add("all that the model makes of the text (" + all.features() + ") "
                + percent(all.balancedAccuracy().value()));
        return Wording.format(
                "Right answers on %,d test texts, averaged over the classes: %s.",
                task.unseen().length, String.join("; ", parts));
    }
}
