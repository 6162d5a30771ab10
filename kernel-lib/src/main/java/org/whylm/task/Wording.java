package org.whylm.task;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.whylm.probe.BagOfWords;
import org.whylm.probe.Result;
import org.whylm.statistics.Statistic;

/** Names and numbers as the page words them. */
record Wording(Solutions solutions) {

    /** Numbers as everywhere, whatever the machine's language. */
    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    static String percent(double share) {
        return one(share) + "%";
    }

    static String percent(Statistic share) {
        return percent(share.value()) + interval(share);
    }

    /** A share or a difference of shares in percent, and its interval. */
    static String bracketed(Statistic share) {
        return one(share.value()) + interval(share);
    }

    /** A difference in words and points. */
    static String points(Statistic difference) {
        double value = 100 * difference.value();
        var size = format("%.1f points %s", Math.abs(value), value < 0 ? "behind" : "ahead");
        return (Math.abs(value) < 0.05 ? "level" : size) + interval(difference);
    }

    /** A change in points, with its sign. */
    static String change(Statistic gain) {
        return (gain.value() > -0.0005 ? "+" : "") + one(gain.value()) + " points" + interval(gain);
    }

    private static String interval(Statistic share) {
        return " [" + one(share.low()) + ", " + one(share.high()) + "]";
    }

    /** A share in percent, as {@link org.whylm.report.Columns#percent} rounds it; never -0. */
    private static String one(double share) {
        return format("%.1f", Math.rint(1000 * share) / 10 + 0.0);
    }

    /** Two digits: more would be a pretence. */
    static String rounded(long texts) {
        long unit = (long) Math.pow(10, Math.max(0, (long) Math.log10(texts) - 1));
        return format("%,d", (texts + unit - 1) / unit * unit);
    }

    static String capital(String name) {
        return name.startsWith("the ") ? "T" + name.substring(1) : name;
    }

    /** A word with its line ends and tabs as one can see them. */
    static String visible(String word) {
        return word.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
    }

    /** What a classifier reads. */
    String named(Result result) {
        var name =
                switch (result.features()) {
                    case PromptChoice.WORDS -> "the classifier of the words";
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

    String behindPrompt() {
        return solutions.prompted() ? " after “…" + solutions.prompt() + "”" : "";
    }

    String quoted(int label) {
        return "“" + solutions.task().data().classes().get(label) + "”";
    }

    /** The classes other than the most frequent one. */
    String others() {
        var task = solutions.task();
        return IntStream.range(0, task.classes())
                .filter(label -> label != task.mostFrequent())
                .mapToObj(this::quoted)
                .collect(Collectors.joining(" or "));
    }

    /** That texts of the other classes are ranked above those of the most frequent one; of several classes that says nothing of each. */
    String found() {
        return solutions.task().classes() == 2
                ? others() + " can be found, rare as it is. "
                : "Texts of " + others() + " can be told from those of "
                        + quoted(solutions.task().mostFrequent()) + ". ";
    }

    /** What a classifier reaches, beside chance. */
    String reaches(Result result) {
        int frequent = solutions.task().mostFrequent();
        return solutions.task().unbalanced()
                ? " puts a text of " + others() + " above one of " + quoted(frequent) + " in "
                        + percent(result.areaUnderRoc(frequent))
                        + " of such pairs (the area under the ROC curve); chance is 50%."
                : " is right on " + percent(result.balancedAccuracy())
                        + " of the texts of a class, on average over the classes; chance is "
                        + percent(solutions.chance()) + ".";
    }
}
