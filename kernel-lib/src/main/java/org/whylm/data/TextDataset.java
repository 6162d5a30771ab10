package org.whylm.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.run.Sha256;

/**
 * A classification task on text: the distribution over pairs {@code (s, y)}, as samples.
 *
 * @param classes names of the classes; a label is an index into it
 * @param test examples to measure on; empty where the task has no fixed split (see {@link #splits})
 */
public record TextDataset(String name, List<String> classes, List<Example> train, List<Example> test) {

    private static final int SHOWN_CLASSES = 20;

    /** @throws IllegalArgumentException if a label is no index of a class */
    public TextDataset {
        Objects.requireNonNull(name, "name");
        classes = List.copyOf(classes);
        train = List.copyOf(train);
        test = List.copyOf(test);
        for (var examples : List.of(train, test)) {
            for (var example : examples) {
                if (example.label() < 0 || example.label() >= classes.size()) {
                    throw new IllegalArgumentException(name + ": the label " + example.label() + " of \""
                            + example.text() + "\" is no index into the " + classes.size() + " classes " + classes);
                }
            }
        }
    }

    /**
     * A user's own task from one CSV file, as {@link #fromCsv(Path, Path)} takes it: all of it is training (see {@link #splitByHash}).
     *
     * @throws DataException if the file is missing, a row is malformed, or there are fewer than two classes
     */
    public static TextDataset fromCsv(Path csv) {
        var rows = LabelledCsv.read(csv);
        var classes = requireTwo(csv, LabelledCsv.classes(rows));
        return new TextDataset(name(csv), classes, LabelledCsv.examples(csv, rows, classes), List.of());
    }

    /**
     * All examples split 80/20 by the SHA-256 of each text's letters and digits, in lower case: texts that differ in case, spaces or
     * punctuation only stay on one side, and no text changes sides when others come or go. The examples stay in their order.
     */
    public TextDataset splitByHash() {
        var sides = examples().stream()
                .collect(
                        Collectors.partitioningBy(example -> HashOrder.inTest(HeldOutTexts.normalise(example.text()))));
        return new TextDataset(name, classes, sides.get(false), sides.get(true));
    }

    /**
     * The texts of a CSV file, in its order; of its columns only {@code text} is needed.
     *
     * @throws DataException if it is missing or a row is malformed
     */
    public static List<String> textsOf(Path csv) {
        return LabelledCsv.texts(csv);
    }

    /**
     * A user's own task from two CSV files (plain or gzipped) with the header {@code label,text}. Labels may be any strings;
     * the classes are those of the training file, numbers in numerical order, else in alphabetical order.
     *
     * @throws DataException if a file is missing, a row is malformed, the training file has fewer than two classes, or the
     *     test file has a label that the training file has not
     */
    public static TextDataset fromCsv(Path train, Path test) {
        var trainRows = LabelledCsv.read(train);
        var testRows = LabelledCsv.read(test);
        var classes = requireTwo(train, LabelledCsv.classes(trainRows));
        return new TextDataset(
                name(train),
                classes,
                LabelledCsv.examples(train, trainRows, classes),
                LabelledCsv.examples(test, testRows, classes));
    }

    private static List<String> requireTwo(Path csv, List<String> classes) {
        if (classes.size() < 2) {
            throw new DataException(
                    csv + ": every row has the label \"" + classes.get(0) + "\"; a task needs two classes or more");
        }
        return classes;
    }

    private static String name(Path csv) {
        var file = csv.getFileName().toString();
        var name = file.replaceFirst("\\.csv(\\.gz)?$", "");
        return name.matches("\\.*") ? file : name; // folders are called by it
    }

    /**
     * The first examples of each split in the order of the SHA-256 of their texts read backwards (all where there are
     * fewer): a sample that favours no class. A larger limit holds every example of a smaller one, and tasks on the same
     * sentences mostly share what they keep. The examples stay in their order.
     */
    public TextDataset limit(int train, int test) {
        return new TextDataset(name, classes, first(this.train, train), first(this.test, test));
    }

    /** A random sample of {@code n} examples of each split, without replacement (all where there are fewer). The examples stay in their order. */
    public TextDataset sample(int n, long seed) {
        return new TextDataset(name, classes, sample(train, n, seed), sample(test, n, seed));
    }

    /**
     * Random 90/10 splits of all examples, for tasks without a fixed split. The test part is a tenth, rounded up; the first splits of a longer
     * list are the same.
     */
    public List<TextDataset> splits(int n, long seed) {
        var all = examples();
        var random = new Random(seed);
        var testSize = (all.size() + 9) / 10;
        return IntStream.range(0, n)
                .mapToObj(i -> {
                    var shuffled = new ArrayList<>(all);
                    Collections.shuffle(shuffled, random);
                    return new TextDataset(
                            name, classes, shuffled.subList(testSize, shuffled.size()), shuffled.subList(0, testSize));
                })
                .toList();
    }

    /** The examples of some classes only, in the order of these. */
    public TextDataset only(List<Integer> labels) {
        return new TextDataset(
                name, labels.stream().map(classes::get).toList(), only(labels, train), only(labels, test));
    }

    private static List<Example> only(List<Integer> labels, List<Example> examples) {
        return examples.stream()
                .filter(example -> labels.contains(example.label()))
                .map(example -> new Example(example.text(), labels.indexOf(example.label())))
                .toList();
    }

    /** All examples, training then test. */
    public List<Example> examples() {
        return Stream.concat(train.stream(), test.stream()).toList();
    }

    /** All texts, training then test, each once. */
    public List<String> texts() {
        return examples().stream().map(Example::text).distinct().toList();
    }

    /** The labels of the training examples. */
    public int[] trainLabels() {
        return train.stream().mapToInt(Example::label).toArray();
    }

    /** The labels of the test examples. */
    public int[] testLabels() {
        return test.stream().mapToInt(Example::label).toArray();
    }

    /** @throws IllegalArgumentException if a split is empty */
    public void requireBothSplits() {
        if (train.isEmpty() || test.isEmpty()) {
            throw new IllegalArgumentException(
                    name + " has " + train.size() + " training and " + test.size() + " test examples: both are needed");
        }
    }

    /** SHA-256, in hexadecimal, of the classes and of both splits in order: equal exactly for equal content, whatever the name. */
    public String sha256() {
        var digest = Sha256.digest();
        update(digest, classes.size());
        classes.forEach(name -> update(digest, name));
        for (var examples : List.of(train, test)) {
            update(digest, examples.size());
            for (var example : examples) {
                update(digest, example.label());
                update(digest, example.text());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Name and sizes; the texts are too many to print. */
    @Override
    public String toString() {
        return name + ": " + train.size() + " training and " + test.size() + " test examples of "
                + (classes.size() > SHOWN_CLASSES ? classes.size() + " classes" : classes);
    }

    private static List<Example> first(List<Example> examples, int n) {
        var byHash =
                HashOrder.shuffled(IntStream.range(0, examples.size()).boxed().toList(), i -> examples.get(i)
                        .text());
        return kept(examples, byHash, n);
    }

    private static List<Example> sample(List<Example> examples, int n, long seed) {
        var shuffled =
                new ArrayList<>(IntStream.range(0, examples.size()).boxed().toList());
        Collections.shuffle(shuffled, new Random(seed));
        return kept(examples, shuffled, n);
    }

    private static List<Example> kept(List<Example> examples, List<Integer> order, int n) {
        if (n < 0) {
            throw new IllegalArgumentException("Cannot keep " + n + " examples");
        }
        return order.stream().limit(n).sorted().map(examples::get).toList();
    }

    private static void update(MessageDigest digest, int number) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
    }

    private static void update(MessageDigest digest, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        update(digest, bytes.length);
        digest.update(bytes);
    }
}
