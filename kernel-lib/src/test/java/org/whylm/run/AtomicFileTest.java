package org.whylm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is whole or not there, and takes no device's place. */
class AtomicFileTest {

    @TempDir
    Path folder;

    @Test
    void aDeviceStaysADevice() {
        var full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "there is such a device on Linux only");
        var failure = assertThrows(IoFailure.class, () -> AtomicFile.write(full, "text"));
        assertTrue(failure.getMessage().startsWith("Cannot write /dev/full: "), failure.getMessage());
        assertFalse(Files.isRegularFile(full));
        AtomicFile.write(Path.of("/dev/null"), "text");
        assertFalse(Files.isRegularFile(Path.of("/dev/null")));
    }

    /** Others may read what is written, as far as the user's umask lets them, and a link stays one. */
    @Test
    void aFileIsAsOthersWriteIt() throws IOException {
        var plain = Files.writeString(folder.resolve("plain.txt"), "before");
        var link = Files.createSymbolicLink(folder.resolve("link.txt"), plain.getFileName());
        var permissions = Files.getPosixFilePermissions(plain);
        AtomicFile.write(link, "after");
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("after", Files.readString(plain));
        assertEquals(permissions, Files.getPosixFilePermissions(plain));
        AtomicFile.write(folder.resolve("new.txt"), "new");
        assertEquals(permissions, Files.getPosixFilePermissions(folder.resolve("new.txt")));
    }

    @Test
    void aFailureLeavesTheFileAsItWas() throws IOException {
        var file = folder.resolve("a.txt");
        AtomicFile.write(file, "before");
        assertThrows(
                IoFailure.class,
                () -> AtomicFile.write(file, out -> {
                    out.write(1);
                    throw new IOException("No space left on device");
                }));
        assertEquals("before", Files.readString(file));
        var failure = assertThrows(IoFailure.class, () -> AtomicFile.write(folder, "text"));
        assertTrue(failure.getMessage().contains(folder.toString()), failure.getMessage());
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count(), "nothing is left behind");
        }
    }
}
