package org.whylm.lm.weights;

import com.google.gson.Gson;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.whylm.run.AtomicFile;
import org.whylm.run.Sha256;

/**
 * Writes a safetensors file of F32 tensors.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">The format</a>
 */
public final class SafetensorsWriter {

    private static final int ALIGNMENT = 8;

    private record Entry(String dtype, long[] shape, long[] data_offsets) {}

    private SafetensorsWriter() {}

    /**
     * Writes the tensors, and a checksum of them, under a temporary name and moves them into place, so that the file is whole or as it was.
     *
     * @param shapes the shape of each tensor, outermost dimension first, in the order in which they are written
     * @param values the elements of a tensor, row-major; asked for one tensor at a time, twice
     * @throws IllegalArgumentException if a tensor has another number of elements than its shape says
     * @throws UncheckedIOException if writing fails
     */
    public static void write(Path file, Map<String, long[]> shapes, Function<String, float[]> values) {
        var header = header(shapes, checksum(shapes, values));
        AtomicFile.write(file, (OutputStream out) -> {
            out.write(little(Long.BYTES).putLong(header.length).array());
            out.write(header);
            for (var shape : shapes.entrySet()) {
                out.write(bytes(shape.getKey(), shape.getValue(), values.apply(shape.getKey())));
            }
        });
    }

    /** The JSON header, filled up with blanks so that the data is aligned. */
    private static byte[] header(Map<String, long[]> shapes, String checksum) {
        var entries = new LinkedHashMap<String, Object>();
        entries.put("__metadata__", new TreeMap<>(Map.of("format", "pt", SafetensorsHeader.CHECKSUM, checksum)));
        long offset = 0;
        for (var shape : shapes.entrySet()) {
            long end = offset + elements(shape.getValue()) * Float.BYTES;
            entries.put(shape.getKey(), new Entry("F32", shape.getValue(), new long[] {offset, end}));
            offset = end;
        }
        var json = new Gson().toJson(entries).getBytes(StandardCharsets.UTF_8);
        var padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    /** Of names, shapes and values, as {@link SafetensorsHeader} compares it. */
    private static String checksum(Map<String, long[]> shapes, Function<String, float[]> values) {
        var digest = Sha256.digest();
        shapes.forEach((name, shape) -> digest.update(SafetensorsHeader.described(name, shape)));
        shapes.forEach((name, shape) -> digest.update(bytes(name, shape, values.apply(name))));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static byte[] bytes(String name, long[] shape, float[] values) {
        if (values.length != elements(shape)) {
            throw new IllegalArgumentException("Tensor \"" + name + "\" has " + values.length
                    + " elements, its shape is " + Arrays.toString(shape));
        }
        var bytes = little(Math.multiplyExact(values.length, Float.BYTES));
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static long elements(long[] shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
