package org.whylm.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.whylm.statistics.Rule;
import org.whylm.statistics.Unit;

/**
 * An entry of {@code notebooks/findings.json}: a claim, the statistic that decides it, and a rule for each subject; all of it fixed
 * before the run. A column is the label of a kind of features, with {@code *} behind it where they are read behind the prompt.
 *
 * @param id short name, unique within the notebook
 * @param notebook the notebook that decides it, without {@code .ipynb}
 * @param claim a sentence
 * @param source where the paper makes it, or that it was added here
 * @param kind {@code primary} if the claim is the paper's own, {@code further} if it was added here
 * @param measured what the number is that decides it, in words
 * @param difference the two columns whose accuracies are subtracted, if it is that
 * @param gain the two columns whose gains by the prompt are subtracted, if it is that
 * @param controls columns that the first one must be above for the claim to be tested at all
 * @param unit of the number; {@code points} if it is a difference or gain of accuracies
 * @param rules from a subject, such as a task, to the side of a threshold on which the whole 95% interval must be
 */
public record Claim(
        String id,
        String notebook,
        String claim,
        String source,
        String kind,
        String measured,
        Optional<List<String>> difference,
        Optional<List<String>> gain,
        Optional<List<String>> controls,
        Optional<String> unit,
        Map<String, String> rules) {

    /** @throws IllegalArgumentException if it is of no such kind, or its statistic is not of two columns, or a rule is none */
    public Claim {
        if (!kind.equals("primary") && !kind.equals("further")) {
            throw new IllegalArgumentException("The kind of " + id + " is \"" + kind + "\": primary or further");
        }
        boolean twoColumns =
                Stream.of(difference, gain).flatMap(Optional::stream).allMatch(columns -> columns.size() == 2);
        if (!twoColumns || difference.isPresent() && gain.isPresent()) {
            throw new IllegalArgumentException("The statistic of " + id + ": difference or gain, of two columns");
        }
        rules.forEach((subject, rule) -> {
            try {
                Rule.of(rule);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(id + " on " + subject + ": " + e.getMessage(), e);
            }
        });
    }

    /** Whether the claim is the paper's own. */
    public boolean isPrimary() {
        return kind.equals("primary");
    }

    /** How its numbers are written. */
    public Unit writtenIn() {
        return isComputed() ? Unit.POINTS : new Unit(unit.orElse(""));
    }

    /** Whether the library evaluates it. */
    boolean isComputed() {
        return difference.isPresent() || gain.isPresent();
    }

    /** The claim on each of its subjects. */
    List<Finding> findings() {
        return rules.keySet().stream()
                .map(subject -> new Finding(this, subject))
                .toList();
    }
}
