package org.whylm.lm;

import java.nio.file.Path;

/** A model that is readable but is not one that this library can run, or lacks a part; the message says which. */
public final class UnsupportedModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param problem a sentence that names the model */
    UnsupportedModelException(String problem) {
        super(problem);
    }

    /**
     * @param source the file or directory of the model
     * @param problem what is not supported or missing, as a noun phrase
     */
    UnsupportedModelException(Path source, String problem) {
        super(source + ": " + problem + " (supported: " + Family.supported() + ")");
    }
}
