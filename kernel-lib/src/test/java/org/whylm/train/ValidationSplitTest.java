package org.whylm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ValidationSplitTest {

    private static final int[] LABELS =
            IntStream.range(0, 100).map(i -> i < 70 ? 0 : i < 90 ? 2 : 3).toArray();

    @Test
    void everyClassIsSplitInTheSameProportion() {
        var split = ValidationSplit.of(LABELS, 0.2, 1);
        assertArrayEquals(new long[] {14, 0, 4, 2}, counts(split.validation()));
        assertArrayEquals(new long[] {56, 0, 16, 8}, counts(split.training()));
        assertArrayEquals(
                IntStream.range(0, 100).toArray(),
                IntStream.concat(IntStream.of(split.training()), IntStream.of(split.validation()))
                        .sorted()
                        .toArray());
    }

    private static long[] counts(int[] examples) {
        return IntStream.range(0, 4)
                .mapToLong(label -> Arrays.stream(examples)
                        .filter(example -> LABELS[example] == label)
                        .count())
                .toArray();
    }

    @Test
    void theSeedDecides() {
        var once = ValidationSplit.of(LABELS, 0.2, 1);
        assertArrayEquals(once.validation(), ValidationSplit.of(LABELS, 0.2, 1).validation());
        assertTrue(!Arrays.equals(
                once.validation(), ValidationSplit.of(LABELS, 0.2, 2).validation()));
    }

    @Test
    void anEmptyPartIsRefused() {
        var error =
                assertThrows(IllegalArgumentException.class, () -> ValidationSplit.of(new int[] {0, 1, 0, 1}, 0.1, 1));
        assertTrue(error.getMessage().contains("Of 4 training examples"), error.getMessage());
        assertEquals(2, ValidationSplit.of(new int[] {0, 1, 0, 1}, 0.5, 1).validation().length);
    }
}
