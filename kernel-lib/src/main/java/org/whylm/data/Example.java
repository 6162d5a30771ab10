package org.whylm.data;

import java.util.Objects;

/**
 * A context {@code s} with its label {@code y}.
 *
 * @param text the text, never blank
 * @param label index of the class in {@link TextDataset#classes()}
 */
public record Example(String text, int label) {

    /** Checks that there is a text. */
    public Example {
        Objects.requireNonNull(text, "text");
        if (text.isBlank()) {
            throw new IllegalArgumentException("text is blank");
        }
    }
}
