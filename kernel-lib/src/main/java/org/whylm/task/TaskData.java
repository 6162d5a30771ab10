package org.whylm.task;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.data.DataException;
import org.whylm.data.Duplicates;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.probe.Criterion;
import org.whylm.probe.CrossValidation;
import org.whylm.run.Matrices;

/**
 * A user's task as the report takes it: split, its duplicates known, without classes that no classifier can be cross-validated on.
 *
 * @param data the task; its training texts decide everything but the accuracies
 * @param duplicates texts that are there more than once
 * @param leftOut classes with fewer than {@value #LEAST} training texts, whose texts are not in {@code data}
 * @param given whether the user gave the test texts; else a fifth of the texts, by hash
 */
public record TaskData(TextDataset data, Duplicates duplicates, List<String> leftOut, boolean given) {

    /** Training texts that a class needs, for a fold to hold out and two to learn from. */
    static final int LEAST = 3;

    private static final int MOST_CLASSES = 20;

    /** Share of the most frequent class from which accuracy says little, and always answering it is hard to beat. */
    private static final double UNBALANCED = 0.8;

    /** A class is rare that has less than this share of what it would have if all classes had as many training texts. */
    private static final double RARE = 0.25;

    /**
     * Reads CSV files with the columns {@code label} and {@code text}.
     *
     * @param test test texts; without them a fifth of the texts of {@code csv}, by hash
     * @throws DataException if a file is missing or malformed, or there are fewer than 2 or more than 20 classes
     */
    public static TaskData read(Path csv, Optional<Path> test) {
        var data = test.isPresent() ? TextDataset.fromCsv(csv, test.get()) : TextDataset.fromCsv(csv);
        if (data.classes().size() > MOST_CLASSES) {
            throw new DataException(csv + ": " + data.classes().size() + " different labels, the first "
                    + data.classes().subList(0, 5) + "; a task has at most " + MOST_CLASSES
                    + " classes: is the column label a number to predict, or another column?");
        }
        return of(data, test.isPresent());
    }

    /** A task that was read already. Its split stays if it is given; else its texts are split by hash. */
    public static TaskData of(TextDataset data, boolean given) {
        var split = given ? data : data.splitByHash();
        var task = enough(split);
        var leftOut = data.classes().stream()
                .filter(name -> !task.classes().contains(name))
                .toList();
        return new TaskData(task, Duplicates.of(task), leftOut, given);
    }

    /** Without the classes that have too few training texts. */
    static TextDataset enough(TextDataset data) {
        var counts = Matrices.counts(data.trainLabels(), data.classes().size());
        var kept = IntStream.range(0, counts.length).filter(label -> counts[label] >= LEAST);
        return data.only(kept.boxed().toList());
    }

    /** Why nothing can be measured on this task; empty where something can. */
    public Optional<String> unmeasurable() {
        if (classes() < 2) {
            return Optional.of("fewer than two classes have " + LEAST
                    + " training texts, the least that a classifier can" + " be cross-validated on");
        }
        if (unseen().length == 0) {
            return Optional.of(
                    data.test().isEmpty()
                            ? "there is no test text"
                            : "every test text is in the training texts too, equal or nearly so");
        }
        var tested = Arrays.stream(unseenLabels()).boxed().collect(Collectors.toSet());
        if (tested.size() < 2) {
            return Optional.of("the test texts not seen in training are all of one class");
        }
        return unbalanced() && !tested.contains(mostFrequent())
                ? Optional.of("no test text is of “" + data.classes().get(mostFrequent())
                        + "”, of which most training texts are: nothing can be ranked against it")
                : Optional.empty();
    }

    /**
     * Whether one class has four fifths of the training texts: a classifier is then most often right by hardly ever answering another, and
     * all weight the classes alike.
     */
    public boolean unbalanced() {
        return classes() > 1
                && counts()[mostFrequent()] >= UNBALANCED * data.train().size();
    }

    /** Labels that are the same but for case, spaces and how Unicode writes them, or the same number, as 1 and 1.0: each such group. */
    List<List<String>> alike() {
        return Stream.concat(data.classes().stream(), leftOut.stream())
                .collect(Collectors.groupingBy(TaskData::plain, TreeMap::new, Collectors.toList()))
                .values()
                .stream()
                .filter(labels -> labels.size() > 1)
                .toList();
    }

    private static String plain(String label) {
        var plain = Normalizer.normalize(label, Normalizer.Form.NFKC)
                .toLowerCase(Locale.ROOT)
                .replaceAll("\\p{Cf}", "")
                .replaceAll("[\\s\\p{Z}]+", " ")
                .strip();
        try {
            return new BigDecimal(plain).stripTrailingZeros().toString();
        } catch (NumberFormatException e) {
            return plain;
        }
    }

    /** How {@code C} is chosen: by accuracy, balanced where that says little, until larger values do worse. */
    CrossValidation choice(CrossValidation validation) {
        return validation
                .by(unbalanced() ? Criterion.BALANCED : Criterion.ACCURACY)
                .quick();
    }

    /** The class with the most training texts; the first of equals. */
    int mostFrequent() {
        return Matrices.mostFrequent(trainLabels(), classes());
    }

    /** Classes with less than a quarter of their equal share of the training texts. */
    List<Integer> rare() {
        var counts = counts();
        return IntStream.range(0, classes())
                .filter(label -> counts[label] < RARE * data.train().size() / classes())
                .boxed()
                .toList();
    }

    /** Classes of which no test text counts, by their names in quotes; empty where each has one. */
    String untested() {
        var counts = Matrices.counts(unseenLabels(), classes());
        return IntStream.range(0, classes())
                .filter(label -> counts[label] == 0)
                .mapToObj(label -> "“" + data.classes().get(label) + "”")
                .collect(Collectors.joining(", "));
    }

    /** Training texts of each class. */
    int[] counts() {
        return Matrices.counts(trainLabels(), classes());
    }

    int classes() {
        return data.classes().size();
    }

    /** The test texts that are not in training too, equal or nearly so, each once, by their index: what conclusions are drawn from. */
    public int[] unseen() {
        return duplicates.unseen();
    }

    /** The training texts by their index, each with its copies, in the order of the first ones. */
    List<List<Integer>> withCopies() {
        var first = duplicates.equalInTraining();
        var copies = IntStream.range(0, first.length)
                .boxed()
                .collect(Collectors.groupingBy(
                        row -> first[row] < 0 ? row : first[row], TreeMap::new, Collectors.toList()));
        return new ArrayList<>(copies.values());
    }

    /** The training texts, each once, and no test texts. */
    TextDataset once() {
        var train =
                withCopies().stream().map(rows -> data.train().get(rows.get(0))).toList();
        return new TextDataset(data.name(), data.classes(), train, List.of());
    }

    int[] trainLabels() {
        return data.trainLabels();
    }

    int[] testLabels() {
        return data.testLabels();
    }

    /** The labels of the test texts that count. */
    int[] unseenLabels() {
        return Matrices.select(testLabels(), unseen());
    }

    /** The rows of features, which are of training texts, then of test texts, that are of test texts that count. */
    int[] unseenRows() {
        return Arrays.stream(unseen()).map(row -> data.train().size() + row).toArray();
    }

    List<String> testTexts() {
        return data.test().stream().map(Example::text).toList();
    }

    /** Training texts, then test texts. */
    List<String> texts() {
        return data.examples().stream().map(Example::text).toList();
    }
}
