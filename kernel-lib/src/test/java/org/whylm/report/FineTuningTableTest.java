package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.whylm.features.FeatureKind;
import org.whylm.probe.Accuracy;
import org.whylm.probe.LinearClassification;
import org.whylm.probe.LogisticRegression;
import org.whylm.probe.ProbeResult;
import org.whylm.probe.Scaling;
import org.whylm.train.FineTuningResult;

class FineTuningTableTest {

    private static boolean[] firstOf(int correct, int total) {
        var flags = new boolean[total];
        IntStream.range(0, correct).forEach(i -> flags[i] = true);
        return flags;
    }

    private static FineTuningResult fineTuned(boolean prompted, int correct, int total) {
        var epochs = List.of(
                new FineTuningResult.Epoch(0.7, 0.6, new Accuracy(12, 20)),
                new FineTuningResult.Epoch(0.5, 0.5, new Accuracy(15, 20)),
                new FineTuningResult.Epoch(0.4, 0.5, new Accuracy(14, 20)));
        return new FineTuningResult("toy", prompted, 80, epochs, 1, new int[total], firstOf(correct, total));
    }

    private static ProbeResult f(boolean prompted, int correct, int total) {
        var accuracy = new Accuracy(correct, total);
        var model = new LogisticRegression(new double[1][2], new double[1]);
        var classification =
                new LinearClassification(Scaling.STANDARDIZED, 1, List.of(), accuracy, accuracy, 0, 0, model);
        return new ProbeResult(
                "toy", new FeatureKind.HiddenState(), prompted, 2, classification, firstOf(correct, total));
    }

    /** 60 of 100 has the Wilson interval [50.2, 69.1] (E. B. Wilson, 1927). */
    @Test
    void aRowAFineTunedModel() {
        var rows = List.of(
                new FineTuningTable.Row(fineTuned(false, 60, 100), f(false, 58, 100)),
                new FineTuningTable.Row(fineTuned(true, 70, 100), f(true, 75, 100)));
        assertEquals("""
                task,learned from,epoch,of,validation,FT,low,high,f
                toy,80,2,3,75,60,50.2,69.1,58
                toy*,80,2,3,75,70,60.4,78.1,75
                """, FineTuningTable.of("t", rows).toCsv());
        assertEquals(0.02, rows.get(0).difference().value(), 1e-12);
        assertEquals(-0.05, rows.get(1).difference().value(), 1e-12);
    }

    @Test
    void onlyTheSameSentencesAreCompared() {
        var error = assertThrows(
                IllegalArgumentException.class,
                () -> new FineTuningTable.Row(fineTuned(true, 60, 100), f(false, 58, 100)));
        assertTrue(error.getMessage().contains("toy*"), error.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> new FineTuningTable.Row(fineTuned(true, 60, 100), f(true, 58, 90)));
    }
}
