package org.whylm.lm.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {

    private static final String SMALL = """
            {"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
             "b": {"dtype": "BF16", "shape": [3], "data_offsets": [8, 14]}, \
             "c": {"dtype": "BOOL", "shape": [], "data_offsets": [14, 15]}}""";

    @TempDir
    Path folder;

    /** Oracle: SHA-256 of a tensor, read and converted to F32 by the Python package safetensors. */
    @ParameterizedTest
    @CsvSource({
        "tiny-gpt2, wte.weight, 8e707f9f0f294277e1a9cb2dc98056f67f117c65ab22a068360cc32d8f04f914",
        "tiny-llama-untied-bf16-sharded, lm_head.weight, 5fb146d7836cbec0c27951beae6ca7542ab616a79472151bb6772773fdae3646"
    })
    void tensorsEqualTheOracle(String model, String name, String sha256) {
        try (var weights = Safetensors.open(TestFiles.fixture(model))) {
            assertEquals(600, weights.shape(name)[0]);
            assertEquals(sha256, TestFiles.valuesSha256(weights, List.of(name)));
        }
    }

    /** Oracle: the system's {@code sha256sum}; for the shards, Python's hashlib over their digests in name order. */
    @Test
    void theHashIsThatOfTheFileOrOfTheShardsInNameOrder() {
        try (var single = Safetensors.open(TestFiles.fixture("tiny-gpt2"));
                var sharded = Safetensors.open(TestFiles.fixture("tiny-llama-untied-bf16-sharded"))) {
            assertEquals("98758615faaf7a5159f41d22ef52b904924883991e2bfb0f6575b8ce65b71a45", single.sha256());
            assertEquals("48538a43f8c52fa16c4b23f1ea494268959a57757157e5317237f44442aafe21", sharded.sha256());
        }
    }

    @Test
    void aShardedModelListsTheTensorsOfItsIndex() {
        try (var weights = Safetensors.open(TestFiles.fixture("tiny-llama-untied-bf16-sharded"))) {
            assertEquals(30, weights.names().size());
            assertArrayEquals(new long[] {64, 160}, weights.shape("model.layers.1.mlp.down_proj.weight"));
        }
    }

    @Test
    void aTensorOfAnotherTypeIsListedButHasNoValues() throws IOException {
        try (var weights = Safetensors.open(write("model.safetensors", SMALL, 15))) {
            assertEquals(List.of("a", "b", "c"), List.copyOf(weights.names()));
            assertArrayEquals(new float[2], weights.values("a"));
            assertArrayEquals(new long[0], weights.shape("c"));
            var error = assertThrows(WeightsFormatException.class, () -> weights.values("c"));
            assertTrue(error.getMessage().contains("\"c\" has the dtype BOOL"), error.getMessage());
            assertThrows(IllegalArgumentException.class, () -> weights.values("d"));
        }
    }

    /** Values beyond 2 GB, and a tensor longer than one mapped region, than what one thread takes and than one stretch, on a sparse file. */
    @Test
    void dataBeyondTwoGigabytesAreRead() throws IOException {
        long gap = 3L << 30;
        int count = 5_000_000;
        long end = gap + count * 4L;
        var path = write("model.safetensors", """
                {"gap": {"dtype": "I8", "shape": [%1$d], "data_offsets": [0, %1$d]},
                 "far": {"dtype": "F32", "shape": [%2$d], "data_offsets": [%1$d, %3$d]}}""".formatted(gap, count, end), 0);
        long data = Files.size(path);
        var marks = new int[] {0, 16_383, 16_384, 262_143, 262_144, 4_194_303, 4_194_304, count - 1};
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(data + end);
            for (int mark : marks) {
                file.seek(data + gap + mark * 4L);
                file.writeInt(Integer.reverseBytes(Float.floatToIntBits(mark + 0.5f)));
            }
        }
        try (var weights = Safetensors.open(path)) {
            var expected = new float[count];
            Arrays.stream(marks).forEach(mark -> expected[mark] = mark + 0.5f);
            assertArrayEquals(expected, weights.values("far"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{",
                "{} x",
                "{\"a\": 1}",
                "{'a': {}}",
                "{\"a\": {}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 4]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8, 0]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8, 16]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8, 8]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [-2], \"data_offsets\": [0, 8]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2.0], \"data_offsets\": [0, 8]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [\"2\"], \"data_offsets\": [0, 8]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"shape\": [2], \"data_offsets\": [0, 8]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [4294967296, 4294967296], \"data_offsets\": [0, 8]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]},"
                        + " \"a\": {\"dtype\": \"F32\", \"shape\": [0], \"data_offsets\": [8, 8]}}",
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]},"
                        + " \"b\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}}"
            })
    void anUnsoundHeaderIsRefused(String header) throws IOException {
        assertRefused(write("model.safetensors", header, 8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.safetensors",
                "/x.safetensors",
                "sub/x.safetensors",
                "..",
                "..\\\\x.safetensors",
                "C:x.safetensors",
                "x\\u0000.safetensors",
                ""
            })
    void anIndexCannotLeaveItsFolder(String shard) throws IOException {
        Files.createDirectories(folder.resolve("model").resolve("sub"));
        write("x.safetensors", SMALL, 15);
        write("model/sub/x.safetensors", SMALL, 15);
        index("model/", "{\"weight_map\": {\"a\": \"" + shard + "\"}}");
        var error = assertRefused(folder.resolve("model"));
        assertTrue(error.getMessage().contains("not the plain name of a file"), error.getMessage());
    }

    @Test
    void anIndexMustMatchItsShards() throws IOException {
        write("x.safetensors", SMALL, 15);
        index("", "{\"weight_map\": {\"a\": \"x.safetensors\", \"z\": \"x.safetensors\"}}");
        assertTrue(assertRefused(folder).getMessage().contains("\"z\" is not in the shard x.safetensors"));
        write("y.safetensors", SMALL, 15);
        index("", "{\"weight_map\": {\"a\": \"x.safetensors\", \"b\": \"y.safetensors\"}}");
        assertTrue(assertRefused(folder).getMessage().contains("is in two shards, x.safetensors and y.safetensors"));
        index("", "{\"weight_map\": {\"a\": \"x.safetensors\", \"a\": \"x.safetensors\"}}");
        assertTrue(assertRefused(folder).getMessage().contains("\"a\" appears twice"));
        index("", "{\"weight_map\": {\"a\": \"x.safetensors\"}}");
        assertTrue(assertRefused(folder).getMessage().contains("of x.safetensors is not in the index"));
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0".repeat(64) + "\nsize 9\n");
        assertTrue(assertRefused(folder).getMessage().contains("Git LFS pointer"));
        index("", "{\"metadata\": {}}");
        assertTrue(assertRefused(folder).getMessage().contains("no \"weight_map\""));
    }

    @Test
    void aFolderWithoutWeightsSaysWhatIsMissing() {
        var error = assertThrows(IllegalArgumentException.class, () -> Safetensors.open(folder));
        assertTrue(error.getMessage().contains("model.safetensors.index.json"), error.getMessage());
    }

    /** Property: whatever the bytes say, the file opens and reads in full or a {@link WeightsFormatException} is thrown. */
    @Test
    void noDamageEscapesTheChecks() throws IOException {
        TestFiles.assertNoDamageEscapes(write("model.safetensors", SMALL, 15), this::rejected);
    }

    private int rejected(byte[] bytes) throws IOException {
        var path = TestFiles.write(folder, bytes);
        try (var weights = Safetensors.open(path)) {
            for (var name : weights.names()) {
                long elements = Arrays.stream(weights.shape(name)).reduce(1, Math::multiplyExact);
                try {
                    assertEquals(elements, weights.values(name).length);
                } catch (WeightsFormatException e) {
                    assertTrue(e.getMessage().contains("which is not supported"), e.getMessage());
                }
            }
            return 0;
        } catch (WeightsFormatException e) {
            assertTrue(e.getMessage().startsWith(path + ", byte " + e.position() + ": "), e.getMessage());
            assertTrue(e.position() >= 0 && e.position() <= bytes.length, e.getMessage());
            return 1;
        }
    }

    private static WeightsFormatException assertRefused(Path path) {
        return assertThrows(WeightsFormatException.class, () -> Safetensors.open(path));
    }

    private void index(String prefix, String json) throws IOException {
        Files.writeString(folder.resolve(prefix + "model.safetensors.index.json"), json);
    }

    private Path write(String name, String header, int dataLength) throws IOException {
        var json = header.getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(Long.BYTES + json.length + dataLength).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        return Files.write(folder.resolve(name), bytes.array());
    }
}
