package org.whylm.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Texts of a task that are there more than once. Two texts are <em>equal</em> if their letters and digits are, in lower case without
 * accents; they are <em>near duplicates</em> if they have the same label and share {@value #NEAR} of their sets of three neighbouring
 * characters, spaces included (Jaccard: shared ones by all); of another label, what is alike makes a
 * text harder, not easier. A classifier has seen such a test text in training, and what it gets right there says nothing. A text that is in
 * the test set twice is one sample, not two.
 *
 * @param equalTo for each test example the first training example with an equal text, -1 for none
 * @param nearTo for each test example without an equal one the training example nearest to it, -1 for none that is a near duplicate
 * @param equalInTest for each test example the first test example, if that is another, with an equal text, -1 for none
 * @param repeatedInTraining how many training examples have a text that an earlier one has
 * @param contradictory how many texts, equal ones counted once, have examples with different labels
 */
public record Duplicates(int[] equalTo, int[] nearTo, int[] equalInTest, int repeatedInTraining, int contradictory) {

    private static final double NEAR = 0.75;
    private static final int GRAM = 3;

    /** Looks for them. */
    public static Duplicates of(TextDataset data) {
        var first = new HashMap<String, Integer>();
        var labels = new HashMap<String, Set<Integer>>();
        int repeated = 0;
        for (int i = 0; i < data.train().size(); i++) {
            var key = HeldOutTexts.normalise(data.train().get(i).text());
            repeated += first.putIfAbsent(key, i) == null ? 0 : 1;
            labels.computeIfAbsent(key, any -> new HashSet<>())
                    .add(data.train().get(i).label());
        }
        int m = data.test().size();
        var equal = new int[m];
        var near = new int[m];
        var inTest = new int[m];
        var firstInTest = new HashMap<String, Integer>();
        var index = new Index(data.train());
        for (int i = 0; i < m; i++) {
            var example = data.test().get(i);
            var key = HeldOutTexts.normalise(example.text());
            labels.computeIfAbsent(key, any -> new HashSet<>()).add(example.label());
            equal[i] = first.getOrDefault(key, -1);
            near[i] = equal[i] < 0 ? index.nearest(example) : -1;
            var earlier = firstInTest.putIfAbsent(key, i);
            inTest[i] = earlier == null ? -1 : earlier;
        }
        int contradictory =
                (int) labels.values().stream().filter(found -> found.size() > 1).count();
        return new Duplicates(equal, near, inTest, repeated, contradictory);
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
        return (int) IntStream.range(0, equalInTest.length)
                .filter(i -> notInTraining(i) && equalInTest[i] >= 0)
                .count();
    }

    /** The test examples whose texts are not in training, each text once, by their index. */
    public int[] unseen() {
        return IntStream.range(0, equalTo.length)
                .filter(i -> notInTraining(i) && equalInTest[i] < 0)
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

        int nearest(Example example) {
            var own = pieces(example.text());
            var candidates = new TreeSet<Integer>();
            rarest(own).forEach(piece -> candidates.addAll(byPiece.getOrDefault(piece, List.of())));
            int nearest = -1;
            double most = 0;
            for (int candidate : candidates) {
                boolean sameLabel = examples.get(candidate).label() == example.label();
                double shared = sameLabel ? jaccard(own, sets.get(candidate)) : 0;
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
