package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

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
    private final boolean ownsTokenizer;

    LanguageModel(String name, String sha256, Tokenizer tokenizer, Architecture architecture, NDManager manager) {
        this(name, sha256, tokenizer, architecture, manager, true);
    }

    private LanguageModel(
            String name,
            String sha256,
            Tokenizer tokenizer,
            Architecture architecture,
            NDManager manager,
            boolean ownsTokenizer) {
        this.name = name;
        this.sha256 = sha256;
        this.tokenizer = tokenizer;
        this.architecture = architecture;
        this.manager = manager;
        this.ownsTokenizer = ownsTokenizer;
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

    /** Number of transformer blocks. */
    public int blocks() {
        return architecture.blocks();
    }

    /**
     * Token ids of a text, from its start, as many as the model and the caller take.
     *
     * @param truncation tokens kept, at most
     * @param reserved how many more the model must have room for behind them
     * @throws IllegalArgumentException if the text has no tokens
     */
    public int[] tokens(String text, int truncation, int reserved) {
        var ids = tokenizer.encode(text);
        if (ids.length == 0) {
            throw new IllegalArgumentException(
                    "A text has no tokens, so there is no last token to read f at: \"" + text + "\"");
        }
        int kept = Math.min(truncation, maximumLength() - reserved);
        return ids.length > kept ? Arrays.copyOf(ids, kept) : ids;
    }

    Architecture architecture() {
        return architecture;
    }

    /** A model that shares this one's tokenizer and what {@code make} takes of its parameters. */
    LanguageModel derived(String name, String sha256, Function<NDManager, Architecture> make) {
        var own = manager.newSubManager();
        return new LanguageModel(name, sha256, tokenizer, make.apply(own), own, false);
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
            var states = forward(pass, padded(readings, length), length, blocks());
            return split(
                    architecture.finalNorm(select(states, readings, length)).toFloatArray(), readings);
        }
    }

    /**
     * The states that a block reads, at every position: the last blocks can be trained on them while those below stay as they are.
     *
     * @param block index from 0; {@link #blocks()} for the states behind the last block, before the final norm
     * @param sequences token ids, padded to the longest while they are computed: give sequences of like lengths
     * @return for each sequence, in order, {@code L×d}
     * @throws IllegalArgumentException if there is no such block, a sequence is empty or longer than {@link #maximumLength()}, or
     *     an id is outside the vocabulary
     */
    public List<float[][]> statesBefore(int block, List<int[]> sequences) {
        if (block < 0 || block > blocks()) {
            throw new IllegalArgumentException("Block " + block + " of " + blocks());
        }
        var readings = sequences.stream().map(Reading::everywhere).toList();
        int length = sequences.stream().mapToInt(ids -> ids.length).max().orElse(0);
        if (length == 0) {
            return List.of();
        }
        try (var pass = manager.newSubManager()) {
            var states = forward(pass, padded(readings, length), length, block);
            return split(select(states, readings, length).toFloatArray(), readings);
        }
    }

    /** States after some blocks, {@code B×L×d}. */
    private NDArray forward(NDManager pass, long[] ids, int length, int blocks) {
        var embedded = architecture.embed(pass.create(ids, new Shape(ids.length / length, length)));
        return architecture.blocks(embedded, 0, blocks);
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
        if (ownsTokenizer) {
            tokenizer.close();
        }
    }
}
