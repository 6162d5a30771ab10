package org.whylm.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Texts of a task that are there more than once. Two texts are <em>equal</em> if they are the same but for spaces, or have the same
 * label and the same letters and digits, in lower case without accents: with other labels, case, accents and punctuation may be what the
 * labels are about, as in {@code Really?} and {@code Really!}. They are <em>near duplicates</em> if they have the same label and share
 * {@value #NEAR} of their sets of three neighbouring characters, spaces included (Jaccard: shared ones by all); of another label, what is alike makes a
 * text harder, not easier. A classifier has seen such a test text in training, and what it gets right there says nothing. A text that is in
 * the test set twice, equal or nearly so, is one sample, not two.
 *
 * @param equalTo for each test example the first training example with an equal text, -1 for none
 * @param nearTo for each test example without an equal one the training example nearest to it, -1 for none that is a near duplicate
 * @param inTest for each test example an earlier one that it repeats, equal or nearly so, -1 for none; of those that are nearly so, one
 *     that counts
 * @param equalInTraining for each training example the first training example, if that is another, with an equal text, -1 for none
 * @param contradictory how many texts, those with the same letters and digits counted once, have examples with different labels
 */
public record Duplicates(int[] equalTo, int[] nearTo, int[] inTest, int[] equalInTraining, int contradictory) {

    private static final double NEAR = 0.75;
    private static final int GRAM = 3;
    private static final Pattern SPACES = Pattern.compile("[\\s\\p{Z}]+");

    /** Looks for them. */
    public static Duplicates of(TextDataset data) {
        var train = new First();
        var test = new First();
        var inTraining = data.train().stream().mapToInt(train::add).toArray();
        var equal = data.test().stream().mapToInt(train::of).toArray();
        var inTest = data.test().stream().mapToInt(test::add).toArray();
        var index = new Index(data.train());
        var near = IntStream.range(0, equal.length)
                .map(i -> equal[i] < 0 ? index.nearest(data.test().get(i), any -> true) : -1)
                .toArray();
        var tests = new Index(data.test());
        for (int i = 0; i < inTest.length; i++) {
            int self = i;
            inTest[i] = inTest[i] >= 0
                    ? inTest[i]
                    : tests.nearest(data.test().get(i), j -> j < self && equal[j] < 0 && near[j] < 0 && inTest[j] < 0);
        }
        var labels = data.examples().stream()
                .collect(Collectors.groupingBy(
                        example -> HeldOutTexts.normalise(example.text()),
                        Collectors.mapping(Example::label, Collectors.toSet())));
        long contradictory =
                labels.values().stream().filter(found -> found.size() > 1).count();
        return new Duplicates(equal, near, inTest, inTraining, (int) contradictory);
    }

    /** The first of some examples with each text. */
    private static final class First {
        private final Map<List<Object>, Integer> first = new HashMap<>();
        private int size;

        private static Stream<List<Object>> keys(Example example) {
            var text = SPACES.matcher(example.text()).replaceAll(" ").strip();
            return Stream.of(List.of(text), List.of(HeldOutTexts.normalise(text), example.label()));
        }

        /** The first example with an equal text, -1 for none. */
        int of(Example example) {
            return keys(example)
                    .filter(first::containsKey)
                    .mapToInt(first::get)
                    .min()
                    .orElse(-1);
        }

        /** The same for one more example. */
        int add(Example example) {
            int earlier = of(example);
            int self = size++;
            keys(example).forEach(key -> first.putIfAbsent(key, earlier < 0 ? self : earlier));
            return earlier;
        }
    }

    /** How many training examples have a text that an earlier one has. */
    public int repeatedInTraining() {
        return count(equalInTraining);
    }

    /** How many test examples have an equal text in training. */
    public int equal() {
        return count(equalTo);
    }

    /** How many others have a near duplicate there. */
    public int near() {
        return count(nearTo);
    }

    /** How many test examples repeat an earlier one, and nothing in training. */
    public int repeatedInTest() {
        return (int) IntStream.range(0, inTest.length)
                .filter(i -> notInTraining(i) && inTest[i] >= 0)
                .count();
    }

    /** The test examples whose texts are not in training, each text once, by their index. */
    public int[] unseen() {
        return IntStream.range(0, equalTo.length)
                .filter(i -> notInTraining(i) && inTest[i] < 0)
                .toArray();
    }

    private boolean notInTraining(int test) {
        return equalTo[test] < 0 && nearTo[test] < 0;
    }

    private static int count(int[] found) {
        return (int) Arrays.stream(found).filter(i -> i >= 0).count();
    }

    /**
     * Texts by their rarest pieces. Of two sets that share the share {@code t} of their union, ordered by rarity, the first
     * {@code ⌊(1-t)·size⌋ + 1} pieces of each have one in common (prefix filtering: S. Chaudhuri et al., ICDE 2006).
     */
    private static final class Index {
        private final Map<Long, Integer> counts = new HashMap<>();
        private final List<Example> examples;
        private final List<long[]> sets;
        private final Map<Long, List<Integer>> byPiece = new HashMap<>();

        Index(List<Example> examples) {
            this.examples = examples;
            sets = examples.stream().map(example -> pieces(example.text())).toList();
            sets.forEach(set -> Arrays.stream(set).forEach(piece -> counts.merge(piece, 1, Integer::sum)));
            for (int i = 0; i < sets.size(); i++) {
                for (long piece : rarest(sets.get(i))) {
                    byPiece.computeIfAbsent(piece, any -> new ArrayList<>(1)).add(i);
                }
            }
        }

        int nearest(Example example, IntPredicate of) {
            var own = pieces(example.text());
            var candidates = new TreeSet<Integer>();
            rarest(own).forEach(piece -> candidates.addAll(byPiece.getOrDefault(piece, List.of())));
            int nearest = -1;
            double most = 0;
            for (int candidate : candidates) {
                boolean asked = of.test(candidate) && examples.get(candidate).label() == example.label();
                double shared = asked ? jaccard(own, sets.get(candidate)) : 0;
                if (shared >= NEAR && shared > most) {
                    nearest = candidate;
                    most = shared;
                }
            }
            return nearest;
        }

        private List<Long> rarest(long[] set) {
            return Arrays.stream(set)
                    .boxed()
                    .sorted(Comparator.<Long>comparingInt(piece -> counts.getOrDefault(piece, 0))
                            .thenComparing(Comparator.naturalOrder()))
                    .limit((long) Math.floor((1 - NEAR) * set.length + 1e-9) + 1)
                    .toList();
        }
    }

    private static double jaccard(long[] a, long[] b) {
        if (Math.min(a.length, b.length) < NEAR * Math.max(a.length, b.length)) {
            return 0;
        }
        int shared = 0;
        for (int i = 0, j = 0; i < a.length && j < b.length; ) {
            shared += a[i] == b[j] ? 1 : 0;
            long left = a[i];
            i += left <= b[j] ? 1 : 0;
            j += left >= b[j] ? 1 : 0;
        }
        return (double) shared / (a.length + b.length - shared);
    }

    /** The sets of neighbouring characters, sorted; three of 16 bits make a number. */
    private static long[] pieces(String text) {
        var plain = text.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}]+", " ")
                .strip();
        var padded = " " + (plain.isEmpty() ? text.strip() : plain) + " ";
        return IntStream.rangeClosed(0, padded.length() - GRAM)
                .mapToLong(
                        i -> (long) padded.charAt(i) << 32 | (long) padded.charAt(i + 1) << 16 | padded.charAt(i + 2))
                .distinct()
                .sorted()
                .toArray();
    }
}
