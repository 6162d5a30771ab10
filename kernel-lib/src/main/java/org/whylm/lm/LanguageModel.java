package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.whylm.lm.weights.Weights;
import org.whylm.run.Described;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;
import org.whylm.run.Sha256;

/**
 * A causal language model with a softmax output layer: tokens to hidden states {@code f}, and {@link #outputEmbeddings() Φ},
 * which makes {@code p_f = softmax(Φᵀf)} of them. Holds native memory until {@link #close() closed}. Not for use from several
 * threads at once; one pass uses all cores.
 */
public final class LanguageModel implements AutoCloseable, Described {

    private static final int STATES_A_BLOCK = 4096;

    /** MKL would round fewer otherwise than among others. */
    private static final int TOKENS_A_PART = 64;

    private final String name;
    private final String sha256;
    private final Tokenizer tokenizer;
    private final Network network;
    private final Network.Architecture architecture;
    private final int blocks;
    private final NDManager manager;
    private final OutputEmbeddings outputEmbeddings;
    private final boolean ownsTokenizer;
    private String storedAs = "";
    private String source = "";

    /**
     * @param blocks how many of the network's blocks the model has, the first of them
     * @param ownsTokenizer whether that is closed with the model
     */
    LanguageModel(
            String name,
            String sha256,
            Tokenizer tokenizer,
            Network network,
            int blocks,
            NDManager manager,
            boolean ownsTokenizer) {
        this.name = name;
        this.sha256 = sha256;
        this.tokenizer = tokenizer;
        this.network = network;
        this.architecture = network.architecture();
        this.blocks = blocks;
        this.manager = manager;
        this.ownsTokenizer = ownsTokenizer;
        this.outputEmbeddings = new OutputEmbeddings(
                name,
                manager,
                network.tensors().get(architecture.outputEmbeddings().name()));
    }

    /** Notes what it was read from. */
    LanguageModel from(Weights weights) {
        storedAs = weights.types();
        source = weights.source().toString();
        return this;
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
        requireOpen();
        return tokenizer;
    }

    /** {@code d}. */
    public int dimension() {
        return architecture.dimension();
    }

    /** {@code V}. */
    public int vocabularySize() {
        return architecture.vocabulary();
    }

    /** The most tokens that a context may have. */
    public int maximumLength() {
        return architecture.maximumLength();
    }

    /** Number of transformer blocks. */
    public int blocks() {
        return blocks;
    }

    /**
     * The tokens of a text and of what follows it, to be read at the last token of either: the ids of the joined text (see
     * {@link Tokenizer#encodeAfter}), the text cut after as many tokens as the model and the caller take.
     *
     * @param prompt what follows; empty for the text alone, which is then read at its last token only
     * @param truncation tokens kept of the text, at most
     * @throws IllegalArgumentException if the text has no tokens, or the model no room for them
     */
    public Reading reading(String text, String prompt, int truncation) {
        var ids = tokenizer().encode(text);
        if (ids.length == 0) {
            throw new IllegalArgumentException(
                    "A text has no tokens, so there is no last token to read f at: \"" + text + "\"");
        }
        var continuation = tokenizer.encodeAfter(text, prompt);
        int kept = Math.min(truncation, maximumLength() - continuation.length);
        if (kept < 1) {
            throw new IllegalArgumentException("A prompt of " + continuation.length
                    + " tokens leaves no room for a text: " + name + " reads " + maximumLength());
        }
        var cut = ids.length > kept ? Arrays.copyOf(ids, kept) : ids;
        return prompt.isEmpty() ? Reading.atLast(cut) : Reading.atTextAndPrompt(cut, continuation);
    }

    /** Memory of one pass. */
    private NDManager scope() {
        requireOpen();
        return manager.newSubManager();
    }

    private void requireOpen() {
        if (!manager.isOpen()) {
            throw new IllegalStateException(
                    "The model " + name
                            + " is closed: run the cell that loads it again, then this one (code that goes on with it closes it later)");
        }
    }

    Network network() {
        return network;
    }

    /**
     * A model that shares this one's tokenizer and what {@code make} takes of its tensors.
     *
     * @param blocks how many of its network's blocks it has, the first of them
     */
    LanguageModel derived(String name, String sha256, int blocks, Function<NDManager, Network> make) {
        var own = scope();
        return new LanguageModel(name, sha256, tokenizer, make.apply(own), blocks, own, false);
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
        return hiddenStates(List.of(Reading.atLast(tokenizer().encode(text)))).get(0)[0];
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
        int length = longest(readings);
        try (var pass = scope()) {
            var states = through(0, blocks(), network.embed(ids(pass, readings, length)));
            return split(network.f(select(states, readings, length)).toFloatArray(), readings);
        }
    }

    /**
     * The states behind several blocks, before any final norm, from one pass over all sequences; {@link #f(float[][])} of a model
     * that is {@link #cutAfter cut} there goes on from them.
     *
     * @param blocks after how many blocks, each from 0 (what the first block reads) to {@link #blocks()}
     * @param readings sequences, padded to the longest while they are computed: give sequences of like lengths
     * @return for each of {@code blocks}, for each reading, in order, its states: {@code positions×d}
     * @throws IllegalArgumentException if there are not so many blocks, a sequence is longer than {@link #maximumLength()}, or an
     *     id is outside the vocabulary
     */
    public List<List<float[][]>> statesAfter(List<Integer> blocks, List<Reading> readings) {
        blocks.forEach(this::requireBlock);
        if (readings.isEmpty()) {
            return Collections.nCopies(blocks.size(), List.of());
        }
        int length = longest(readings);
        try (var pass = scope()) {
            var states = network.embed(ids(pass, readings, length));
            var after = new HashMap<Integer, List<float[][]>>();
            int done = 0;
            for (int block : new TreeSet<>(blocks)) {
                states = through(done, block, states);
                after.put(block, split(select(states, readings, length).toFloatArray(), readings));
                done = block;
            }
            return blocks.stream().map(after::get).toList();
        }
    }

    /** States behind the blocks {@code from … to-1}, {@code B×L×d}; those before are freed. */
    private NDArray through(int from, int to, NDArray states) {
        long length = states.size(1);
        var parts = Rows.parts(states, (int) ((TOKENS_A_PART + length - 1) / length));
        if (parts.size() == 1) {
            return network.blocks(states, from, to);
        }
        try (var behind =
                new NDList(Engine.sideBySide(parts.size(), part -> network.blocks(parts.get(part), from, to)))) {
            states.close();
            return NDArrays.concat(behind);
        }
    }

    /**
     * {@code f} from the states that a block reads, as {@link #statesAfter} gives them, perhaps of a model with other blocks above.
     *
     * @param block index of the block, from 0
     * @param states of each sequence, {@code L×d}; padded to the longest while they are computed
     * @param positions where to read each sequence
     * @return for each sequence, in order, {@code positions×d}
     * @throws IllegalArgumentException if there is no such block or position
     */
    public List<float[][]> hiddenStatesFrom(int block, List<float[][]> states, List<int[]> positions) {
        requireBlock(block);
        if (states.isEmpty()) {
            return List.of();
        }
        int length = states.stream().mapToInt(rows -> rows.length).max().orElseThrow();
        int d = dimension();
        var padded = new float[states.size() * length][d];
        var readings = new ArrayList<Reading>();
        for (int row = 0; row < states.size(); row++) {
            System.arraycopy(states.get(row), 0, padded, row * length, states.get(row).length);
            readings.add(new Reading(new int[states.get(row).length], positions.get(row)));
        }
        try (var pass = scope()) {
            var input = Rows.array(pass, padded, 0, padded.length, d).reshape(states.size(), length, d);
            var last = through(block, blocks(), input);
            return split(network.f(select(last, readings, length)).toFloatArray(), readings);
        }
    }

    /**
     * {@code f} from the states behind the last block: the final norm, and what linear layer follows it.
     *
     * @param states {@code n×d}
     * @return {@code n×d}
     * @throws IllegalArgumentException if a state has not {@code d} components
     */
    public float[][] f(float[][] states) {
        var f = new float[states.length][];
        for (int from = 0; from < states.length; from += STATES_A_BLOCK) {
            int rows = Math.min(STATES_A_BLOCK, states.length - from);
            try (var pass = scope()) {
                Rows.copy(network.f(Rows.array(pass, states, from, rows, dimension())), f, from);
            }
        }
        return f;
    }

    /**
     * A model of the first blocks only, whose final norm and {@code Φ} are this one's. It shares the parameters: close it first.
     *
     * @param count how many blocks are left
     * @throws IllegalArgumentException if there are not so many
     */
    public LanguageModel cutAfter(int count) {
        requireBlock(count);
        var cut = " after block " + count;
        return new LanguageModel(name + cut, Sha256.of(sha256 + cut), tokenizer, network, count, scope(), false);
    }

    /**
     * A model with an affine map behind the final norm: {@code Wf + b} in place of {@code f}. It shares the parameters: close it
     * first.
     *
     * @param weight {@code W}, {@code d×d}
     * @param bias {@code b}, {@code d}
     * @throws IllegalArgumentException if the map has another shape
     */
    public LanguageModel followedBy(double[][] weight, double[] bias) {
        int d = dimension();
        var map = Matrices.matrix("the affine map", weight);
        if (map.numRows != d || map.numCols != d || bias.length != d) {
            throw new IllegalArgumentException("An affine map of " + map.numCols + " to " + map.numRows
                    + " components with a bias of " + bias.length + ", the model has d = " + d);
        }
        return derived(
                name + " with an affine map",
                Sha256.of(sha256 + Arrays.deepToString(weight) + Arrays.toString(bias)),
                blocks,
                own -> on(projection(
                        own.create(Matrices.floats(weight), new Shape(d, d)),
                        own.create(Matrices.floats(new double[][] {bias})))));
    }

    private Network on(Map<String, NDArray> others) {
        return architecture.network().apply(network.tensors().with(others), Dropout.NONE);
    }

    /** The linear layer behind the final norm, and one behind that, in one. */
    private Map<String, NDArray> projection(NDArray weight, NDArray bias) {
        var own = network.tensors();
        boolean none = !own.has(Network.PROJECTION_WEIGHT);
        return Map.of(
                Network.PROJECTION_WEIGHT,
                none ? weight : weight.matMul(own.get(Network.PROJECTION_WEIGHT)),
                Network.PROJECTION_BIAS,
                none ? bias : weight.matMul(own.get(Network.PROJECTION_BIAS)).addi(bias));
    }

    /**
     * A model with Gaussian noise on every matrix of the blocks. Norms, biases, embeddings, {@code Φ} and a linear layer behind the
     * final norm are this model's; projections that read the same input count as one matrix. It shares what is the same:
     * close it first.
     *
     * @param size standard deviation of the noise relative to the root mean square of the matrix
     * @param seed of the noise; with the same seed, noise of another size is the same but for its size
     * @throws IllegalArgumentException if the size is negative or not finite
     */
    public LanguageModel withNoise(double size, long seed) {
        if (!(size >= 0) || Double.isInfinite(size)) {
            throw new IllegalArgumentException("Noise of relative size " + size + ": it must be finite, at least 0");
        }
        return derived(name + " with noise " + size, Sha256.of(sha256 + " noise " + size + " " + seed), blocks, own -> {
            var matrices = architecture.upper(0, blocks).stream()
                    .filter(parameter -> parameter.shape().length == 2)
                    .map(Parameter::name)
                    .collect(Collectors.toSet());
            ai.djl.engine.Engine.getInstance().setRandomSeed(Long.hashCode(seed));
            var noisy = network.tensors()
                    .map((parameter, values) -> matrices.contains(parameter) ? noisy(own, values, size) : values);
            return architecture.network().apply(noisy, Dropout.NONE);
        });
    }

    private static NDArray noisy(NDManager own, NDArray values, double size) {
        try (var scope = own.newSubManager()) {
            double rootMeanSquare;
            try (var square = values.square();
                    var mean = square.mean()) {
                rootMeanSquare = Math.sqrt(mean.getFloat());
            }
            var noise = scope.randomNormal(values.getShape()).muli(size * rootMeanSquare);
            noise.addi(values).attach(own);
            return noise;
        }
    }

    private void requireBlock(int count) {
        if (count < 0 || count > blocks()) {
            throw new IllegalArgumentException("After block " + count + " of " + blocks());
        }
    }

    private static int longest(List<Reading> readings) {
        return readings.stream().mapToInt(reading -> reading.ids().length).max().orElseThrow();
    }

    /** {@code B×L}; padding stands behind the text: no earlier position sees it. */
    private NDArray ids(NDManager pass, List<Reading> readings, int length) {
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
        return pass.create(ids, new Shape(readings.size(), length));
    }

    private NDArray select(NDArray states, List<Reading> readings, int length) {
        var rows = LongStream.builder();
        for (int row = 0; row < readings.size(); row++) {
            for (int position : readings.get(row).positions()) {
                rows.add((long) row * length + position);
            }
        }
        return states.reshape(-1, dimension())
                .get(states.getManager().create(rows.build().toArray()));
    }

    private void requireFinite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new UnsupportedModelException("The model " + name + " computes the state " + value
                        + ": its weights overflow, or the file is damaged");
            }
        }
    }

    private List<float[][]> split(float[] values, List<Reading> readings) {
        int d = dimension(), at = 0;
        requireFinite(values);
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

    /** What it is and how large, for a reader. */
    @Override
    public Map<String, String> facts() {
        var facts = new LinkedHashMap<String, String>();
        facts.put("name", name);
        facts.put("family", architecture.family());
        facts.put("blocks", String.valueOf(blocks()));
        facts.put("d", String.format(Locale.ROOT, "%,d", dimension()));
        facts.put("V", String.format(Locale.ROOT, "%,d", vocabularySize()));
        long parameters = architecture.parameters(blocks).stream()
                .mapToLong(each -> LongStream.of(each.shape()).reduce(1, (a, b) -> a * b))
                .sum();
        facts.put("parameters", String.format(Locale.ROOT, "%,d", parameters));
        if (!source.isEmpty()) {
            facts.put("stored as", storedAs);
            facts.put("from", source);
        }
        facts.put("longest context", String.format(Locale.ROOT, "%,d tokens", maximumLength()));
        facts.put("SHA-256", sha256);
        facts.put("state", manager.isOpen() ? "open" : "closed");
        return facts;
    }

    @Override
    public String toString() {
        return Described.text(this);
    }

    @Override
    public void close() {
        manager.close();
        if (ownsTokenizer) {
            tokenizer.close();
        }
    }
}
