package org.whylm.lm;

/** A model could not be fetched; the message says which file, why, and what to do. Nothing half-done is left in its place. */
public final class ModelFetchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ModelFetchException(String message) {
        super(message);
    }

    ModelFetchException(String message, Throwable cause) {
        super(message, cause);
    }
}
