package org.whylm.lm.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.whylm.run.Workspace;

class GgufTest {

    @TempDir
    Path folder;

    /** Oracle: SHA-256 of all tensors in file order, decoded to F32 by the Python package gguf 0.19. */
    @ParameterizedTest
    @CsvSource({
        "f16,  f97e08b219e9fdf3e478f37f893f7b874edb6bac6a68645c64f641383965d7f9",
        "bf16, 5e32f056b2adc7bcebb8427981e15510b7af5807a7a9b9849307ae3af2fa19d9",
        "q4_0, 3ba6f384bd1bbc9f33e172492dbf2162f90abaa14852a132fb849cff476c9141",
        "q4_1, 1306c7d3bef18182a01261f700011e329a2175bd145ab457a98fe0b39d836083",
        "q5_0, 8869f27767dd3364d1b19849e6fad6ff1d0fd2ace2a24cc9a73a6f34c4108a05",
        "q5_1, 0bc3fc56c9dc40798f2ef141922c54160f3511d52134a1f416cef9d0786b90ad",
        "q8_0, 510bc233f808c249ebecc21c1ecacbd75de7ee06122f05832f98af9b06480849"
    })
    void tensorsOfTheTinyModelsEqualTheOracle(String type, String sha256) {
        try (var gguf = Gguf.open(TestFiles.fixture("tiny-llama-gguf/" + type + ".gguf"))) {
            assertEquals(29, gguf.names().size());
            assertEquals(sha256, TestFiles.valuesSha256(gguf, gguf.names()));
        }
    }

    /** Oracle as above, on the 134,515,008 weights of SmolLM2-135M. */
    @Test
    void tensorsOfSmolLm2EqualTheOracle() {
        var path = Workspace.current().downloads().resolve("models").resolve("SmolLM2-135M-Instruct.Q4_1.gguf");
        assertTrue(Files.exists(path), path + " is missing: `make test` fetches it before the tests run");
        try (var gguf = Gguf.open(path)) {
            assertEquals("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53", gguf.sha256());
            assertEquals(272, gguf.names().size());
            assertEquals(
                    "1034100613c22abd3cc047d99b02ed7a8d419bc245f4cf54a4736c5f699ba569",
                    TestFiles.valuesSha256(gguf, gguf.names()));
        }
    }

    /** Both fixtures hold one model: its embedding lies unpermuted in either. */
    @Test
    void shapesAreInPyTorchOrder() {
        try (var gguf = Gguf.open(TestFiles.fixture("tiny-llama-gguf/f32.gguf"));
                var safetensors = Safetensors.open(TestFiles.fixture("tiny-llama-tied"))) {
            assertArrayEquals(new long[] {600, 64}, gguf.shape("token_embd.weight"));
            assertArrayEquals(new long[] {64, 160}, gguf.shape("blk.0.ffn_down.weight"));
            assertArrayEquals(safetensors.values("model.embed_tokens.weight"), gguf.values("token_embd.weight"));
            assertArrayEquals(
                    safetensors.values("model.layers.0.mlp.down_proj.weight"), gguf.values("blk.0.ffn_down.weight"));
        }
    }

    @Test
    void metadataAreTyped() {
        var path = TestFiles.fixture("tiny-llama-gguf/q4_0.gguf");
        try (var gguf = Gguf.open(path)) {
            var metadata = gguf.metadata();
            assertEquals("llama", metadata.string("general.architecture"));
            assertEquals(64, metadata.integer("llama.embedding_length"));
            assertEquals(1e5, metadata.number("llama.rope.freq_base"));
            assertEquals(64.0, metadata.number("llama.embedding_length"));
            assertEquals(
                    "<|endoftext|>", metadata.strings("tokenizer.ggml.tokens").get(0));
            assertEquals(600, metadata.strings("tokenizer.ggml.tokens").size());
            assertEquals(3, metadata.integers("tokenizer.ggml.token_type")[0]);
            assertFalse(metadata.has("llama.no_such_key"));
            assertThrows(IllegalArgumentException.class, () -> metadata.integer("llama.no_such_key"));
            assertProblem(path, "is STRING, not an integer", () -> metadata.integer("general.architecture"));
            assertProblem(path, "is an array of STRING, not", () -> metadata.integers("tokenizer.ggml.tokens"));
            assertThrows(IllegalArgumentException.class, () -> gguf.values("no.such.tensor"));
        }
    }

    @Test
    void everyTypeOfValueIsRead() throws IOException {
        var path = write(bytes -> {
            header(bytes, 0, 14);
            entry(bytes, "u8", 0).put((byte) 200);
            entry(bytes, "i8", 1).put((byte) -5);
            entry(bytes, "u16", 2).putShort((short) 60_000);
            entry(bytes, "i16", 3).putShort((short) -6);
            entry(bytes, "u32", 4).putInt((int) 4_000_000_000L);
            entry(bytes, "i32", 5).putInt(-7);
            entry(bytes, "f32", 6).putFloat(0.5f);
            entry(bytes, "bool", 7).put((byte) 1);
            text(entry(bytes, "string", 8), "é");
            entry(bytes, "array", 9).putInt(12).putLong(2).putDouble(1.5).putDouble(-2.5);
            entry(bytes, "u64", 10).putLong(1L << 40);
            entry(bytes, "i64", 11).putLong(-8);
            entry(bytes, "f64", 12).putDouble(0.1);
            entry(bytes, "seed", 10).putLong(-1);
        });
        try (var gguf = Gguf.open(path)) {
            var metadata = gguf.metadata();
            assertEquals(200, metadata.integer("u8"));
            assertEquals(-5, metadata.integer("i8"));
            assertEquals(60_000, metadata.integer("u16"));
            assertEquals(-6, metadata.integer("i16"));
            assertEquals(4_000_000_000L, metadata.integer("u32"));
            assertEquals(-7, metadata.integer("i32"));
            assertEquals(0.5, metadata.number("f32"));
            assertTrue(metadata.flag("bool"));
            assertEquals("é", metadata.string("string"));
            assertArrayEquals(new double[] {1.5, -2.5}, metadata.numbers("array"));
            assertEquals(1L << 40, metadata.integer("u64"));
            assertEquals(-8, metadata.integer("i64"));
            assertEquals(0.1, metadata.number("f64"));
            assertProblem(path, "18446744073709551615, above 2^63 - 1", () -> metadata.integer("seed"));
        }
    }

    @Test
    void whatIsNotSupportedIsNamed() throws IOException {
        assertOpenFails("not a GGUF file", bytes -> bytes.putInt(0x12345678).position(24));
        assertOpenFails(
                "GGUF version 1; supported are 2 and 3",
                bytes -> bytes.putInt(MAGIC).putInt(1).position(24));
        assertOpenFails(
                "a big-endian file",
                bytes -> bytes.putInt(MAGIC).putInt(3 << 24).position(24));
        assertOpenFails("the file ends in the magic", bytes -> bytes.putInt(MAGIC));
        assertOpenFails("nests arrays", bytes -> {
            header(bytes, 0, 1);
            entry(bytes, "a", 9).putInt(9).putLong(1).putInt(0).putLong(0);
        });
        assertOpenFails("unknown type 13", bytes -> {
            header(bytes, 0, 1);
            entry(bytes, "a", 13).putLong(0);
        });
        assertOpenFails("metadata \"a\" appears twice", bytes -> {
            header(bytes, 0, 2);
            entry(bytes, "a", 0).put((byte) 1);
            entry(bytes, "a", 0).put((byte) 1);
        });
        assertOpenFails("not a power of two", bytes -> {
            header(bytes, 0, 1);
            entry(bytes, "general.alignment", 4).putInt(24);
        });
        assertOpenFails("tensor \"t\" appears twice", bytes -> {
            header(bytes, 2, 0);
            tensor(bytes, "t", 0, 0, 4);
            tensor(bytes, "t", 0, 32, 4);
            bytes.position(512);
        });
        assertOpenFails("overlaps the data before it, which ends at byte 132", bytes -> {
            header(bytes, 2, 0);
            tensor(bytes, "s", 0, 0, 9);
            tensor(bytes, "t", 0, 32, 4);
            bytes.position(512);
        });
        assertOpenFails("there is a gap since at byte 112", bytes -> {
            header(bytes, 2, 0);
            tensor(bytes, "s", 0, 0, 4);
            tensor(bytes, "t", 0, 64, 4);
            bytes.position(512);
        });
        assertTensorFails("the tensors end here, but the file has 512 bytes", 0, 0, 4);
        assertTensorFails("a vector in Q4_0; norms are F32, F16 or BF16", 2, 0, 32);
        assertTensorFails("not a multiple of 32 as Q4_0 needs", 2, 0, 48, 1);
        assertTensorFails("not a multiple of the alignment", 0, 8, 4);
        assertTensorFails("the file ends inside tensor \"t\"", 0, 0, 1000);
        assertTensorFails("5 dimensions", 0, 0, 1, 1, 1, 1, 1);
        assertTensorFails("impossible dimension", 0, 0, 1L << 31, 1L << 31, 1L << 31);
    }

    @Test
    void aTensorOfAnotherTypeIsListedButHasNoValues() throws IOException {
        var path = write(bytes -> {
            header(bytes, 2, 0);
            tensor(bytes, "s", 99, 0, 256);
            tensor(bytes, "t", 0, 128, 1);
            bytes.position(228);
        });
        try (var gguf = Gguf.open(path)) {
            assertEquals(List.of("s", "t"), List.copyOf(gguf.names()));
            assertArrayEquals(new float[1], gguf.values("t"));
            assertProblem(path, "tensor \"s\" has the ggml type 99, which is not supported", () -> gguf.values("s"));
        }
    }

    @Test
    void aTensorTooLargeForTheHeapIsAnErrorBeforeItIsAllocated() throws IOException {
        long elements = (Runtime.getRuntime().maxMemory() / 128 + 1) * 32;
        var path = write(bytes -> {
            header(bytes, 1, 0);
            tensor(bytes, "t", 2, 0, elements, 1);
        });
        try (var sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.setLength(96 + elements / 32 * 18);
        }
        try (var gguf = Gguf.open(path)) {
            assertProblem(path, "too many for a Java array", () -> gguf.values("t"));
        }
    }

    @Test
    void aClosedFileSaysSo() {
        var gguf = Gguf.open(TestFiles.fixture("tiny-llama-gguf/q4_0.gguf"));
        gguf.close();
        assertThrows(IllegalStateException.class, () -> gguf.values("token_embd.weight"));
    }

    /** Property: whatever a header says, the file opens and reads in full or a {@link WeightsFormatException} is thrown. */
    @Test
    void noDamageOfASmallFileEscapesTheChecks() throws IOException {
        TestFiles.assertNoDamageEscapes(write(GgufTest::small), this::rejected);
    }

    /** The same property on a real model's header, with seeded damage in one to eight places. */
    @Test
    void noDamageOfAModelEscapesTheChecks() throws IOException {
        var sound = Files.readAllBytes(TestFiles.fixture("tiny-llama-gguf/q4_0.gguf"));
        var random = new Random(3);
        int rejected = 0;
        for (int i = 0; i < 400; i++) {
            var bytes = random.nextInt(4) == 0 ? Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
            for (int n = random.nextInt(8); n >= 0 && bytes.length > 0; n--) {
                bytes[random.nextInt(Math.min(bytes.length, 16_000))] = (byte) random.nextInt(256);
            }
            rejected += rejected(bytes);
        }
        assertTrue(rejected > 100, "only " + rejected + " of the damaged files were rejected");
    }

    /** As {@code llama-gguf-split --merge} leaves the key; and lies about parts. */
    @Test
    void aMergedFileIsWhole() throws IOException {
        for (int count : new int[] {0, 1}) {
            try (var whole = Gguf.open(write(bytes -> split(bytes, count)))) {
                assertEquals(Set.of("s"), whole.names());
            }
        }
        assertOpenFails("split.count is -1", bytes -> split(bytes, -1));
        assertOpenFails("their names must end in -00001-of-00003.gguf", bytes -> split(bytes, 3));
    }

    private static void split(ByteBuffer bytes, int count) {
        header(bytes, 1, 1);
        entry(bytes, "split.count", 5).putInt(count);
        tensor(bytes, "s", 0, 0, 3, 2);
        bytes.position((bytes.position() + 31) / 32 * 32 + 32);
    }

    /** Eight numbers in F32 fill what four bytes each take; in F16 half of them would lie where zeros align the next tensor. */
    @Test
    void aSmallTensorOfASmallerTypeIsNoticed() throws IOException {
        for (int type : new int[] {0, 1, 30}) {
            var path = write(bytes -> {
                header(bytes, 2, 0);
                tensor(bytes, "norm", type, 0, 8);
                tensor(bytes, "t", 0, 32, 8);
                bytes.position((bytes.position() + 31) / 32 * 32);
                for (int i = 0; i < 16; i++) {
                    bytes.putFloat(i + 1);
                }
            });
            if (type == 0) {
                Gguf.open(path).close();
            } else {
                assertProblem(path, "data between two tensors", () -> Gguf.open(path));
            }
        }
    }

    private static final int MAGIC = 0x46554747;

    /** Metadata of each kind and two tensors: about 400 bytes. */
    private static void small(ByteBuffer bytes) {
        header(bytes, 2, 5);
        text(entry(bytes, "general.architecture", 8), "llama");
        entry(bytes, "n", 4).putInt(7);
        entry(bytes, "general.alignment", 4).putInt(32);
        entry(bytes, "tokens", 9).putInt(8).putLong(2);
        text(text(bytes, "a"), "bc");
        entry(bytes, "types", 9).putInt(5).putLong(2).putInt(1).putInt(2);
        tensor(bytes, "s", 0, 0, 3, 2);
        tensor(bytes, "t", 2, 32, 32, 1);
        bytes.position((bytes.position() + 31) / 32 * 32 + 32 + 18);
    }

    private static void header(ByteBuffer bytes, int tensors, int entries) {
        bytes.putInt(MAGIC).putInt(3).putLong(tensors).putLong(entries);
    }

    private static ByteBuffer entry(ByteBuffer bytes, String key, int type) {
        return text(bytes, key).putInt(type);
    }

    private static void tensor(ByteBuffer bytes, String name, int type, long offset, long... innermostFirst) {
        text(bytes, name).putInt(innermostFirst.length);
        Arrays.stream(innermostFirst).forEach(bytes::putLong);
        bytes.putInt(type).putLong(offset);
    }

    private static ByteBuffer text(ByteBuffer bytes, String text) {
        var utf8 = text.getBytes(StandardCharsets.UTF_8);
        return bytes.putLong(utf8.length).put(utf8);
    }

    private Path write(Consumer<ByteBuffer> content) throws IOException {
        var bytes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        content.accept(bytes);
        return Files.write(folder.resolve("small.gguf"), Arrays.copyOf(bytes.array(), bytes.position()));
    }

    private void assertOpenFails(String problem, Consumer<ByteBuffer> content) throws IOException {
        var path = write(content);
        assertProblem(path, problem, () -> Gguf.open(path));
    }

    /** A file of one tensor. */
    private void assertTensorFails(String problem, int type, long offset, long... innermostFirst) throws IOException {
        assertOpenFails(problem, bytes -> {
            header(bytes, 1, 0);
            tensor(bytes, "t", type, offset, innermostFirst);
            bytes.position(512);
        });
    }

    private static void assertProblem(Path path, String problem, Executable action) {
        var error = assertThrows(WeightsFormatException.class, action);
        assertTrue(error.getMessage().startsWith(path + ", byte " + error.position() + ": "), error.getMessage());
        assertTrue(error.getMessage().contains(problem), error.getMessage());
    }

    /** 1 if reading everything in the file ends in a {@link WeightsFormatException} on opening, else 0. */
    private int rejected(byte[] bytes) throws IOException {
        var path = TestFiles.write(folder, bytes);
        try (var gguf = Gguf.open(path)) {
            for (var name : gguf.names()) {
                long elements = Arrays.stream(gguf.shape(name)).reduce(1, Math::multiplyExact);
                allowing(() -> assertEquals(elements, gguf.values(name).length));
            }
            var metadata = gguf.metadata();
            for (var key : metadata.keys()) {
                List.<Runnable>of(
                                () -> metadata.string(key),
                                () -> metadata.integer(key),
                                () -> metadata.number(key),
                                () -> metadata.flag(key),
                                () -> metadata.strings(key),
                                () -> metadata.integers(key),
                                () -> metadata.numbers(key))
                        .forEach(GgufTest::allowing);
            }
            return 0;
        } catch (WeightsFormatException e) {
            assertTrue(e.position() >= 0 && e.position() <= bytes.length, e.getMessage());
            return 1;
        }
    }

    private static void allowing(Runnable read) {
        try {
            read.run();
        } catch (WeightsFormatException e) {
            assertTrue(e.getMessage().contains(".tmp, byte "), e.getMessage());
        }
    }
}
