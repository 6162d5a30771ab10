package org.whylm.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextDatasetTest {

    private static final TextDataset DATASET = dataset(40, 15);

    private static TextDataset dataset(int train, int test) {
        return new TextDataset(
                "numbers",
                List.of("even", "odd"),
                IntStream.range(0, train)
                        .mapToObj(i -> new Example("train " + i, i % 2))
                        .toList(),
                IntStream.range(0, test)
                        .mapToObj(i -> new Example("test " + i, i % 2))
                        .toList());
    }

    @Test
    void limitsAreNestedFollowTheReversedHashesAndKeepTheOrder() {
        var byHash = HashOrder.shuffled(DATASET.train(), Example::text);
        for (var n = 0; n <= 41; n++) {
            var kept = DATASET.limit(n, 3).train();
            assertEquals(Math.min(n, 40), kept.size());
            assertEquals(new HashSet<>(byHash.subList(0, kept.size())), new HashSet<>(kept));
            assertEquals(DATASET.train().stream().filter(kept::contains).toList(), kept);
        }
        assertEquals(3, DATASET.limit(0, 3).test().size());
        assertEquals(DATASET, DATASET.limit(Integer.MAX_VALUE, Integer.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> DATASET.limit(-1, 0));
    }

    @Test
    void samplesDependOnTheSeedOnly() {
        var sample = DATASET.sample(10, 1);
        assertEquals(sample, DATASET.sample(10, 1));
        assertNotEquals(sample, DATASET.sample(10, 2));
        assertEquals(10, new HashSet<>(sample.train()).size());
        assertEquals(10, new HashSet<>(sample.test()).size());
        assertTrue(DATASET.train().containsAll(sample.train()) && DATASET.test().containsAll(sample.test()));
        assertEquals(DATASET, DATASET.sample(40, 7));
        assertThrows(IllegalArgumentException.class, () -> DATASET.sample(-1, 0));
    }

    @Test
    void samplesAreUniform() {
        var draws = 4000;
        var counts = new int[40];
        for (var seed = 0; seed < draws; seed++) {
            DATASET.sample(10, seed)
                    .train()
                    .forEach(example -> counts[Integer.parseInt(example.text().substring("train ".length()))]++);
        }
        for (var count : counts) {
            assertEquals(draws / 4.0, count, 5 * Math.sqrt(draws * 0.25 * 0.75), "five standard deviations");
        }
    }

    @Test
    void splitsAreTenthsOfEverything() {
        var splits = DATASET.splits(10, 3);
        assertEquals(10, splits.size());
        for (var split : splits) {
            assertEquals(49, split.train().size());
            assertEquals(6, split.test().size());
            var all = new HashSet<>(split.train());
            all.addAll(split.test());
            assertEquals(55, all.size());
        }
        assertEquals(10, splits.stream().map(TextDataset::test).distinct().count());
        assertEquals(splits.subList(0, 4), DATASET.splits(4, 3));
        assertNotEquals(splits.get(0), DATASET.splits(1, 4).get(0));
    }

    @Test
    void theHashIsOfTheContent() {
        var one = new Example("a", 0);
        var two = new Example("b", 1);
        var classes = List.of("x", "y");
        var hash = new TextDataset("n", classes, List.of(one, two), List.of()).sha256();
        assertTrue(hash.matches("[0-9a-f]{64}"));
        assertEquals(hash, new TextDataset("other name", classes, List.of(one, two), List.of()).sha256());
        var others = List.of(
                new TextDataset("n", classes, List.of(two, one), List.of()),
                new TextDataset("n", classes, List.of(one), List.of(two)),
                new TextDataset("n", List.of("x", "z"), List.of(one, two), List.of()),
                new TextDataset("n", classes, List.of(one, new Example("b", 0)), List.of()),
                new TextDataset("n", classes, List.of(one, new Example("b ", 1)), List.of()));
        others.forEach(other -> assertNotEquals(hash, other.sha256()));
    }

    @Test
    void refusesLabelsOutsideTheClassesAndBlankTexts() {
        var one = List.of(new Example("a", 2));
        assertThrows(IllegalArgumentException.class, () -> new TextDataset("n", List.of("x", "y"), one, List.of()));
        assertThrows(IllegalArgumentException.class, () -> new TextDataset("n", List.of("x", "y"), List.of(), one));
        assertThrows(IllegalArgumentException.class, () -> new Example(" \n", 0));
    }
}
