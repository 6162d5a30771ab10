package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A causal language model with a softmax output layer: tokens to hidden states {@code f}, and {@link #outputEmbeddings() Φ},
 * which makes {@code p_f = softmax(Φᵀf)} of them. Holds native memory until {@link #close() closed}. Not for use from several
 * threads at once; one pass uses all cores.
 */
public final class LanguageModel implements AutoCloseable {

    private final String name;
    private final String sha256;
    private final Tokenizer tokenizer;
    private final Architecture architecture;
    private final NDManager manager;
    private final OutputEmbeddings outputEmbeddings;

    LanguageModel(String name, String sha256, Tokenizer tokenizer, Architecture architecture, NDManager manager) {
        this.name = name;
        this.sha256 = sha256;
        this.tokenizer = tokenizer;
        this.architecture = architecture;
        this.manager = manager;
        this.outputEmbeddings = new OutputEmbeddings(manager, architecture.outputEmbeddings());
    }

    /** The name or path that it was loaded by, without folders. */
    public String name() {
        return name;
    }

    /** SHA-256 of the files that decide what the model computes, in hex: of a GGUF file, or of a directory's weights, configuration and tokenizer. */
    public String sha256() {
        return sha256;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** {@code d}. */
    public int dimension() {
        return architecture.dimension();
    }

    /** {@code V}. */
    public int vocabularySize() {
        return architecture.vocabularySize();
    }

    /** The most tokens that a context may have. */
    public int maximumLength() {
        return architecture.maximumLength();
    }

    /** {@code Φ}. */
    public OutputEmbeddings outputEmbeddings() {
        return outputEmbeddings;
    }

    /**
     * {@code f(s)}: the state at the last token of a text.
     *
     * @return {@code d}
     * @throws IllegalArgumentException if the text has no tokens, or more than {@link #maximumLength()}
     */
    public float[] f(String text) {
        return hiddenStates(List.of(Reading.atLast(tokenizer.encode(text)))).get(0)[0];
    }

    /**
     * Hidden states after the final norm, from one pass over all sequences.
     *
     * @param readings sequences, padded to the longest while they are computed: give sequences of like lengths
     * @return for each reading, in order, its states: {@code positions×d}
     * @throws IllegalArgumentException if a sequence is longer than {@link #maximumLength()} or has an id outside the vocabulary
     */
    public List<float[][]> hiddenStates(List<Reading> readings) {
        if (readings.isEmpty()) {
            return List.of();
        }
        int length = readings.stream()
                .mapToInt(reading -> reading.ids().length)
                .max()
                .orElseThrow();
        try (var pass = manager.newSubManager()) {
            var states =
                    architecture.finalNorm(select(forward(pass, padded(readings, length), length), readings, length));
            return split(states.toFloatArray(), readings);
        }
    }

    /** States after the last block, {@code B×L×d}. */
    private NDArray forward(NDManager pass, long[] ids, int length) {
        var embedded = architecture.embed(pass.create(ids, new Shape(ids.length / length, length)));
        return architecture.blocks(embedded, 0, architecture.blocks());
    }

    /** Padding stands behind the text: no earlier position sees it. */
    private long[] padded(List<Reading> readings, int length) {
        if (length > maximumLength()) {
            throw new IllegalArgumentException("A sequence has " + length + " tokens, " + name + " takes at most "
                    + maximumLength() + ": truncate it");
        }
        var ids = new long[readings.size() * length];
        for (int row = 0; row < readings.size(); row++) {
            var sequence = readings.get(row).ids();
            for (int column = 0; column < sequence.length; column++) {
                if (sequence[column] < 0 || sequence[column] >= vocabularySize()) {
                    throw new IllegalArgumentException("Token id " + sequence[column] + " at position " + column
                            + " is outside the vocabulary of " + vocabularySize() + " words");
                }
                ids[row * length + column] = sequence[column];
            }
        }
        return ids;
    }

    private NDArray select(NDArray states, List<Reading> readings, int length) {
        var rows = new ArrayList<Long>();
        for (int row = 0; row < readings.size(); row++) {
            for (int position : readings.get(row).positions()) {
                rows.add((long) row * length + position);
            }
        }
        var index = states.getManager()
                .create(rows.stream().mapToLong(Long::longValue).toArray());
        return states.reshape(-1, dimension()).get(index);
    }

    private List<float[][]> split(float[] values, List<Reading> readings) {
        int d = dimension(), at = 0;
        var states = new ArrayList<float[][]>(readings.size());
        for (var reading : readings) {
            var rows = new float[reading.positions().length][];
            for (int row = 0; row < rows.length; row++, at += d) {
                rows[row] = Arrays.copyOfRange(values, at, at + d);
            }
            states.add(rows);
        }
        return states;
    }

    @Override
    public void close() {
        manager.close();
        tokenizer.close();
    }
}
