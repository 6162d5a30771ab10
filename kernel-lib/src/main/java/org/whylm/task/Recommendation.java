package org.whylm.task;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.whylm.report.Columns;
import org.whylm.report.ResultTable;
import org.whylm.statistics.Statistic;

/**
 * What to do next.
 *
 * @param headline in a sentence
 * @param because in a sentence or two
 * @param steps one after the other
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

    /** An answer, the difference that decided, and what was measured in words and numbers. */
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
                Warnings.of(task),
                Optional.empty());
    }

    /** The same with further warnings. */
    Recommendation warning(List<String> further) {
        var all = Stream.concat(warnings.stream(), further.stream()).toList();
        return new Recommendation(headline, because, steps, answers, all, kept);
    }

    /** A row a question. */
    public ResultTable table() {
        return Columns.of(answers)
                .text("question", Answer::question)
                .text("answer", answer -> answer.says().toString())
                .interval("difference", "low", "high", Answer::statistic)
                .text("evidence", Answer::sentence)
                .table("recommendation", headline);
    }
}
