package org.whylm.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** 2,000 damaged files a reader, 200 of those that take long; {@code make fuzz} reads 100,000. */
class FuzzTest {

    private static final int COUNT = 2_000;
    private static final int FEW = 200;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(FuzzedReader.class)
    void damageIsRefusedOrWithoutEffect(FuzzedReader reader) throws IOException {
        int count = reader.takesLong() ? FEW : COUNT;
        int refused = reader.fuzz(count, 15, folder);
        assertTrue(refused > count / 20, "only " + refused + " of " + count + " were refused");
    }
}
