package org.whylm.train;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.whylm.run.Sha256;

/**
 * Documents one after the other, cut into contexts of one length: example {@code i} reads {@code tokens[i·length]} and the
 * {@code length-1} tokens after it, and each position's next word is the token after it. What is left at the end is not used.
 *
 * @param length tokens a context
 */
public record TokenStream(int[] tokens, int length) implements TrainingData {

    /** @throws IllegalArgumentException if there are too few tokens for one example */
    public TokenStream {
        if (length < 1 || tokens.length <= length) {
            throw new IllegalArgumentException(
                    tokens.length + " tokens, at least " + (length + 1) + " are needed for one context of " + length);
        }
    }

    /**
     * The stream of some documents.
     *
     * @param documents token ids
     * @param separator the token that stands before each document, so that its first word has a context too
     * @param length tokens a context
     */
    public static TokenStream of(List<int[]> documents, int separator, int length) {
        var tokens = documents.stream()
                .flatMapToInt(document -> IntStream.concat(IntStream.of(separator), IntStream.of(document)))
                .toArray();
        return new TokenStream(tokens, length);
    }

    @Override
    public int size() {
        return (tokens.length - 1) / length;
    }

    @Override
    public int length(int example) {
        return length;
    }

    /** What an example reads. */
    int[] context(int example) {
        return Arrays.copyOfRange(tokens, example * length, (example + 1) * length);
    }

    @Override
    public int[] targets(int example) {
        return Arrays.copyOfRange(tokens, example * length + 1, (example + 1) * length + 1);
    }

    @Override
    public String sha256() {
        var bytes = ByteBuffer.allocate((tokens.length + 1) * Integer.BYTES);
        bytes.asIntBuffer().put(length).put(tokens);
        return Sha256.of(bytes.array());
    }
}
