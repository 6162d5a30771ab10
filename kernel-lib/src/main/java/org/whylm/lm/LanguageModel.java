package org.whylm.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
     * Hidden states after the final norm. Sequences of like lengths go through the network together, at most 512 tokens on each thread of
     * the engine: give some thousand tokens at a time.
     *
     * @return for each reading, in order, its states: {@code positions×d}
     * @throws IllegalArgumentException if a sequence is longer than {@link #maximumLength()} or has an id outside the vocabulary
     */
    public List<float[][]> hiddenStates(List<Reading> readings) {
        requireReadable(readings);
        var states = Arrays.asList(new float[readings.size()][][]);
        inParts(readings, (pass, places, part) -> {
            var read = network.blocks(network.embed(part.ids(pass)), 0, blocks, part.reader(pass));
            put(states, places, split(part, network.f(read)));
        });
        return states;
    }

    /**
     * The states behind several blocks, before any final norm, from one pass over all sequences; {@link #f(float[][])} of a model
     * that is {@link #cutAfter cut} there goes on from them.
     *
     * @param blocks after how many blocks, each from 0 (what the first block reads) to {@link #blocks()}
     * @param readings of any lengths, as of {@link #hiddenStates}
     * @return for each of {@code blocks}, for each reading, in order, its states: {@code positions×d}
     * @throws IllegalArgumentException if there are not so many blocks, a sequence is longer than {@link #maximumLength()}, or an
     *     id is outside the vocabulary
     */
    public List<List<float[][]>> statesAfter(List<Integer> blocks, List<Reading> readings) {
        blocks.forEach(this::requireBlock);
        requireReadable(readings);
        var after = new TreeMap<Integer, List<float[][]>>();
        blocks.forEach(block -> after.put(block, Arrays.asList(new float[readings.size()][][])));
        inParts(readings, (pass, places, part) -> {
            var read = part.reader(pass);
            var states = network.embed(part.ids(pass));
            int done = 0;
            for (int block : after.keySet()) {
                boolean last = block == after.lastKey();
                states = last ? network.blocks(states, done, block, read) : network.blocks(states, done, block);
                put(after.get(block), places, split(part, last ? states : read.apply(states)));
                done = block;
            }
        });
        return blocks.stream().map(after::get).toList();
    }

    /**
     * {@code f} from the states that a block reads, as {@link #statesAfter} gives them, perhaps of a model with other blocks above.
     *
     * @param block index of the block, from 0
     * @param states of each sequence, {@code L×d}
     * @param positions where to read each sequence
     * @return for each sequence, in order, {@code positions×d}
     * @throws IllegalArgumentException if there is no such block or position
     */
    public List<float[][]> hiddenStatesFrom(int block, List<float[][]> states, List<int[]> positions) {
        requireBlock(block);
        var readings = IntStream.range(0, states.size())
                .mapToObj(at -> new Reading(new int[states.get(at).length], positions.get(at)))
                .toList();
        var f = Arrays.asList(new float[readings.size()][][]);
        inParts(readings, (pass, places, part) -> {
            var own = places.stream().map(states::get).toList();
            var read = network.blocks(part.states(pass, own, dimension()), block, blocks, part.reader(pass));
            put(f, places, split(part, network.f(read)));
        });
        return f;
    }

    /** Work on readings of like lengths: the memory of their pass, their places among all, and they. */
    private interface PartOfReadings {
        void read(NDManager pass, List<Integer> places, Padded part);
    }

    /**
     * Parts side by side, on as many threads as the engine has; those that are left over, too few for that, and sequences that are longer than
     * a part one after the other on all threads. Parts are the same on any number of threads; a GPU takes larger ones.
     */
    private void inParts(List<Reading> readings, PartOfReadings work) {
        int threads = Engine.threads(), tokens = Engine.hasGpu() ? 2 * TokenBatches.TOKENS : TokenBatches.TOKENS;
        var parts =
                TokenBatches.of(readings.size(), index -> readings.get(index).length(), tokens);
        int whole = (int) parts.stream()
                .takeWhile(part -> readings.get(part.get(0)).length() <= tokens)
                .count();
        int over = whole % threads, together = over > threads / 2 ? whole : whole - over;
        IntFunction<Void> read = at -> {
            var places = parts.get(at);
            try (var pass = scope()) {
                work.read(
                        pass,
                        places,
                        Padded.of(places.stream().map(readings::get).toList()));
            }
            return null;
        };
        Engine.sideBySide(together, read);
        IntStream.range(together, parts.size()).forEach(read::apply);
    }

    private static void put(List<float[][]> all, List<Integer> places, List<float[][]> some) {
        for (int i = 0; i < places.size(); i++) {
            all.set(places.get(i), some.get(i));
        }
    }

    private void requireReadable(List<Reading> readings) {
        for (var reading : readings) {
            var ids = reading.ids();
            if (ids.length > maximumLength()) {
                throw new IllegalArgumentException("A sequence has " + ids.length + " tokens, " + name
                        + " takes at most " + maximumLength() + ": truncate it");
            }
            for (int position = 0; position < ids.length; position++) {
                if (ids[position] < 0 || ids[position] >= vocabularySize()) {
                    throw new IllegalArgumentException("Token id " + ids[position] + " at position " + position
                            + " is outside the vocabulary of " + vocabularySize() + " words");
                }
            }
        }
    }

    private List<float[][]> split(Padded part, NDArray read) {
        var states = part.split(read.toFloatArray(), dimension());
        states.stream().flatMap(Arrays::stream).forEach(this::requireFinite);
        return states;
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

    private void requireFinite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new UnsupportedModelException("The model " + name + " computes the state " + value
                        + ": its weights overflow, or the file is damaged");
            }
        }
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
