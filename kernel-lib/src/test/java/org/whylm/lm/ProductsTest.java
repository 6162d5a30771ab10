package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.whylm.run.Engine;

/** Checks products against those that the engine makes in double precision. */
class ProductsTest {

    private final NDManager manager = Engine.newManager();

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @CsvSource({"1, 64, 48", "1, 1536, 576", "2, 5, 3", "7, 1, 1", "9, 30, 1", "65, 50, 70", "130, 576, 96"})
    void areThoseOfDoublePrecision(int rows, int inner, int columns) {
        var x = random(rows, inner);
        var W = random(inner, columns);
        var expected = x.toType(DataType.FLOAT64, true)
                .matMul(W.toType(DataType.FLOAT64, true))
                .toType(DataType.FLOAT32, false)
                .toFloatArray();
        float rounding = 1e-6f * inner;
        assertArrayEquals(expected, Products.of(x, W).toFloatArray(), rounding);
        assertArrayEquals(
                expected, Products.withTransposed(x, W.transpose().duplicate()).toFloatArray(), rounding);
        assertArrayEquals(
                expected, Products.withTransposed(x, W.transpose()).toFloatArray(), rounding, "a view as factor");
        var turned = x.transpose().duplicate().transpose();
        assertArrayEquals(expected, Products.of(turned, W).toFloatArray(), rounding, "a view as first factor");
    }

    @Test
    void batchesOfRowsStayBatches() {
        var x = manager.randomNormal(new Shape(3, 4, 5));
        var W = random(5, 7);
        var product = Products.of(x, W);
        assertEquals(new Shape(3, 4, 7), product.getShape());
        assertArrayEquals(
                Products.of(x.reshape(12, 5), W).toFloatArray(),
                product.toFloatArray(),
                "the rows one after the other");
    }

    @Test
    void doublePrecisionStays() {
        var x = random(40, 30).toType(DataType.FLOAT64, true);
        var W = random(30, 20).toType(DataType.FLOAT64, true);
        assertArrayEquals(x.matMul(W).toDoubleArray(), Products.of(x, W).toDoubleArray());
        assertEquals(DataType.FLOAT64, Products.withTransposed(x, W.transpose()).getDataType());
    }

    @Test
    void whereAGradientIsWantedThereIsOne() {
        var x = random(6, 5);
        var W = random(5, 4);
        W.setRequiresGradient(true);
        try (var collector = ai.djl.engine.Engine.getInstance().newGradientCollector()) {
            collector.backward(Products.of(x, W).sum());
        }
        var ofFirstRow = x.sum(new int[] {0}).toFloatArray();
        for (int row = 0; row < 5; row++) {
            assertEquals(ofFirstRow[row], W.getGradient().getFloat(row, 3), 1e-5);
        }
    }

    /** What a product makes on its way is freed; only the product itself is left behind in the manager of the first factor. */
    @Test
    void leavesNothingElseBehind() {
        var weights = manager.newSubManager();
        var W = weights.randomNormal(new Shape(50, 40));
        int before = weights.getManagedArrays().size();
        try (var scope = manager.newSubManager()) {
            var x = scope.randomNormal(new Shape(60, 50));
            int own = scope.getManagedArrays().size();
            Products.of(x, W);
            Products.withTransposed(x, random(30, 50));
            assertEquals(own + 2, scope.getManagedArrays().size());
        }
        assertEquals(before, weights.getManagedArrays().size());
    }

    /** Without a limit oneDNN keeps the programmes of a thousand shapes: 400 of these took 430 MB. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void manyShapesTakeNoMoreMemoryThanAFew() throws IOException {
        var W = random(576, 960);
        products(16, 80, W);
        long few = residentBytes();
        products(81, 480, W);
        long grown = residentBytes() - few;
        assertTrue(grown < 150_000_000, grown + " bytes for 400 shapes");
    }

    private void products(int fewest, int most, NDArray W) {
        for (int rows = fewest; rows <= most; rows++) {
            try (var scope = manager.newSubManager()) {
                Products.of(scope.zeros(new Shape(rows, 576)), W);
            }
        }
    }

    private static long residentBytes() throws IOException {
        return 4096
                * Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]);
    }

    @Test
    void scriptOfAnUnknownOperatorIsRefused() {
        var refused = assertThrows(EngineException.class, () -> new TorchScript("x: Tensor", "ops.whylm.nothing(x)"));
        assertTrue(refused.getMessage().contains("nothing"), refused.getMessage());
    }

    /** On one thread and on all; of MKL's products that is not true. */
    @Test
    void aRowByOneDnnDoesNotDependOnTheRowsBesideIt() {
        for (int inner : new int[] {50, 576, 1536, 3072}) {
            var x = random(1024, inner);
            var W = random(inner, 200);
            assumeTrue(Products.isByOneDnn(x, W));
            var turned = W.transpose().duplicate();
            var all = Engine.onOneThread(() -> Products.of(x, W));
            for (int rows : new int[] {2, 3, 5, 15, 16, 17, 64, 100, 512, 1023}) {
                var expected = all.get(":" + rows).toFloatArray();
                var some = x.get(":" + rows);
                assertArrayEquals(expected, Products.of(some, W).toFloatArray(), rows + " rows of " + inner);
                assertArrayEquals(
                        expected, Products.withTransposed(some, turned).toFloatArray(), rows + " of " + inner);
            }
        }
    }

    private NDArray random(long rows, long columns) {
        return manager.randomNormal(new Shape(rows, columns));
    }
}
