package org.whylm.run;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Files that are whole or not there: they are written under another name in the same folder and then moved. What a process that was
 * killed left of such a file is removed by the next that writes there: its writer holds a lock on it as long as it lives.
 */
public final class AtomicFile {

    private static final String PARTIAL = ".partial";
    private static final int BUFFER = 1 << 20;

    /** Between its creation and its lock a file is nobody's. */
    private static final Duration UNLOCKED = Duration.ofSeconds(30);

    private AtomicFile() {}

    /** Writes the content of a file. */
    public interface Content {
        void write(OutputStream out) throws IOException;
    }

    /**
     * Writes a file piece by piece, creating its folder.
     *
     * @throws UncheckedIOException if it cannot be written; the file is then as it was before
     */
    @SuppressWarnings("try") // the lock is held, not used
    public static void write(Path named, Content content) {
        try {
            // Of a link, the file that it leads to; a device's may lead nowhere that has a name.
            var file = Files.isSymbolicLink(named) && Files.isRegularFile(named) ? named.toRealPath() : named;
            var folder = file.toAbsolutePath().getParent();
            if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
                try (var out = Files.newOutputStream(file)) { // a device or a pipe: nothing may take its place
                    content.write(out);
                }
                return;
            }
            Files.createDirectories(folder);
            sweep(folder);
            var random = Long.toHexString(ThreadLocalRandom.current().nextLong());
            var partial = folder.resolve("." + file.getFileName() + "." + random + PARTIAL);
            try {
                // Not a temporary file, which nobody else may read.
                try (var channel = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                        var lock = channel.tryLock()) {
                    var out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
                    content.write(out);
                    out.flush();
                    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                }
            } finally {
                Files.deleteIfExists(partial);
            }
        } catch (IOException e) {
            throw new IoFailure("Cannot write " + named, e);
        }
    }

    /** The same of a UTF-8 text. */
    public static void write(Path file, String text) {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same of bytes. */
    public static void write(Path file, byte[] bytes) {
        write(file, (OutputStream out) -> out.write(bytes));
    }

    private static void sweep(Path folder) throws IOException {
        var before = Instant.now().minus(UNLOCKED);
        try (var partials = Files.newDirectoryStream(folder, "*" + PARTIAL)) {
            for (var partial : partials) {
                if (Files.getLastModifiedTime(partial).toInstant().isBefore(before) && isNobodys(partial)) {
                    Files.deleteIfExists(partial);
                }
            }
        } catch (IOException e) {
            // Another process may have removed it, or it is not ours: no reason not to write.
        }
    }

    @SuppressWarnings("try")
    private static boolean isNobodys(Path partial) throws IOException {
        try (var channel = FileChannel.open(partial, StandardOpenOption.WRITE);
                var lock = channel.tryLock()) {
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
