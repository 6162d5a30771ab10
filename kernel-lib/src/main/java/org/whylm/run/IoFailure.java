package org.whylm.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** A file that could not be read or written; the message says which, and why: full disk, read-only, not a folder, not UTF-8. */
public final class IoFailure extends UncheckedIOException {

    private static final long serialVersionUID = 1;

    /** @param what what was tried, with the file: "Cannot read config.json" */
    public IoFailure(String what, IOException cause) {
        super(what + ": " + reason(cause), cause);
    }

    /**
     * A failure of a part of something.
     *
     * @param whole that it is a part of: "The model smollm2"
     */
    public IoFailure(String whole, IoFailure part) {
        super(whole + ": " + part.getMessage(), part.getCause());
    }

    /** Work on a file. */
    @FunctionalInterface
    public interface Work<T> {
        T done() throws IOException;
    }

    /**
     * What some work gives.
     *
     * @param what what is tried, with the file
     * @throws IoFailure if it fails
     */
    public static <T> T unless(String what, Work<T> work) {
        try {
            return work.done();
        } catch (IOException e) {
            throw new IoFailure(what, e);
        }
    }

    /** The cause in a few words, without the file. */
    public static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof NotDirectoryException || cause instanceof FileAlreadyExistsException) {
            return "something that is not a folder is in the way";
        }
        if (cause instanceof DirectoryNotEmptyException) {
            return "is a folder";
        }
        if (cause instanceof CharacterCodingException) {
            return "it is not UTF-8";
        }
        var said = cause instanceof FileSystemException failure && failure.getReason() != null
                ? failure.getReason()
                : cause.getMessage();
        return said == null ? cause.getClass().getSimpleName() : said;
    }
}
