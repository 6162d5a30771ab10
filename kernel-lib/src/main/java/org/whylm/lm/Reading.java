package org.whylm.lm;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A token sequence and the positions at which the hidden state is read.
 *
 * @param ids token ids; at least one
 * @param positions indices into {@code ids}
 */
public record Reading(int[] ids, int[] positions) {

    /** @throws IllegalArgumentException if there is no token, or a position is outside the sequence */
    public Reading {
        if (ids.length == 0) {
            throw new IllegalArgumentException("No tokens: the text is empty, and f is read at its last token");
        }
        for (int position : positions) {
            if (position < 0 || position >= ids.length) {
                throw new IllegalArgumentException(
                        "Position " + position + " of a sequence of " + ids.length + " tokens");
            }
        }
    }

    int length() {
        return ids.length;
    }

    /** The state at the last token only: {@code f(s)}. */
    public static Reading atLast(int[] ids) {
        return new Reading(ids, new int[] {ids.length - 1});
    }

    /** The states at every token. */
    public static Reading everywhere(int[] ids) {
        return new Reading(ids, IntStream.range(0, ids.length).toArray());
    }

    /**
     * {@code f(s)} and {@code f(s+prompt)} from one pass: the model is causal.
     *
     * @param text tokens of the text; at least one
     * @param prompt tokens of the prompt; at least one
     */
    public static Reading atTextAndPrompt(int[] text, int[] prompt) {
        var ids = Arrays.copyOf(text, text.length + prompt.length);
        System.arraycopy(prompt, 0, ids, text.length, prompt.length);
        return new Reading(ids, new int[] {text.length - 1, ids.length - 1});
    }
}
