package org.whylm.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.run.Sha256;

/** Whatever else lies in a store costs nothing but its own texts. */
class FeatureStoreTest {

    @TempDir
    Path root;

    @Test
    void foreignAndDamagedSegmentsAreLeftOut() throws IOException {
        var store = new FeatureStore(root);
        var key = new FeatureStore.Key("model", "", 512, 1);
        var text = Sha256.of("a text");
        store.write(FeatureSegment.of(
                key, Map.of(text, new FeatureStore.Entry(new float[] {1, 2}, new float[] {3, 4}, 5))));
        var folder = root.resolve(key.folder());
        for (var foreign : new byte[][] {
            {},
            {1},
            ByteBuffer.allocate(12).putInt(0x12345678).array(),
            ByteBuffer.allocate(64).putInt(0x77684C01).putInt(7).putInt(2).array(),
            ByteBuffer.allocate(64).putInt(0x77684C01).putInt(-1).putInt(-1).array(),
            ByteBuffer.allocate(64)
                    .putInt(0x77684C01)
                    .putInt(Integer.MAX_VALUE)
                    .putInt(Integer.MAX_VALUE)
                    .array()
        }) {
            Files.write(folder.resolve(Sha256.of(foreign) + ".features"), foreign);
        }
        Files.write(folder.resolve("0".repeat(64) + ".features"), new byte[] {1, 2, 3});
        Files.createDirectories(folder.resolve("a-folder.features"));
        store.write(FeatureSegment.of(
                key, Map.of(text, new FeatureStore.Entry(new float[] {6}, new float[] {7}, 8)))); // of another model
        var entries = store.read(key, 2, Set.of(text));
        assertEquals(Set.of(text), entries.keySet());
        assertArrayEquals(new float[] {1, 2}, entries.get(text).f());
        assertArrayEquals(new float[] {3, 4}, entries.get(text).conditionalMean());
        assertEquals(5, entries.get(text).logPartition());
    }
}
