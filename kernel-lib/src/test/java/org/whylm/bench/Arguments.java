package org.whylm.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/** What a measurement is given: a file of properties, some of which name files of little-endian numbers or of lines. */
final class Arguments {

    private final Properties properties = new Properties();

    Arguments(Path file) {
        try (var in = Files.newBufferedReader(file)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text(String key) {
        var value = properties.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException("The measurement needs '" + key + "'");
        }
        return value;
    }

    int number(String key) {
        return Integer.parseInt(text(key));
    }

    List<String> lines(String key) {
        try {
            return Files.readAllLines(Path.of(text(key)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Rows of {@code columns} floats. */
    float[][] floats(String key, int columns) {
        var values = mapped(key).asFloatBuffer();
        var rows = new float[values.remaining() / columns][columns];
        for (var row : rows) {
            values.get(row);
        }
        return rows;
    }

    /** Rows of {@code columns} whole numbers of 32 bits. */
    int[][] ints(String key, int columns) {
        var values = mapped(key).asIntBuffer();
        var rows = new int[values.remaining() / columns][columns];
        for (var row : rows) {
            values.get(row);
        }
        return rows;
    }

    private ByteBuffer mapped(String key) {
        try (var channel = FileChannel.open(Path.of(text(key)))) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first numbers of a row. */
    static double[] head(float[] row) {
        var head = new double[Math.min(8, row.length)];
        for (int i = 0; i < head.length; i++) {
            head[i] = row[i];
        }
        return head;
    }
}
