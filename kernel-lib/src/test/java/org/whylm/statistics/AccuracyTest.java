package org.whylm.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccuracyTest {

    /** Against {@code scipy.stats.binomtest(correct, total).proportion_ci(0.95, method="wilson")}. */
    @ParameterizedTest
    @CsvSource({
        "0, 10, 0.0, 0.27753279986288926",
        "10, 10, 0.7224672001371109, 1.0",
        "1, 10, 0.017876213095072896, 0.4041500267952385",
        "810, 1000, 0.7845166798033585, 0.8331107299355973",
        "1530, 1821, 0.8226543618202662, 0.8563087305684312",
        "3, 5, 0.23072428127601297, 0.8823792257673521"
    })
    void wilsonIntervalIsScipys(int correct, int total, double low, double high) {
        var accuracy = new Accuracy(correct, total);
        assertEquals(low, accuracy.low(), 1e-12);
        assertEquals(high, accuracy.high(), 1e-12);
        assertEquals((double) correct / total, accuracy.value());
    }

    @Test
    void countsThatContradictAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Accuracy(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Accuracy(-1, 5));
        assertThrows(IllegalArgumentException.class, () -> new Accuracy(6, 5));
    }
}
