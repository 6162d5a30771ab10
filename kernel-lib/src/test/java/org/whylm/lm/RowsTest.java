package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.whylm.EngineThreads;
import org.whylm.run.Engine;

@ExtendWith(EngineThreads.class)
class RowsTest {

    private static List<Long> parts(int threads, int rows, int unit) {
        JniUtils.setNumThreads(threads);
        try (var manager = Engine.newManager()) {
            var array = manager.arange(0f, rows, 1f).reshape(new Shape(rows, 1));
            var parts = Rows.parts(array, unit);
            var joined = NDArrays.concat(parts);
            assertArrayEquals(array.toFloatArray(), joined.toFloatArray());
            return parts.stream().map(part -> part.size(0)).toList();
        }
    }

    @Test
    void aPartForEachThreadWhereTheyAreNearlyEqual() {
        assumeFalse(Engine.hasGpu(), "on a GPU nothing is side by side");
        assertEquals(List.of(512L, 512L), parts(2, 1024, 64));
        assertEquals(List.of(256L, 293L), parts(2, 549, 64));
        assertEquals(List.of(512L, 488L), parts(2, 1000, 64));
        assertEquals(List.of(21L, 19L), parts(2, 40, 3));
        assertEquals(List.of(256L, 256L, 256L, 256L), parts(4, 1024, 64));
    }

    @Test
    void theWholeWhereOneWouldHaveMuchMore() {
        assertEquals(List.of(1024L), parts(1, 1024, 64));
        assertEquals(List.of(127L), parts(2, 127, 64));
        assertEquals(List.of(5L), parts(2, 5, 1));
        assertEquals(List.of(192L), parts(2, 192, 64));
        assertEquals(List.of(3L), parts(16, 3, 1));
    }

    /** 780 states are shared out among two, three and four threads: what they compute differs by rounding, if at all. */
    @Test
    void predictionsAreThoseOfOneThread() {
        var random = new Random(1);
        var states = new float[780][32];
        var phi = new float[1000][32];
        for (var rows : List.of(states, phi)) {
            for (var row : rows) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = (float) random.nextGaussian();
                }
            }
        }
        try (var embeddings = MadeUpEmbeddings.of(phi)) {
            JniUtils.setNumThreads(1);
            var one = embeddings.get().predict(states);
            for (int threads : new int[] {2, 3, 4}) {
                JniUtils.setNumThreads(threads);
                var several = embeddings.get().predict(states);
                assertArrayEquals(one.logPartition(), several.logPartition(), 1e-4f);
                for (int row = 0; row < states.length; row++) {
                    assertArrayEquals(one.conditionalMean()[row], several.conditionalMean()[row], 1e-4f);
                }
            }
        }
    }
}
