package org.whylm.theory;

import java.util.List;

/**
 * A task on a known language, and how natural it is.
 *
 * @param name of the task
 * @param task the task
 * @param features of a softmax model, those whose least loss is sought: {@code p_f}, {@code Φp_f}, {@code f}
 * @param natural {@code τ} and the {@code v} that reaches it on {@code p*} within {@code B} (D1)
 */
public record ExactTask(String name, Task task, List<String> features, Naturalness natural) {

    /** The task with its {@code τ} for a {@code B}. */
    public static ExactTask of(String name, Task task, List<String> features, FiniteLanguage language, double B) {
        return new ExactTask(name, task, features, Naturalness.of(task, language.pStar(), B));
    }
}
