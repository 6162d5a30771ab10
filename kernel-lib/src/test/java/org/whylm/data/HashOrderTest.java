package org.whylm.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The split rule, against {@code int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 5 == 0} of Python. */
class HashOrderTest {

    @ParameterizedTest
    @CsvSource({
        "Effective but too tepid biopic, false", // d001774e...: negative as a signed integer
        "crème brûlée, false", // 70766d13...
        "'', true", // e3b0c442...: negative as a signed integer, whose remainder differs
        ":), true" // 54d626e0...
    })
    void splitsAsPython(String text, boolean test) {
        assertEquals(test, HashOrder.inTest(text));
    }

    @Test
    void ordersByUnsignedHash() {
        assertEquals(
                List.of(":)", "crème brûlée", "Effective but too tepid biopic", ""),
                HashOrder.sorted(List.of("", "Effective but too tepid biopic", ":)", "crème brûlée"), text -> text));
    }

    /** Order computed with Python: {@code sorted(texts, key=lambda t: sha256(t.encode()).digest()[::-1])}. */
    @Test
    void shufflesByReversedHash() {
        assertEquals(
                List.of("", "crème brûlée", "Effective but too tepid biopic", ":)"),
                HashOrder.shuffled(List.of("", "Effective but too tepid biopic", ":)", "crème brûlée"), text -> text));
    }
}
