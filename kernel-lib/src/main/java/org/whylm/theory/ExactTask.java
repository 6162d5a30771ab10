package org.whylm.theory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A task on a known language, and how natural it is.
 *
 * @param features of a softmax model, those whose least loss is sought: {@code p_f}, {@code Φp_f}, {@code f}
 * @param B the bound on {@code ‖v‖_∞} of every classifier
 * @param natural {@code τ} and the {@code v} that reaches it on {@code p*} within {@code B} (D1)
 */
public record ExactTask(String name, Task task, List<String> features, double B, Naturalness natural) {

    /** The task with its {@code τ} for a {@code B}. */
    public static ExactTask of(String name, Task task, List<String> features, FiniteLanguage language, double B) {
        return new ExactTask(name, task, features, B, Naturalness.of(task, language.pStar(), B));
    }

    /**
     * The tasks of a language. The least loss of {@code p_f}, which is sought over all {@code V} weights, is measured on the first of
     * them only: it takes longest.
     */
    public static List<ExactTask> all(Map<String, Task> tasks, FiniteLanguage language, double B) {
        var all = new ArrayList<ExactTask>();
        tasks.forEach((name, task) -> all.add(
                of(name, task, all.isEmpty() ? List.of("p_f", "Φp_f", "f") : List.of("Φp_f", "f"), language, B)));
        return all;
    }

    /** The error of always answering the more frequent class. */
    public double chanceError() {
        double positive = Distributions.mean(task.pT(), s -> task.labels()[s] > 0 ? 1 : 0);
        return Math.min(positive, 1 - positive);
    }
}
