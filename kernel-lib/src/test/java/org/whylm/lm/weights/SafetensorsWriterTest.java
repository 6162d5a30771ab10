package org.whylm.lm.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {

    private final Map<String, long[]> shapes = new LinkedHashMap<>();
    private final Map<String, float[]> values = Map.of(
            "b", new float[] {1, -2.5f, 3, 4, Float.MIN_VALUE, 6}, "a.\"é", new float[] {7}, "none", new float[0]);

    SafetensorsWriterTest() {
        shapes.put("b", new long[] {2, 3});
        shapes.put("a.\"é", new long[] {});
        shapes.put("none", new long[] {0, 4});
    }

    @Test
    void readerReadsWhatWasWritten(@TempDir Path folder) {
        var file = folder.resolve("new/model.safetensors");
        SafetensorsWriter.write(file, shapes, values::get);
        try (var read = Safetensors.open(file)) {
            assertEquals(List.copyOf(shapes.keySet()), List.copyOf(read.names()));
            shapes.forEach((name, shape) -> {
                assertArrayEquals(shape, read.shape(name));
                assertArrayEquals(values.get(name), read.values(name));
            });
        }
    }

    /** A bit of a value, of a name or of a shape: what was written is noticed to be changed. */
    @Test
    void aChangedFileIsRefused(@TempDir Path folder) throws IOException {
        var file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, shapes, values::get);
        var sound = Files.readAllBytes(file);
        for (int at = sound.length - 7 * Float.BYTES; at < sound.length; at++) {
            var damaged = sound.clone();
            damaged[at] ^= 1;
            Files.write(file, damaged);
            var error = assertThrows(WeightsFormatException.class, () -> Safetensors.open(file));
            assertTrue(error.getMessage().contains("were changed since they were written"), error.getMessage());
        }
        var text = new String(sound, StandardCharsets.ISO_8859_1);
        for (var other : List.of(text.replace("[2,3]", "[3,2]"), text.replace("\"none\"", "\"nine\""))) {
            assertNotEquals(text, other);
            Files.write(file, other.getBytes(StandardCharsets.ISO_8859_1));
            assertThrows(WeightsFormatException.class, () -> Safetensors.open(file));
        }
    }

    /** The format's specification: little-endian header length, header padded with blanks so that the data is aligned to 8. */
    @Test
    void layoutIsThatOfTheSpecification(@TempDir Path folder) throws IOException {
        var file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, shapes, values::get);
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int header = Math.toIntExact(bytes.getLong());
        assertEquals(0, (Long.BYTES + header) % 8);
        assertEquals(Long.BYTES + header + 7 * Float.BYTES, bytes.capacity());
        var json = new String(bytes.array(), Long.BYTES, header, StandardCharsets.UTF_8);
        assertEquals('{', json.charAt(0));
        assertEquals('}', json.stripTrailing().charAt(json.stripTrailing().length() - 1));
        assertEquals(-2.5f, bytes.getFloat(Long.BYTES + header + Float.BYTES));
    }

    /** What was there stays when writing fails half-way, and nothing else is left behind. */
    @Test
    void failureLeavesTheOldFile(@TempDir Path folder) throws IOException {
        var file = folder.resolve("model.safetensors");
        Files.writeString(file, "old");
        var failure = assertThrows(
                IllegalArgumentException.class, () -> SafetensorsWriter.write(file, shapes, name -> new float[1]));
        assertEquals("Tensor \"b\" has 1 elements, its shape is [2, 3]", failure.getMessage());
        assertEquals("old", Files.readString(file));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }
}
