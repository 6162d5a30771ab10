package org.whylm.lm.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.whylm.run.IoFailure;
import org.whylm.run.StrictJson;

/** One open file of weights, mapped into memory a region at a time, so that its size is not limited to 2 GB. */
record WeightFile(Path path, FileChannel channel, long size) implements AutoCloseable {

    private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;
    private static final int MAX_MAPPED = 1 << 24;
    private static final int ELEMENTS_A_TASK = 1 << 18;
    private static final int ELEMENTS_A_STRETCH = 1 << 14;

    static WeightFile open(Path path) {
        return IoFailure.unless("Cannot open the weights " + path, () -> {
            if (Files.isDirectory(path)) {
                throw new FileSystemException(path.toString(), null, "is a folder");
            }
            var channel = FileChannel.open(path);
            return new WeightFile(path, channel, channel.size());
        });
    }

    /** An error of the file as a whole. */
    WeightsFormatException malformed(String problem) {
        return malformed(0, problem);
    }

    WeightsFormatException malformed(long position, String problem) {
        return new WeightsFormatException(path, position, problem);
    }

    /** Read-only little-endian view of {@code length} bytes from {@code offset}. */
    ByteBuffer map(long offset, int length) {
        try {
            return channel.map(MapMode.READ_ONLY, offset, length).order(ByteOrder.LITTLE_ENDIAN);
        } catch (ClosedChannelException e) {
            throw new IllegalStateException("The weights " + path + " are closed", e);
        } catch (IOException e) {
            throw new IoFailure("Cannot read the weights " + path, e);
        }
    }

    float[] decode(String name, Weights.Tensor tensor) {
        long heap = Runtime.getRuntime().maxMemory();
        if (tensor.elements() > Math.min(MAX_ARRAY_LENGTH, heap / Float.BYTES)) {
            throw malformed(
                    tensor.offset(),
                    "tensor \"" + name + "\" has " + tensor.elements()
                            + " elements, too many for a Java array in a heap of " + heap + " bytes (option -Xmx)");
        }
        var values = new float[(int) tensor.elements()];
        decode(name, tensor, (from, elements, count) -> System.arraycopy(elements, 0, values, from, count));
        return values;
    }

    /** Gives the elements stretch by stretch: small enough for a processor's cache, whatever becomes of them next. */
    void decode(String name, Weights.Tensor tensor, Weights.Stretch stretch) {
        var encoding = tensor.encoding();
        if (tensor.elements() > MAX_ARRAY_LENGTH) {
            throw malformed(
                    tensor.offset(), "tensor \"" + name + "\" has " + tensor.elements() + " elements, too many");
        }
        int blocks = (int) tensor.elements() / encoding.elements;
        int mapped = MAX_MAPPED / encoding.bytes;
        for (int first = 0; first < blocks; first += mapped) {
            int count = Math.min(mapped, blocks - first);
            var bytes = map(tensor.offset() + (long) first * encoding.bytes, count * encoding.bytes);
            decode(encoding, bytes, count, first * encoding.elements, stretch);
        }
    }

    private static void decode(Encoding encoding, ByteBuffer bytes, int blocks, int to, Weights.Stretch stretch) {
        int task = ELEMENTS_A_TASK / encoding.elements, step = ELEMENTS_A_STRETCH / encoding.elements;
        IntStream.range(0, (blocks + task - 1) / task).parallel().forEach(number -> {
            var stored = new byte[step * encoding.bytes];
            var elements = new float[step * encoding.elements];
            int end = Math.min(blocks, (number + 1) * task);
            for (int first = number * task; first < end; first += step) {
                int count = Math.min(step, end - first);
                bytes.get(first * encoding.bytes, stored, 0, count * encoding.bytes);
                encoding.decode(stored, elements, count);
                stretch.take(to + first * encoding.elements, elements, count * encoding.elements);
            }
        });
    }

    /** What {@code git clone} leaves of a large file is called by its name. */
    void rejectLfsPointer() {
        var start = new byte[(int) Math.min(size, 64)];
        map(0, start.length).get(start);
        if (StrictJson.isLfsPointer(start)) {
            throw malformed("this" + StrictJson.lfsPointer());
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new IoFailure("Cannot close the weights " + path, e);
        }
    }
}
