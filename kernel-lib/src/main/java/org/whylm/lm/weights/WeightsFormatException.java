package org.whylm.lm.weights;

import java.nio.file.Path;

/** A weight file is damaged, or uses something that its reader does not support; the message says which byte and why. */
public final class WeightsFormatException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final long position;

    WeightsFormatException(Path file, long position, String problem) {
        this(file, position, problem, null);
    }

    WeightsFormatException(Path file, long position, String problem, Throwable cause) {
        super(file + ", byte " + position + ": " + problem, cause);
        this.position = position;
    }

    /** Offset in the file, in bytes, of what is wrong. */
    public long position() {
        return position;
    }
}
