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
                Warnings.of(task),
                Optional.empty());
    }

    /** From all that was measured. */
    public static Recommendation of(Solutions solutions, LearningCurves curves) {
        return Advice.of(solutions, curves);
    }

    /** The same with a further warning. */
    Recommendation warning(String further) {
        var all = Stream.concat(warnings.stream(), Stream.of(further)).toList();
        return new Recommendation(headline, because, steps, answers, all, kept);
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
