package org.whylm.probe;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How well each kind of features solves a task: its rows of Table 1.
 *
 * @param results one for each kind, without and with the prompt
 * @param lacking from a kind that was not evaluated to the reason
 */
public record TaskResults(String task, List<Result> results, Map<String, String> lacking) {

    /** What always answers the most frequent class of the training split. */
    public static final String CHANCE = "chance";

    public TaskResults {
        results = List.copyOf(results);
        lacking = Map.copyOf(lacking);
    }

    /** These results and others, under their names; a kind that is there already has one more run. */
    public TaskResults with(Result... others) {
        return with(List.of(others));
    }

    /** These results and others, under their names; a kind that is there already has one more run. */
    public TaskResults with(Collection<Result> others) {
        var columns = new LinkedHashMap<String, Result>();
        results.forEach(result -> columns.put(result.column(), result));
        for (var other : others) {
            columns.merge(other.column(), other, Result::and);
        }
        return new TaskResults(task, List.copyOf(columns.values()), lacking);
    }

    /** The same results, their features named for what trained them, as in {@code f (Quad)}; chance keeps its name. */
    public TaskResults by(String what) {
        return each(result ->
                result.features().equals(CHANCE) ? result : result.named(result.features() + " (" + what + ")"));
    }

    /** The same results, each changed. */
    public TaskResults each(UnaryOperator<Result> change) {
        return new TaskResults(task, results.stream().map(change).toList(), lacking);
    }

    /** These results and another model's on the same examples; what is there already has one more run. */
    public TaskResults and(TaskResults others) {
        return with(others.results.stream()
                .filter(result -> !result.features().equals(CHANCE))
                .toList());
    }

    /** The same results, a kind of features also under another name. */
    public TaskResults as(String features, String name) {
        return with(results.stream()
                .filter(result -> result.features().equals(features))
                .map(result -> result.named(name))
                .toList());
    }

    /** The same results, and why kinds of features are not among them. */
    public TaskResults lacking(Map<String, String> why) {
        var reasons = new LinkedHashMap<>(lacking);
        reasons.putAll(why);
        return new TaskResults(task, results, reasons);
    }

    /** The same results under another name of the task, such as that of the same sentences read in another way. */
    public TaskResults named(String task) {
        return new TaskResults(
                task,
                results.stream()
                        .map(it -> new Result(task, it.features(), it.prompted(), it.dimension(), it.splits()))
                        .toList(),
                lacking);
    }

    /** Whether a kind of features was evaluated; those of a word list are not where no word of it is a single token. */
    public boolean has(String features, boolean prompted) {
        return column(features + (prompted ? "*" : "")).isPresent();
    }

    /** @throws IllegalArgumentException if there is no result of that kind of features */
    public Result result(String features, boolean prompted) {
        return column(features + (prompted ? "*" : ""))
                .orElseThrow(() -> new IllegalArgumentException("No result of " + task + " for the features " + features
                        + (prompted ? " with" : " without") + " a prompt"));
    }

    /** A result by its column's name, {@code *} behind it with the prompt; chance and what else has no prompt is the same with it. */
    public Optional<Result> column(String column) {
        boolean hasNoPrompt = List.of(CHANCE, BagOfWords.LABEL).contains(plain(column));
        var name = hasNoPrompt ? plain(column) : column;
        return results.stream().filter(result -> result.column().equals(name)).findFirst();
    }

    /** Why a column is not there. */
    public String why(String column) {
        var features = plain(column);
        boolean elsewhere =
                results.stream().anyMatch(result -> result.features().equals(features));
        return lacking.getOrDefault(
                features,
                features
                        + (elsewhere
                                ? column.endsWith("*") ? " was read without a prompt" : " was read with the prompt only"
                                : " was not evaluated")
                        + " on " + task);
    }

    /** Which test examples are of the most frequent class of the training split. */
    public Result chance() {
        return result(CHANCE, false);
    }

    private static String plain(String column) {
        return column.endsWith("*") ? column.substring(0, column.length() - 1) : column;
    }
}
